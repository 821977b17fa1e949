import { onceFor } from '../../base/once-for.ts'
import { addSeconds, type Time } from '../../base/time.ts'
import type { BackupPolicy } from '../../domain/model.ts'
import { isCommitted, newest } from '../../domain/recovery-point.ts'
import type { Action } from '../../domain/action.ts'
import type { SetSummary } from '../../domain/backup-set.ts'
import type { Level, SetId } from '../../domain/words.ts'
import { sameSubject } from '../../domain/subject.ts'
import { compareText } from '../../base/text.ts'
import type { Digest } from '../digest.ts'
import { userRuns } from '../recovery/user-runs.ts'
import { completeSets } from '../selections.ts'
import { askedFor, equalRequests, type Shared } from './equal-requests.ts'
import { actionId } from './hash.ts'
import { dueRestoreTests } from './restore-test.ts'
import { isWaiting } from './tries.ts'

/** A request for all sets is worked off in portions of this size, so that one pass stays cheap. */
const portion = 1000
const scheduledLevel: Level = 'checksum'
const secondsPerDay = 86_400

/**
 * Verifications that somebody asked for, and for each policy that of its newest complete set, where the run could not
 * make it, the one that is most overdue, and its restore tests.
 */
export function dueVerifications(digest: Digest): Action[] {
  const asked = equalRequests(digest.memory.requests).flatMap((shared) => requested(shared, digest))
  const routine = digest.desired.policies.map((policy) => mostOverdue(policy, digest)).filter((one) => one !== null)
  const neglected = digest.desired.policies.map((policy) => unproved(policy, digest)).filter((one) => one !== null)
  const tests = digest.desired.policies.flatMap((policy) => dueRestoreTests(policy, digest))
  return dropRepeated([...asked, ...forRecoveries(digest), ...neglected, ...routine, ...tests])
}

/** A level is proved by itself and by those that contain it. */
const provedBy: Readonly<Record<Level, readonly Level[]>> = {
  structure: ['structure', 'checksum', 'content'],
  checksum: ['checksum', 'content'],
  content: ['content'],
  sql: ['sql'],
  restore: ['restore'],
}

/** Newest time at which the set passed `level`, or a level that contains it. */
export function provedAt({ verified }: SetSummary, level: Level): Time | null {
  let newest: Time | null = null
  for (const one of provedBy[level]) {
    const at = verified[one]
    if (at !== undefined && (newest === null || at > newest)) newest = at
  }
  return newest
}

function requested(shared: Shared, digest: Digest): Action[] {
  const { request } = shared
  if (!('verify' in request.wish)) return []
  const { verify, level } = request.wish
  return wantedSets(verify, level, request.at, digest)
    .map((set) => ({ set, id: actionId('verify-backup-set', set.id, [level, 'request', request.id]) }))
    .filter(({ id }) => !digest.isKnown(id))
    .map(({ set, id }) => ({
      location: set.location,
      kind: 'verify-backup-set',
      id,
      subject: set.id,
      set: set.id,
      level,
      ...askedFor(shared),
    }))
}

/** The set that was named, or the next portion of all that were not proved since. */
function wantedSets(id: SetId | null, level: Level, since: Time, digest: Digest): SetSummary[] {
  const sets = digest.observed.sets.filter(isCommitted)
  if (id !== null) return sets.filter((set) => sameSubject(set.id, id))
  return sets
    .filter((set) => (provedAt(set, level) ?? '') < since)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .slice(0, portion)
}

/** The newest complete set, when it was never proved as its policy wants it of a new set. */
function unproved(policy: BackupPolicy, digest: Digest): Action | null {
  const { onCreate } = policy.verification
  // What closes a set proves its structure; and while a run is in flight, it proves its own set.
  if (onCreate === 'structure' || digest.inFlight('create-backup-set', policy.name)) return null
  const set = newest(completeSets(digest.setsOf(policy.name)), digest.now)
  if (set === null || provedAt(set, onCreate) !== null || isWaiting(set, digest)) return null
  return {
    location: set.location,
    kind: 'verify-backup-set',
    id: actionId('verify-backup-set', set.id, [onCreate, digest.attempts('verify-backup-set', set.id).length]),
    subject: set.id,
    set: set.id,
    level: onCreate,
    cause: 'corrective',
    reason: 'It was not verified after it was made.',
    request: null,
  }
}

/** What a recovery would restore from is proved at level content first: the gate asks for that. */
function forRecoveries(digest: Digest): Action[] {
  const wanted = new Map<SetId, string>()
  for (const { recovery, steps } of digest.runbooks)
    for (const { run } of steps)
      if (recovery !== null && run?.set && run.refused.some(({ gate }) => gate === 'set-not-verified'))
        wanted.set(run.set, recovery)
  for (const { recovery, verify } of userRuns(digest)) if (verify) wanted.set(verify, recovery.name)
  return [...wanted].flatMap(([id, recovery]): Action[] => {
    const set = digest.observed.sets.find((one) => one.id === id)
    if (!set || isWaiting(set, digest)) return []
    return [
      {
        location: set.location,
        kind: 'verify-backup-set',
        id: actionId('verify-backup-set', id, ['content', recovery, digest.attempts('verify-backup-set', id).length]),
        subject: id,
        set: id,
        level: 'content',
        cause: 'corrective',
        reason: `Recovery ${recovery} restores from it.`,
        request: null,
      },
    ]
  })
}

/** One at a time for each policy: reading sets again must not get in the way of making them. */
function mostOverdue(policy: BackupPolicy, digest: Digest): Action | null {
  const { everyDays } = policy.verification
  if (everyDays === null) return null
  const before = addSeconds(digest.now, -everyDays * secondsPerDay)
  const found = byLastProof(digest.setsOf(policy.name)).find(
    ({ set, since }) => since > before || !isWaiting(set, digest),
  )
  if (found === undefined || found.since > before) return null
  const { since } = found
  const { id, location } = found.set
  const failures = digest.attempts('verify-backup-set', id).length
  return {
    location,
    kind: 'verify-backup-set',
    id: actionId('verify-backup-set', id, [scheduledLevel, since, failures]),
    subject: id,
    set: id,
    level: scheduledLevel,
    cause: 'scheduled',
    reason: `It was last proved more than ${everyDays} days ago.`,
    request: null,
  }
}

/** The sets that age calls for, by when each was last proved, oldest first. */
const byLastProof = onceFor((sets: readonly SetSummary[]) =>
  sets
    .filter(({ state }) => state === 'complete' || state === 'partial')
    .map((set) => ({ set, since: provedAt(set, scheduledLevel) ?? set.finishedAt ?? set.startedAt }))
    .sort((a, b) => compareText(a.since, b.since) || compareText(a.set.id, b.set.id)),
)

/** The same set at the same time by two ways is one action: the first, which is that of a person. */
function dropRepeated(due: readonly Action[]): Action[] {
  const subjects = new Set<string>()
  return due.filter(({ subject }) => !subjects.has(subject) && subjects.add(subject))
}
