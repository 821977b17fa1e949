import { Resolver } from 'node:dns/promises'
import { Problem, systemCode } from '../../base/problem.ts'
import { untilAborted } from '../deadline.ts'

/** The time of one question to one server, and how often each is asked. */
const patience = { timeout: 3_000, tries: 2 }

/** The name exists not, or has no record of that type. Everything else means that nobody knows. */
const nothing = new Set(['ENOTFOUND', 'ENODATA'])

/**
 * Asks the given servers (`address` or `address:port`; none: those of the system). A: addresses of IPv4 and IPv6; SRV:
 * `priority weight port target`. Sorted, empty when there is none. Throws `dns-failed` when that cannot be found out.
 */
export async function resolveName(
  servers: readonly string[],
  name: string,
  type: 'A' | 'SRV',
  signal: AbortSignal,
): Promise<readonly string[]> {
  const resolver = new Resolver(patience)
  const cancel = (): void => resolver.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  try {
    if (servers.length > 0) resolver.setServers(servers)
    const answers = type === 'A' ? addresses(resolver, name) : services(resolver, name)
    return (await untilAborted(answers, signal)).sort()
  } catch (thrown) {
    signal.throwIfAborted()
    throw failed(servers, name, thrown)
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

async function addresses(resolver: Resolver, name: string): Promise<string[]> {
  const both = await Promise.all([orNothing(resolver.resolve4(name)), orNothing(resolver.resolve6(name))])
  return both.flat()
}

async function services(resolver: Resolver, name: string): Promise<string[]> {
  const records = await orNothing(resolver.resolveSrv(name))
  return records.map(
    ({ priority, weight, port, name: target }) =>
      `${priority} ${weight} ${port} ${target.replace(/\.$/, '').toLowerCase()}`,
  )
}

async function orNothing<T>(question: Promise<T[]>): Promise<T[]> {
  try {
    return await question
  } catch (thrown) {
    if (nothing.has(systemCode(thrown) ?? '')) return []
    throw thrown
  }
}

function failed(servers: readonly string[], name: string, thrown: unknown): Problem {
  const asked = servers.length > 0 ? servers.join(', ') : 'the servers of the system'
  const reason = systemCode(thrown) ?? (thrown instanceof Error ? thrown.message : String(thrown))
  return new Problem('dns-failed', {
    subject: name,
    message: `No usable answer for ${name} from ${asked} (${reason}).`,
    hint: 'Check dns.servers in holdfast.yaml and that they can be reached; nslookup asks the same.',
    cause: thrown,
  })
}
