import { addSeconds, type Time } from '../../base/time.ts'
import { wholeRun } from '../../domain/inventory.ts'
import type { BackupPolicy } from '../../domain/model.ts'
import { isWithinWindow, lastSlot, nextSlot, startOfRun } from '../../domain/schedule.ts'
import { isBeyond, newest } from '../../domain/recovery-point.ts'
import { itemKey, sameSubject } from '../../domain/subject.ts'
import type { Action, Request } from '../../domain/action.ts'
import type { SetSummary } from '../../domain/backup-set.ts'
import type { Digest } from '../digest.ts'
import { configurationRun } from './configuration.ts'
import { askedFor, equalRequests, type Shared } from './equal-requests.ts'
import { actionId } from './hash.ts'
import { owed, type Owed } from './owed.ts'
import { hasCommittedSet, isCovered, isFor, retryAt, spoilt, triesOf, type Try } from './tries.ts'

/** The run that a policy needs now, at most one; none while one is in flight. What somebody asked for goes first. */
export function dueBackup(policy: BackupPolicy, digest: Digest): Action | null {
  if (digest.inFlight('create-backup-set', policy.name)) return null
  const requests = digest.memory.requests.filter(
    (one) =>
      'backup' in one.wish && sameSubject(one.wish.backup, policy.name) && !digest.isKnown(manualId(policy, one)),
  )
  const [asked] = equalRequests(requests)
  if (asked) return manualRun(policy, asked, digest)
  return scheduledRun(policy, digest) ?? correctiveRun(policy, digest) ?? configurationRun(policy, digest)
}

function manualId(policy: BackupPolicy, request: Request): string {
  return actionId('create-backup-set', policy.name, ['request', request.id])
}

function manualRun(policy: BackupPolicy, asked: Shared, digest: Digest): Action {
  return run(policy, allOf(policy, digest), digest, {
    ...{ id: manualId(policy, asked.request), slot: null },
    ...askedFor(asked),
  })
}

function scheduledRun(policy: BackupPolicy, digest: Digest): Action | null {
  const slot = lastSlot(policy, digest.now)
  if (isCovered(policy, slot, digest)) return null
  const lacking = owed(policy, isFor(slot, digest), digest)
  if (lacking.items.length === 0) return null
  const tries = triesOf(policy, slot, digest)
  const reason = reasonToRun(policy, slot, tries, lacking, digest)
  if (reason === null) return null
  const id = actionId('create-backup-set', policy.name, [slot, tries.length, ...standsOn(policy, digest)])
  return run(policy, lacking, digest, { id, cause: 'scheduled', slot, reason, request: null })
}

/** What a first run stands on: on another share, and where all sets were deleted, it is another one, and due again. */
function standsOn(policy: BackupPolicy, digest: Digest): (string | null)[] {
  if (hasCommittedSet(policy, digest)) return []
  const fact = digest.observed.facts.location.get(policy.location.name)
  return [fact?.known ? (fact.value.identity?.id ?? null) : null]
}

/**
 * A slot is never run twice, so what its set lost by damage would wait for the next slot: a run is due at once, for no
 * slot. Also where every item has another ok copy: `$Backup` would name an older set for as long.
 */
function correctiveRun(policy: BackupPolicy, digest: Digest): Action | null {
  const slot = lastSlot(policy, digest.now)
  const damaged = spoilt(policy, slot, digest)
  const latest = newest(damaged, digest.now, () => true)
  if (latest === null) return null
  const lacking = owed(policy, ({ id, startedAt }) => id !== latest.id && startedAt >= latest.startedAt, digest)
  if (lacking.items.length === 0) return null
  const lost = lacking.items.filter((item) => isLacking(digest.usable.get(itemKey(item)), policy, digest))
  const [first] = lost
  const tries = triesOf(policy, null, digest)
  const at = retryAt(tries, digest.now)
  if (tries.length > 0 && (at === null || at > digest.now)) return null
  const more = lost.length > 1 ? ` and ${lost.length - 1} more` : ''
  const left = first
    ? `no ok copy that is new enough is left of ${first.kind} of ${first.subject}${more}`
    : 'no other complete set was made for its slot'
  return run(policy, lacking, digest, {
    id: actionId('create-backup-set', policy.name, ['damaged', latest.id, tries.length]),
    cause: 'corrective',
    slot: null,
    reason: `${latest.id} was found damaged, and ${left}.`,
    request: null,
  })
}

