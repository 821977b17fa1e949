import type { Pool } from '../../domain/model.ts'
import { onceFor } from '../../base/once-for.ts'
import { foldSubject } from '../../domain/subject.ts'
import type { Finding } from '../../domain/statement.ts'
import { isLost } from '../health/classes.ts'
import { servicesOf } from '../health/roles.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import type { Told } from './rule.ts'
import { quorumOf } from '../health/quorum.ts'

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

/** A pool below quorum is one incident. */
export function quorumFindings(digest: Digest): Told {
  const { desired, classes } = digest
  const isUnknown = (server: string): boolean => classes.hosts.get(foldSubject(server))?.class === 'unknown'
  return {
    codes: ['pool-below-quorum'],
    found: poolsBelowQuorum(digest).map(quorumFinding),
    dark: new Set(desired.pools.filter(({ servers }) => servers.some(isUnknown)).map(({ fqdn }) => foldSubject(fqdn))),
  }
}

/** What the routing groups of a pool lack; nothing where the pool is down or lost, which says it all. */
export function fabricFindings(digest: Digest): Told {
  const { desired, classes, incidents } = digest
  const quiet = new Set([
    ...poolsBelowQuorum(digest).map(({ pool }) => foldSubject(pool.fqdn)),
    ...incidents.pools.keys(),
  ])
  const pools = desired.pools
    .filter(({ fqdn }) => !quiet.has(foldSubject(fqdn)))
    .map((pool) => ({ pool, sight: classes.scene.sights.of('fabric', pool.fqdn) }))
  return {
    codes: ['fabric-incomplete'],
    found: pools.flatMap(({ pool, sight }) => (sight.state === 'seen' ? fabricFinding(pool, sight.value, digest) : [])),
    dark: new Set(pools.flatMap(({ pool, sight }) => (sight.state === 'seen' ? [] : [foldSubject(pool.fqdn)]))),
  }
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

/** Missing secondaries are expected while a member is out; a group without a primary serves nobody. */
function fabricFinding(
  { fqdn, servers }: Pool,
  {
    routingGroups,
    withoutPrimary,
    withoutSecondary,
  }: { routingGroups: number; withoutPrimary: number; withoutSecondary: number },
  { classes }: Digest,
): Fresh<Finding>[] {
  const isWhole = servers.every((server) => classes.hosts.get(foldSubject(server))?.class === 'healthy')
  if (withoutPrimary === 0 && (withoutSecondary === 0 || !isWhole)) return []
  return [
    {
      code: 'fabric-incomplete',
      severity: withoutPrimary > 0 ? 'error' : 'warning',
      subject: fqdn,
      desired: 'a primary and a secondary replica for each routing group',
      observed: `of ${routingGroups} routing groups ${withoutPrimary} without primary, ${withoutSecondary} without secondary`,
      message: `Users of ${withoutPrimary > 0 ? 'routing groups without a primary replica are not served' : 'some routing groups have no second copy of their data'}.`,
    },
  ]
}
