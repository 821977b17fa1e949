import type { Pool } from '../../domain/model.ts'
import { onceFor } from '../../base/once-for.ts'
import { foldSubject, sameSubject } from '../../domain/subject.ts'
import type { Finding } from '../../domain/statement.ts'
import { isLost } from '../health/classes.ts'
import { servicesOf } from '../health/roles.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import type { FindingRule } from './rule.ts'
import { quorumOf } from '../../domain/quorum.ts'

/** A pool below quorum is one incident. */
export const belowQuorum: FindingRule = {
  codes: ['pool-below-quorum'],
  find: (digest) => poolsBelowQuorum(digest).map(quorumFinding),
  isDark: ({ subject }, { desired, classes }) =>
    desired.pools.some(
      ({ fqdn, servers }) =>
        sameSubject(fqdn, subject) &&
        servers.some((server) => classes.hosts.get(foldSubject(server))?.class === 'unknown'),
    ),
}

/** A pool that cannot stay up. */
export interface BelowQuorum {
  pool: Pool
  /** Folded. */
  members: readonly string[]
  running: number
  needed: number
}

/** Front End pools that cannot stay up, by members that surely do not run. A pool that is lost as a whole is flagged instead. */
export const poolsBelowQuorum = onceFor(({ desired, classes, incidents }: Digest): BelowQuorum[] =>
  desired.pools.flatMap((pool) => {
    const quorum = pool.type === 'front-end' && pool.servers.length > 1 ? quorumOf(pool.servers.length) : null
    if (!quorum || incidents.pools.has(foldSubject(pool.fqdn))) return []
    const members = pool.servers.map(foldSubject)
    const running = members.slice(0, quorum.voters).filter((member) => !isDown(member, classes)).length
    return running < quorum.needed ? [{ pool, members, running, needed: quorum.needed }] : []
  }),
)

/** Services without which a member does not vote. */
const voting = new Set((servicesOf['front-end']?.confirmed ?? []).map((name) => name.toLowerCase()))

/** Lost, or without the services that make it a voter. What cannot be told is counted as running. */
function isDown(member: string, { hosts, scene }: Digest['classes']): boolean {
  if (isLost(hosts.get(member))) return true
  const services = scene.sights.of('services', member)
  if (services.state !== 'seen') return false
  return services.value.services.some(({ name, status }) => status !== 'Running' && voting.has(name.toLowerCase()))
}

function quorumFinding({ pool, running, needed }: BelowQuorum): Fresh<Finding> {
  return {
    code: 'pool-below-quorum',
    severity: 'error',
    subject: pool.fqdn,
    desired: `${needed} of its voting members run`,
    observed: `${running} run`,
    message: `Of the voting members of ${pool.fqdn} ${running} run and ${needed} must: the others stop by themselves.`,
  }
}