function isLacking(copy: SetSummary | undefined, policy: BackupPolicy, { now }: Digest): boolean {
  return copy === undefined || isBeyond(copy, policy.recoveryPointObjectiveSeconds, now)
}

/** Why a run may start now, for a person; null when it may not. */
function reasonToRun(
  policy: BackupPolicy,
  slot: Time | null,
  tries: readonly Try[],
  lacking: Owed,
  digest: Digest,
): string | null {
  const { now } = digest
  const last = tries.at(-1)
  if (last) {
    const at = retryOf(policy, slot, tries, lacking, digest)
    if (at === null || at > now) return null
    if (last.outcome === 'interrupted') return `The run${forSlot(slot)} was interrupted.`
    const what = lacking.whole ? 'it is' : 'what failed is taken again: it is'
    return `The run${forSlot(slot)} failed (${count(tries.length, 'try', 'tries')} so far); ${what} time to try again.`
  }
  if (!hasCommittedSet(policy, digest)) return 'There is no set of this policy yet.'
  if (slot === null) return null
  if (isWithinWindow(policy, slot, now)) return `The slot of ${readable(slot)} has come.`
  if (policy.schedule.catchUp && now > startOfRun(policy, slot))
    return `The slot of ${readable(slot)} was missed; it is made up for once.`
  return null
}

/**
 * When what a slot lacks may be tried again; null: not before the next slot. The window counts for retries too, unless
 * there is no copy at all of an item, or our own death interrupted the run.
 */
function retryOf(
  policy: BackupPolicy,
  slot: Time | null,
  tries: readonly Try[],
  lacking: Owed,
  { now, usable }: Digest,
): Time | null {
  const at = retryAt(tries, now)
  const { windowSeconds } = policy.schedule
  if (at === null || slot === null || windowSeconds === null) return at
  const isUrgent = tries.at(-1)?.outcome === 'interrupted' || lacking.items.some((item) => !usable.has(itemKey(item)))
  const start = at > now ? at : now
  return isUrgent || start <= addSeconds(slot, windowSeconds) ? at : null
}

/** When the next run of the policy can start, as far as is known now; null when none ever will. */
export function nextRunAt(policy: BackupPolicy, digest: Digest): Time | null {
  const { now } = digest
  const slot = lastSlot(policy, now)
  if (!digest.inFlight('create-backup-set', policy.name)) {
    if (dueBackup(policy, digest)) return now
    const lacking = owed(policy, isFor(slot, digest), digest)
    if (slot !== null && !isCovered(policy, slot, digest) && lacking.items.length > 0) {
      const tries = triesOf(policy, slot, digest)
      const pending = tries.length > 0 ? retryOf(policy, slot, tries, lacking, digest) : startOfRun(policy, slot)
      if (pending !== null && pending > now) return pending
    }
  }
  const next = nextSlot(policy, now)
  return next === null ? null : startOfRun(policy, next)
}

function allOf(policy: BackupPolicy, digest: Digest): Owed {
  return { whole: true, items: digest.required(policy) }
}

function run(
  policy: BackupPolicy,
  { whole, items }: Owed,
  { desired }: Digest,
  due: Pick<Extract<Action, { kind: 'create-backup-set' }>, 'id' | 'cause' | 'slot' | 'reason' | 'request' | 'alsoFor'>,
): Action {
  return {
    location: policy.location.name,
    kind: 'create-backup-set',
    subject: policy.name,
    policy: policy.name,
    whole,
    items: whole ? wholeRun(desired, policy) : items,
    ...due,
  }
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`
}

function forSlot(slot: Time | null): string {
  return slot === null ? '' : ` for the slot of ${readable(slot)}`
}

/** `2026-07-29 02:00 UTC` */
function readable(time: Time): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`
}
