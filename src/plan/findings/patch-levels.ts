import { foldSubject, sameSubject } from '../../domain/subject.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import { isUntoldOfAll } from './untold.ts'
import { isLostThing } from './lost.ts'
import type { FindingRule } from './rule.ts'

/** Members of one pool that are patched differently; a server that told no level is not judged. */
export const unequalPatchLevels: FindingRule = {
  codes: ['patch-levels-differ'],
  find,
  isDark,
}

function find({ desired, observed }: Digest): Fresh<Finding>[] {
  const levels = levelsOf({ desired, observed })
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

/** The level of each server that told one, by folded name. */
function levelsOf({ desired, observed }: Pick<Digest, 'desired' | 'observed'>): ReadonlyMap<string, string> {
  const fact = observed.facts.patchLevels.get(desired.deployment.name)
  return new Map(fact?.known ? fact.value.servers.map(({ fqdn, version }) => [foldSubject(fqdn), version]) : [])
}

/** One member that told nothing may be the one that differs. */
function isDark({ subject }: Finding, digest: Digest): boolean {
  const pool = digest.desired.pools.find(({ fqdn }) => sameSubject(fqdn, subject))
  if (!pool) return false
  if (isUntoldOfAll('patchLevels', digest)) return true
  const levels = levelsOf(digest)
  return (
    levels.size > 0 && pool.servers.some((server) => !levels.has(foldSubject(server)) && !isLostThing(server, digest))
  )
}
