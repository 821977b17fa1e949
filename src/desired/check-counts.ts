import { limits, tooLarge } from './limits.ts'
import { kinds, type Kind, type Resources } from './resources.ts'
import { allHosts } from './topology.ts'

/** What is bounded by the number of hosts, and of documents. */
const topology: readonly Kind[] = ['Pool', 'SqlStore', 'FileStore']

/** Every pass goes through all of these: throws Problem `desired-state-too-large` for more than any deployment has. */
export function checkCounts(resources: Resources): void {
  const hosts = new Set(allHosts(resources).map((host) => host.toLowerCase()))
  if (hosts.size > limits.hosts)
    throw tooLarge('.', `${hosts.size} servers are named, and ${limits.hosts} are allowed.`)
  for (const kind of kinds.filter((one) => !topology.includes(one))) {
    const [count, first] = [resources.all(kind).length, resources.all(kind)[limits.intents]]
    if (first) throw tooLarge(first.at([]).file, `${count} are of kind ${kind}, and ${limits.intents} are allowed.`)
  }
}
