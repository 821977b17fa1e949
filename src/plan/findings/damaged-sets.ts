import type { SetSummary } from '../../domain/backup-set.ts'
import { believableUntil } from '../../domain/clock-skew.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Digest } from '../digest.ts'
import { completeSets, damagedSets as damagedIn } from '../selections.ts'
import type { Fresh } from '../standing.ts'
import type { FindingRule } from './rule.ts'

/** Sets that a check found damaged, until a whole complete set of their policy was started after that. */
export const damagedSets: FindingRule = {
  codes: ['set-damaged'],
  find: (digest) =>
    damagedIn(digest.observed.sets)
      .filter((set) => !isMadeGood(set, digest))
      .map(damagedSet),
}

function isMadeGood({ policy, startedAt, damagedAt = startedAt }: SetSummary, digest: Digest): boolean {
  const limit = believableUntil(digest.now)
  return completeSets(digest.setsOf(policy)).some((set) => set.startedAt > damagedAt && set.startedAt <= limit)
}

function damagedSet({ id }: SetSummary): Fresh<Finding> {
  return {
    code: 'set-damaged',
    severity: 'error',
    subject: id,
    desired: 'as it was written',
    observed: 'damaged',
    message: `A check found ${id} damaged; the damaged items no longer count as copies.`,
  }
}
