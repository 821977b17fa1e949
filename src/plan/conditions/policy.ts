import { oneLine } from '../../base/text.ts'
import { addSeconds, type Time } from '../../base/time.ts'
import { formatDuration } from '../../base/units.ts'
import type { LocationFault } from '../../domain/location-faults.ts'
import type { BackupPolicy } from '../../domain/model.ts'
import { isBeyond, isWholeAndComplete, newest } from '../../domain/recovery-point.ts'
import { isWithinWindow, lastSlot, startOfRun } from '../../domain/schedule.ts'
import { itemKey } from '../../domain/subject.ts'
import type { ConditionType, Item } from '../../domain/words.ts'
import type { ConditionState } from './state.ts'
import type { Digest } from '../digest.ts'
import { provedAt } from '../due/verify.ts'
import { owed } from '../due/owed.ts'
import { isCovered, isFor, triesOf } from '../due/tries.ts'
import { currentFlaws } from '../flaws.ts'
import { restorable } from './restorable.ts'

const types = ['BackupCurrent', 'Verified', 'Restorable'] as const

/** The promises about a policy: it has copies that are new enough, they are proved, and they can be restored. */
export function policyConditions(
  policy: BackupPolicy,
  digest: Digest,
): { type: ConditionType; state: ConditionState }[] {
  const fault = digest.hidden(policy.location.name)
  if (fault !== null) return types.map((type) => ({ type, state: unseen(policy, fault) }))
  return [
    { type: 'BackupCurrent', state: backupCurrent(policy, digest) },
    { type: 'Verified', state: verified(policy, digest) },
    { type: 'Restorable', state: restorable(policy, digest) },
  ]
}

/** What rests on something that cannot be seen is unknown, never as good as it last was (design, invariant 14). */
function unseen({ name, location }: BackupPolicy, { code }: LocationFault): ConditionState {
  return {
    status: 'unknown',
    reason: 'LocationUnseen',
    message: `The sets of ${name} on ${location.name} cannot be seen now [${code}].`,
  }
}

function backupCurrent(policy: BackupPolicy, digest: Digest): ConditionState {
  const { now, usable } = digest
  const items = digest.required(policy)
  const missing = items.filter((item) => !usable.has(itemKey(item)))
  const elsewhere = items.find((item) => digest.hidden(usable.get(itemKey(item))?.location ?? '') !== null)
  if (elsewhere)
    return {
      status: 'unknown',
      reason: 'LocationUnseen',
      message: `The newest ok copy of ${listed([elsewhere])} stands on a location that cannot be seen now.`,
    }
  if (missing.length > 0 && missing.length === items.length)
    return { status: 'false', reason: 'NeverBackedUp', message: 'No item has an ok copy yet.' }
  if (missing.length > 0)
    return { status: 'false', reason: 'ItemsMissing', message: `Without any ok copy: ${listed(missing)}.` }
  const objective = policy.recoveryPointObjectiveSeconds
  const late = items.filter((item) => {
    const copy = usable.get(itemKey(item))
    return copy !== undefined && isBeyond(copy, objective, now)
  })
  if (objective !== null && late.length > 0)
    return {
      status: 'false',
      reason: 'ObjectiveMissed',
      message: `The newest ok copy is older than ${formatDuration(objective)}: ${listed(late)}.`,
    }
  return lastRun(policy, digest) ?? { status: 'true', reason: 'Current', message: currentMessage(objective) }
}

function currentMessage(objective: number | null): string {
  return objective === null
    ? 'Every item has an ok copy.'
    : `Every item has an ok copy that is not older than ${formatDuration(objective)}.`
}

/** What speaks against the newest slot; null when its set is made, or still may be. */
function lastRun(policy: BackupPolicy, digest: Digest): ConditionState | null {
  const slot = lastSlot(policy, digest.now)
  if (slot === null || isCovered(policy, slot, digest)) return null
  const last = triesOf(policy, slot, digest).at(-1)
  if (last) {
    const isOver = owed(policy, isFor(slot, digest), digest).items.length === 0
    if (isOver && !hasSuspect(policy, digest)) return null // what had failed came in parts
    return {
      status: 'false',
      reason: isOver ? 'LastRunSuspect' : 'LastRunFailed',
      message: `The run for the slot of ${slot} made no complete set: ${whyNot(policy, slot, digest) ?? last.outcome}.`,
    }
  }
  const isMissed = digest.now > startOfRun(policy, slot) && !isWithinWindow(policy, slot, digest.now)
  if (!isMissed || digest.inFlight('create-backup-set', policy.name) || policy.schedule.catchUp) return null
  return { status: 'false', reason: 'SlotMissed', message: `No run was made for the slot of ${slot}.` }
}

function hasSuspect(policy: BackupPolicy, digest: Digest): boolean {
  const required = new Set(digest.required(policy).map(itemKey))
  return currentFlaws(digest).some(({ item }) => item.outcome === 'suspect' && required.has(itemKey(item)))
}

function verified(policy: BackupPolicy, digest: Digest): ConditionState {
  const sets = digest.setsOf(policy.name)
  const last = newest(sets, digest.now, (set) => isWholeAndComplete(set) || (set.whole && set.state === 'damaged'))
  if (last === null) return { status: 'unknown', reason: 'NoCompleteSet', message: 'There is no complete set yet.' }
  if (last.state === 'damaged')
    return {
      status: 'false',
      reason: 'Damaged',
      message: `${last.id}, the newest set that was complete, was found damaged.`,
    }
  const { onCreate, everyDays } = policy.verification
  const at = provedAt(last, onCreate)
  if (at === null)
    return {
      status: 'unknown',
      reason: 'NotVerified',
      message: `${last.id} was not verified at level ${onCreate} yet.`,
    }
  if (everyDays !== null && at < addSeconds(digest.now, -(everyDays + 1) * 86_400))
    return {
      status: 'false',
      reason: 'Overdue',
      message: `${last.id} was not verified within ${everyDays} days.`,
    }
  return { status: 'true', reason: 'Verified', message: `${last.id} was verified at level ${onCreate}.` }
}

/** What the newest run for the slot said of itself; null: nothing. */
function whyNot(policy: BackupPolicy, slot: Time, digest: Digest): string | null {
  const attempts = digest.attempts('create-backup-set', policy.name).filter((attempt) => attempt.slot === slot)
  const said = attempts.at(-1)?.message ?? null
  return said && oneLine(said, longestReason).replace(/\.$/, '')
}

const longestReason = 300

const itemsShown = 5

function listed(items: readonly Item[]): string {
  const shown = items.slice(0, itemsShown).map(({ kind, subject }) => `${kind} of ${subject}`)
  const more = items.length - shown.length
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ')
}
