import type { Facts } from '../../domain/facts.ts'
import type { Pool } from '../../domain/model.ts'
import { foldSubject, sameSubject } from '../../domain/subject.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import { poolsBelowQuorum } from './quorum.ts'
import type { FindingRule } from './rule.ts'

/** What the routing groups of a pool lack; nothing where the pool is down or lost, which says it all. */
export const incompleteFabric: FindingRule = {
  codes: ['fabric-incomplete'],
  find(digest) {
    const { sights } = digest.classes.scene
    return upright(digest).flatMap((pool) => {
      const sight = sights.of('fabric', pool.fqdn)
      return sight.state === 'seen' ? fabricFinding(pool, sight.value, digest) : []
    })
  },
  isDark: ({ subject }, digest) =>
    upright(digest).some(({ fqdn }) => sameSubject(fqdn, subject)) &&
    digest.classes.scene.sights.of('fabric', subject).state !== 'seen',
}

/** The pools that are neither down nor lost. */
function upright(digest: Digest): Pool[] {
  const quiet = new Set([
    ...poolsBelowQuorum(digest).map(({ pool }) => foldSubject(pool.fqdn)),
    ...digest.incidents.pools.keys(),
  ])
  return digest.desired.pools.filter(({ fqdn }) => !quiet.has(foldSubject(fqdn)))
}

/** Missing secondaries are expected while a member is out; a group without a primary serves nobody. */
function fabricFinding(
  { fqdn, servers }: Pool,
  { routingGroups, withoutPrimary, withoutSecondary }: Facts['fabric'],
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
