import { nextAttemptAt } from '../../base/retry.ts'
import type { Time } from '../../base/time.ts'
import type { BackupPolicy } from '../../domain/model.ts'
import { believableUntil } from '../../domain/clock-skew.ts'
import type { Attempt } from '../../domain/action.ts'
import type { SetSummary } from '../../domain/backup-set.ts'
import { compareText } from '../../base/text.ts'
import type { Digest } from '../digest.ts'
import { countedSets, setsBySlot } from '../selections.ts'

/** A run for a slot that did not end in a complete set. */
export interface Try {
  endedAt: Time
  /** `suspect`: everything was taken, but what came looks wrong; trying again would bring the same. */
  outcome: 'failed' | 'interrupted' | 'suspect'
}

/**
 * A slot is done when a complete set was made for it, or a whole one that started after it. A set that was found damaged
 * later was complete: its slot is not run again. `null`: the slot of a schedule that never fell due.
 */
export function isCovered(policy: BackupPolicy, slot: Time | null, digest: Digest): boolean {
  return madeFor(policy, slot, digest).some(isWholeAndEnded)
}

/** The damaged sets that a slot was done by; empty when a complete one covers it too. */
export function spoilt(policy: BackupPolicy, slot: Time | null, digest: Digest): SetSummary[] {
  const covering = madeFor(policy, slot, digest).filter(isWholeAndEnded)
  return covering.some(({ state }) => state === 'complete') ? [] : covering
}

/** The sets that were made for a slot or after it: of all sets, newest first, only the first few are looked at. */
function madeFor(policy: BackupPolicy, slot: Time | null, digest: Digest): SetSummary[] {
  const sets = digest.setsOf(policy.name)
  if (slot === null) return sets.filter(isFor(slot, digest))
  const older = sets.findIndex(({ startedAt }) => startedAt < slot)
  const since = older < 0 ? sets : sets.slice(0, older)
  const early = (setsBySlot(sets).get(slot) ?? []).filter(({ startedAt }) => startedAt < slot)
  return [...since, ...early].filter(isFor(slot, digest))
}

/** Whether a set was made for a slot, or after it. */
export function isFor(slot: Time | null, { now }: Digest): (set: SetSummary) => boolean {
  const limit = believableUntil(now)
  return ({ slot: own, startedAt }) => own === slot || ((slot === null || startedAt >= slot) && startedAt <= limit)
}

function isWholeAndEnded({ whole, state, unvouched }: SetSummary): boolean {
  return whole && !unvouched && (state === 'complete' || state === 'damaged')
}

/** Whether the policy has a set that was brought to an end, complete or not. */
export function hasCommittedSet(policy: BackupPolicy, digest: Digest): boolean {
  return countedSets(digest.setsOf(policy.name)).some(({ whole }) => whole)
}

/**
 * What was tried for a slot, oldest first: what we remember, and folders on the share that we do not (after the state
 * store was lost). A run that somebody asked for is no try of a slot.
 */
export function triesOf(policy: BackupPolicy, slot: Time | null, digest: Digest): Try[] {
  const sets = slot === null ? [] : (setsBySlot(digest.setsOf(policy.name)).get(slot) ?? [])
  const attempts = digest
    .attempts('create-backup-set', policy.name)
    .filter((attempt) => attempt.slot === slot && attempt.request === null)
  const remembered = new Set(attempts.map((attempt) => attempt.set))
  const forgotten = sets.filter(
    ({ id, state }) => !remembered.has(id) && (state === 'partial' || state === 'interrupted'),
  )
  return inOrder([
    ...triesIn(attempts, policy, digest),
    ...forgotten.map((set): Try => ({
      endedAt: set.finishedAt ?? set.startedAt,
      outcome: set.state === 'interrupted' ? 'interrupted' : isOnlySuspect(set) ? 'suspect' : 'failed',
    })),
  ])
}

/** The attempts that did not do it, as tries, oldest first. */
export function triesIn(attempts: readonly Attempt[], policy: BackupPolicy, digest: Digest): Try[] {
  const own = digest.setsOf(policy.name)
  const failed = attempts.filter(({ outcome }) => outcome !== 'done')
  return inOrder(failed.map((attempt) => ({ endedAt: attempt.endedAt, outcome: verdict(attempt, own) })))
}

function inOrder(tries: Try[]): Try[] {
  return tries.sort((a, b) => compareText(a.endedAt, b.endedAt) || compareText(a.outcome, b.outcome))
}

/** When the slot may be tried again; null: not before the next slot. An interrupted run may go on at once. */
export function retryAt(tries: readonly Try[], now: Time): Time | null {
  if (tries.length === 0) return null
  const last = tries.findLast(({ endedAt }) => endedAt <= now)
  if (last === undefined || last.outcome === 'interrupted') return now
  if (last.outcome === 'suspect') return null
  const failures = tries.filter(({ outcome }) => outcome === 'failed').map(({ endedAt }) => endedAt)
  return backoff(failures, now)
}

/**
 * When an action that failed so often may start again; null when it never failed. What a wrong clock dated into the
 * future holds nothing back.
 */
export function backoff(failures: readonly Time[], now: Time): Time | null {
  return nextAttemptAt(failures.filter((endedAt) => endedAt <= now))
}

/**
 * When what these attempts (oldest first) did not achieve may be tried again; null: at once, as after one that the end of
 * the daemon cut off.
 */
export function againAt(attempts: readonly Attempt[], now: Time): Time | null {
  const failures = attempts.filter(({ outcome }) => outcome !== 'done')
  if (failures.at(-1)?.outcome === 'interrupted') return null
  return backoff(
    failures.map(({ endedAt }) => endedAt),
    now,
  )
}

/** Its last verification could not be made, and it is too early to try again. */
export function isWaiting({ id }: Pick<SetSummary, 'id'>, digest: Digest): boolean {
  const retry = againAt(digest.attempts('verify-backup-set', id), digest.now)
  return retry !== null && retry > digest.now
}

function verdict(attempt: Attempt, sets: readonly SetSummary[]): Try['outcome'] {
  if (attempt.outcome === 'interrupted') return 'interrupted'
  const set = attempt.outcome === 'partial' ? sets.find(({ id }) => id === attempt.set) : undefined
  return set !== undefined && isOnlySuspect(set) ? 'suspect' : 'failed'
}

function isOnlySuspect({ state, flawed = [] }: SetSummary): boolean {
  return state === 'partial' && flawed.length > 0 && flawed.every(({ outcome }) => outcome === 'suspect')
}
