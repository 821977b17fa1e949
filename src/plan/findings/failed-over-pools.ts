import { homesUsers } from '../../domain/inventory.ts'
import { servedBy, stateIn } from '../../domain/pool-state.ts'
import { sameSubject } from '../../domain/subject.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import { isUntoldOfAll } from './untold.ts'
import type { FindingRule } from './rule.ts'

/** Pools whose users work on their backup pool: what they hold themselves grows old (domain reference, section 6.14). */
export const failedOverPools: FindingRule = {
  codes: ['pool-failed-over'],
  find,
  isDark,
}

function find({ desired, observed }: Digest): Fresh<Finding>[] {
  const seen = observed.facts.poolStates.get(desired.deployment.name)
  if (!seen?.known) return []
  return desired.pools.filter(homesUsers).flatMap(({ fqdn, pairedWith }) => {
    const state = stateIn(seen.value, fqdn)
    if (state === null || servedBy(state) !== 'partner') return []
    return [
      {
        code: 'pool-failed-over',
        severity: 'warning',
        subject: fqdn,
        desired: 'Active',
        observed: state,
        message: `Its users work on ${pairedWith ?? 'its backup pool'}. What it holds itself does not change meanwhile: its export is no recovery point until Invoke-CsPoolFailback has ended.`,
      },
    ]
  })
}

function isDark({ subject }: Finding, digest: Digest): boolean {
  return digest.desired.pools.some(({ fqdn }) => sameSubject(fqdn, subject)) && isUntoldOfAll('poolStates', digest)
}
