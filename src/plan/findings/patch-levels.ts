import { foldSubject } from '../../domain/subject.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'

/** Members of one pool that are patched differently; a server that told no level is not judged. */
export function patchLevelDrift({ desired, observed }: Digest): Fresh<Finding>[] {
  const fact = observed.facts.patchLevels.get(desired.deployment.name)
  if (!fact?.known) return []
  const levels = new Map(fact.value.servers.map(({ fqdn, version }) => [foldSubject(fqdn), version]))
  return desired.pools.flatMap(({ fqdn, servers }) => {
    const told = servers.flatMap((server) => {
      const version = levels.get(foldSubject(server))
      return version === undefined ? [] : [{ server, version }]
    })
    if (new Set(told.map(({ version }) => version)).size < 2) return []
    return [
      {
        code: 'patch-levels-differ',
        severity: 'warning' as const,
        subject: fqdn,
        desired: 'one patch level in the pool',
        observed: told.map(({ server, version }) => `${server}: ${version}`).join(', '),
        message:
          'Its members are patched differently: which level a rebuilt member needs before its data come back is then a guess.',
      },
    ]
  })
}
