import { addSeconds, millisecondsOf, secondsBetween, type Time } from '../base/time.ts'
import type { BackupPolicy, Hold } from './model.ts'
import { believableUntil } from './clock-skew.ts'
import { compareAge, incompleteCopies, isCommitted, newestCopies } from './recovery-point.ts'
import { foldSubject, itemKey } from './subject.ts'
import type { SetSummary } from './backup-set.ts'
import type { SetId } from './words.ts'

/** Which rules keep a set; a set that is not in the map is kept by none. */
export type Kept = Map<SetId, Set<string>>

const secondsPerDay = 86_400

/**
 * The union of the policy's rules over its own sets: which are kept, and why. Nothing is deleted here or by anybody who
 * reads this; what no rule keeps is what a deletion could name.
 */
export function retained(
  policy: BackupPolicy,
  sets: readonly SetSummary[],
  holds: readonly Hold[],
  now: Time,
): ReadonlyMap<SetId, ReadonlySet<string>> {
  const kept: Kept = new Map()
  const compare = compareAge(now)
  const newestFirst = [...sets].sort((a, b) => compare(b, a))
  const held = heldSets(holds, now)
  const limit = believableUntil(now)
  for (const set of newestFirst) {
    if (held.has(foldSubject(set.id))) keep(kept, set, 'hold')
    if (set.state === 'in-progress') keep(kept, set, 'in-progress')
    if (set.startedAt > limit) keep(kept, set, 'future-dated')
  }
  const dated = newestFirst.filter(({ startedAt }) => startedAt <= limit)
  keepUnfinished(kept, dated, now)
  const bucketsOf = bucketer(policy.schedule.timeZone)
  const committed = dated.filter(isCommitted)
  for (const copies of copiesByItem(committed)) keepByRules(kept, copies, policy, bucketsOf, now)
  for (const set of newestIncomplete(committed, now)) keep(kept, set, 'newest-incomplete-copy')
  return kept
}

function keep(kept: Kept, set: SetSummary, rule: string): void {
  const rules = kept.get(set.id)
  if (rules) rules.add(rule)
  else kept.set(set.id, new Set([rule]))
}

function heldSets(holds: readonly Hold[], now: Time): Set<string> {
  const inForce = holds.filter(({ until }) => until === null || millisecondsOf(until) > millisecondsOf(now))
  return new Set(inForce.flatMap((hold) => hold.sets.map(foldSubject)))
}

/** What did not come to a good end is kept for a day, and until a later set of the policy is complete. */
function keepUnfinished(kept: Kept, newestFirst: readonly SetSummary[], now: Time): void {
  let hasLaterComplete = false
  for (const set of newestFirst) {
    if (set.state === 'complete') hasLaterComplete = true
    else if (!hasLaterComplete) keep(kept, set, 'no-later-complete-set')
    else if (secondsBetween(set.startedAt, now) < secondsPerDay) keep(kept, set, 'younger-than-a-day')
  }
}

/** For each item its ok copies, newest first. */
function copiesByItem(newestFirst: readonly SetSummary[]): Iterable<SetSummary[]> {
  const copies = new Map<string, SetSummary[]>()
  const keys = new Map<SetSummary['ok'], string[]>()
  for (const set of newestFirst) {
    let own = keys.get(set.ok)
    if (!own) keys.set(set.ok, (own = set.ok.map(itemKey)))
    for (const key of own) {
      const list = copies.get(key)
      if (list) list.push(set)
      else copies.set(key, [set])
    }
  }
  return copies.values()
}

/** Copies with gaps that are newer than the newest ok ones: nothing else is as new. */
function newestIncomplete(committed: readonly SetSummary[], now: Time): SetSummary[] {
  if (!committed.some(({ flawed = [] }) => flawed.some(({ missing }) => missing !== undefined))) return []
  return [...incompleteCopies(committed, newestCopies(committed, now), now).values()].map(({ set }) => set)
}

type Buckets = Record<'daily' | 'weekly' | 'monthly' | 'yearly', string>

/** The newest ok copy counts wherever it is; the other rules count copies of complete sets, which are the ones to last. */
function keepByRules(
  kept: Kept,
  copies: readonly SetSummary[],
  { retention }: BackupPolicy,
  bucketsOf: (set: SetSummary) => Buckets,
  now: Time,
): void {
  const newest = copies[0]
  if (newest) keep(kept, newest, 'newest-copy')
  const lasting = copies.filter(({ state }) => state === 'complete')
  for (const set of lasting.slice(0, retention.keepLast)) keep(kept, set, 'keepLast')
  const verified = lasting.filter((set) => isVerified(set))
  for (const set of verified.slice(0, retention.minimumVerified)) keep(kept, set, 'minimumVerified')
  const limit = addSeconds(now, -retention.keepWithinSeconds)
  if (retention.keepWithinSeconds > 0)
    for (const set of lasting) if (set.startedAt >= limit) keep(kept, set, 'keepWithin')
  for (const rule of ['daily', 'weekly', 'monthly', 'yearly'] as const) {
    const taken = new Set<string>()
    for (const set of lasting) {
      if (taken.size >= retention[rule]) break
      const bucket = bucketsOf(set)[rule]
      if (!taken.has(bucket)) keep(kept, set, rule)
      taken.add(bucket)
    }
  }
}

function isVerified({ verified }: SetSummary): boolean {
  return (verified.checksum ?? verified.content) !== undefined // the other levels look at databases alone
}

/** Day, ISO week, month and year in which a set was started, by the calendar of the zone. */
function bucketer(timeZone: string): (set: SetSummary) => Buckets {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  const known = new Map<SetId, Buckets>()
  return (set) => {
    let buckets = known.get(set.id)
    if (!buckets) {
      const day = format.format(new Date(set.startedAt))
      buckets = { daily: day, weekly: mondayOf(day), monthly: day.slice(0, 7), yearly: day.slice(0, 4) }
      known.set(set.id, buckets)
    }
    return buckets
  }
}

/** `YYYY-MM-DD` -> that of the Monday before or on it. */
function mondayOf(day: string): string {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7))
  return date.toISOString().slice(0, 10)
}
