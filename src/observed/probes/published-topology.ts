import { hashOf } from '../../base/hash.ts'
import { textAnswer, unreadable } from '../answer.ts'
import type { PublishedTopology } from '../../domain/published.ts'
import type { Probe } from '../probe.ts'

/** To be raised when topologies are understood in another way: one that was stored is then read anew. */
const reading = 1

export const publishedTopologyProbe: Probe<'publishedTopology'> = {
  source: 'Get-CsTopology',
  everySeconds: 300,
  deadlineSeconds: 180,
  atOnce: 'shell-first',
  subjects: ({ deployment }) => [deployment.name],
  async look(_subject, { drivers }, signal, before) {
    const text = textAnswer(await drivers.probeShell.call('published-topology', { AsXml: true }, signal))
    if (text.trim() === '') throw unreadable('it is empty')
    const signature = hashOf([reading, text])
    return before?.signature === signature ? before : { signature, topology: await readPublishedTopology(text) }
  },
  essence: ({ signature }) => signature,
}

/** Throws a Problem (`topology-...`) for a text that is no topology. */
async function readPublishedTopology(text: string): Promise<PublishedTopology> {
  const [{ readTopology }, { interpret }] = await Promise.all([
    import('../../topology/read.ts'),
    import('../../topology/interpret.ts'),
  ])
  const { topology } = interpret(await readTopology(Buffer.from(text)))
  const { sipDomains, product, centralManagementStore, pools, sqlStores, fileStores, hosts } = topology
  return { sipDomains, product, centralManagementStore, pools, sqlStores, fileStores, hosts }
}
