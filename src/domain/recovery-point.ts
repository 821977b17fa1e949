import { onceFor } from '../base/once-for.ts'
import { secondsBetween, type Time } from '../base/time.ts'
import { believableUntil } from './clock-skew.ts'
import { itemKey } from './subject.ts'
import type { LeftOut } from './not-taken.ts'
import type { SetSummary } from './backup-set.ts'
import type { Item, SetId, SetState } from './words.ts'

/** Where an item would be restored from. `at`: the start of that run; what came later is not in it for sure. */
export interface RecoveryPoint {
  set: SetId
  at: Time
}

const committed: ReadonlySet<SetState> = new Set(['complete', 'partial', 'damaged'])

/** The set was committed: what it holds and calls ok may be counted on. */
export function isCommitted(set: Pick<SetSummary, 'state'>): boolean {
  return committed.has(set.state)
}

/** What the set holds counts as copies: it was committed, and somebody speaks for it. */
export function counts(set: Pick<SetSummary, 'state' | 'unvouched'>): boolean {
  return isCommitted(set) && set.unvouched !== true
}

/** Orders sets from old to new. One that a wrong clock dated into the future counts as older than any other. */
export function compareAge(now: Time): (a: SetSummary, b: SetSummary) => number {
  const limit = believableUntil(now)
  return (a, b) => {
    const isFuture = a.startedAt > limit
    if (isFuture !== b.startedAt > limit) return isFuture ? -1 : 1
    return byStart(a, b)
  }
}

function byStart(a: SetSummary, b: SetSummary): number {
  if (a.startedAt !== b.startedAt) return a.startedAt < b.startedAt ? -1 : 1
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}

/** As they are dated, right or wrong. */
export function newestFirst(sets: readonly SetSummary[]): readonly SetSummary[] {
  return sets.toSorted((a, b) => byStart(b, a))
}

/** The newest of the sets, or of those that are accepted, by `compareAge`; null when there is none. `sets`: as `newestFirst` gives them. */
export function newest(
  sets: readonly SetSummary[],
  now: Time,
  accept: (set: SetSummary) => boolean = () => true,
): SetSummary | null {
  const limit = believableUntil(now)
  let ahead: SetSummary | null = null
  for (const set of sets) {
    if (!accept(set)) continue
    if (set.startedAt <= limit) return set
    ahead ??= set
  }
  return ahead
}

/** A copy from which more would be lost than the objective allows; null: there is none. */
export function isBeyond({ startedAt }: SetSummary, objectiveSeconds: number | null, now: Time): boolean {
  return objectiveSeconds !== null && secondsBetween(startedAt, now) > objectiveSeconds
}

/** A set that `$Backup` may refer to: whole, and complete but for gaps. */
export function isPointable(set: SetSummary): boolean {
  return isWholeAndComplete(set) || (set.whole && set.gapsOnly === true && set.unvouched !== true)
}

/** A set that does all that its policy asks for. */
export function isWholeAndComplete({ whole, state, unvouched }: SetSummary): boolean {
  return whole && state === 'complete' && unvouched !== true
}

/**
 * The newest ok copy of every item of any set, by `itemKey`. Suspect and damaged items are not ok. Sets share their
 * lists of ok items, so the cost is one step per set and one per item of each different list.
 */
export function newestCopies(sets: readonly SetSummary[], now: Time): Map<string, SetSummary> {
  const compare = compareAge(now)
  const copies = new Map<string, SetSummary>()
  for (const [items, group] of byListOfItems(sets)) {
    const set = newest(group, now)
    if (set === null) continue
    for (const item of items) {
      const key = itemKey(item)
      const known = copies.get(key)
      if (known === undefined || compare(set, known) > 0) copies.set(key, set)
    }
  }
  return copies
}

/** The sets that count, by the list of ok items that they share, newest first. */
const byListOfItems = onceFor((sets: readonly SetSummary[]) => {
  const groups = Map.groupBy(sets.filter(counts), ({ ok }) => ok)
  return new Map([...groups].map(([items, group]) => [items, newestFirst(group)]))
})

/** A copy that is not whole: its set, and what is missing in it. */
export interface Incomplete {
  set: SetSummary
  missing: LeftOut
}

/** By `itemKey`: the newest incomplete copies that are newer than the newest ok one. `copies`: as `newestCopies` gives them. */
export function incompleteCopies(
  sets: readonly SetSummary[],
  copies: ReadonlyMap<string, SetSummary>,
  now: Time,
): Map<string, Incomplete> {
  const compare = compareAge(now)
  const found = new Map<string, Incomplete>()
  for (const set of sets) {
    if (set.flawed === undefined || !counts(set)) continue
    for (const { missing, ...item } of set.flawed) {
      if (missing === undefined) continue
      const key = itemKey(item)
      const known = found.get(key)?.set ?? copies.get(key)
      if (known === undefined || compare(set, known) > 0) found.set(key, { set, missing })
    }
  }
  return found
}

/** By `itemKey`: what each item would be restored from, its newest copy, be it ok or incomplete. */
export function usableCopies(
  copies: ReadonlyMap<string, SetSummary>,
  incomplete: ReadonlyMap<string, Incomplete>,
): ReadonlyMap<string, SetSummary> {
  if (incomplete.size === 0) return copies
  return new Map([...copies, ...[...incomplete].map(([key, { set }]) => [key, set] as const)])
}

/** The recovery point of each of the items; null where no ok copy exists. */
export function recoveryPoints(
  items: readonly Item[],
  copies: ReadonlyMap<string, SetSummary>,
): Map<Item, RecoveryPoint | null> {
  return new Map(
    items.map((item) => {
      const copy = copies.get(itemKey(item))
      return [item, copy ? { set: copy.id, at: copy.startedAt } : null]
    }),
  )
}
