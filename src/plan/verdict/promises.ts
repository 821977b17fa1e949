import type { BackupPolicy } from '../../domain/model.ts'
import type { Snapshot } from '../../domain/plan.ts'
import type { Condition } from '../../domain/statement.ts'
import { sameSubject } from '../../domain/subject.ts'
import { weighed, type Weighed } from './reasons.ts'

type Weight = Pick<Weighed, 'state' | 'code'>

/**
 * What a promise that is not kept means. Left out: what another statement says better (a location by its finding, and
 * with it all that stands there), and what nobody configured.
 */
const weights: Readonly<Record<string, Weight>> = {
  'SourceFresh Unreachable': { state: 'attention', code: 'source-unreachable' },
  'SourceValid Invalid': { state: 'attention', code: 'desired-state-invalid' },
  'LocationReady NotSeen': { state: 'unknown', code: 'location-not-seen' },
  'BackupCurrent NeverBackedUp': { state: 'not-ok', code: 'never-backed-up' },
  'BackupCurrent ItemsMissing': { state: 'not-ok', code: 'recovery-point-missing' },
  'BackupCurrent ObjectiveMissed': { state: 'not-ok', code: 'objective-missed' },
  'BackupCurrent LastRunFailed': { state: 'attention', code: 'run-failed' },
  'BackupCurrent LastRunSuspect': { state: 'attention', code: 'run-failed' },
  'BackupCurrent SlotMissed': { state: 'attention', code: 'slot-missed' },
  'Verified Damaged': { state: 'not-ok', code: 'set-damaged' },
  'Verified Overdue': { state: 'attention', code: 'set-not-verified' },
  'Verified NotVerified': { state: 'attention', code: 'set-not-verified' },
  'Restorable NotTested': { state: 'attention', code: 'restore-not-tested' },
  'Restorable Overdue': { state: 'attention', code: 'restore-not-tested' },
}

/** Conditions that are not true, as reasons. */
export function promiseReasons({ plan, desired }: Snapshot): Weighed[] {
  return plan.conditions.flatMap((condition) => {
    const weight = weights[`${condition.type} ${condition.reason}`]
    if (condition.status === 'true' || !weight || isUnasked(condition, desired.policies)) return []
    return [weighed(weight.state, weight.code, condition.subject, condition.message)]
  })
}

/** A proof that nobody configured does not lower the verdict. */
function isUnasked({ type, subject, reason }: Condition, policies: readonly BackupPolicy[]): boolean {
  if (type === 'SourceVerified') return reason === 'NotChecked'
  const policy = policies.find(({ name }) => sameSubject(name, subject))
  return type === 'Restorable' && reason === 'NotTested' && policy?.verification.restoreTest === null
}
