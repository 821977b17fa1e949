import { formatDuration } from '../../base/units.ts'
import type { BackupPolicy } from '../../domain/model.ts'
import { longestGap } from '../../domain/schedule.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Fresh } from '../standing.ts'
import type { FindingRule } from './rule.ts'

/** A day of 25 hours, when summer time ends, is no fault of a schedule. */
const daylightSavingSeconds = 3600

/** Told in advance: even when every run succeeds, copies become older than the objective allows. */
export const objectiveOutOfReach: FindingRule = {
  codes: ['objective-out-of-reach'],
  find: ({ desired }) => desired.policies.flatMap(find),
}

function find(policy: BackupPolicy): Fresh<Finding>[] {
  const objective = policy.recoveryPointObjectiveSeconds
  const gap = longestGap(policy)
  if (objective === null || gap === null || gap - daylightSavingSeconds <= objective) return []
  return [
    {
      code: 'objective-out-of-reach',
      severity: 'warning',
      subject: policy.name,
      desired: `an ok copy at most ${formatDuration(objective)} old`,
      observed: `up to ${formatDuration(gap)} between two slots`,
      message: `The schedule leaves up to ${formatDuration(gap)} between two runs; the objective is ${formatDuration(objective)}.`,
    },
  ]
}
