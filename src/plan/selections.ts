/**
 * What rules pick from a list of sets again and again, picked once for each list: the catalogue hands out the same one
 * for as long as no set came, went or changed, and there may be 100,000 sets in it.
 */
import { onceFor } from '../base/once-for.ts'
import type { Time } from '../base/time.ts'
import type { SetSummary } from '../domain/backup-set.ts'
import { counts, isCommitted, isPointable, isWholeAndComplete } from '../domain/recovery-point.ts'

type Selection = (sets: readonly SetSummary[]) => readonly SetSummary[]

const pick = (accept: (set: SetSummary) => boolean): Selection => onceFor((sets) => sets.filter(accept))

export const countedSets = pick(counts)

/** Sets that do all that their policy asks for. */
export const completeSets = pick(isWholeAndComplete)

/** Sets that `$Backup` may refer to. */
export const pointableSets = pick(isPointable)

/** When the first of them was brought to an end: before any proof that counts, for a deployment is not asked for one on its first day. */
export const firstEnd = onceFor((sets: readonly SetSummary[]) =>
  sets.reduce<Time | null>(
    (first, { finishedAt }) => (finishedAt !== null && (first === null || finishedAt < first) ? finishedAt : first),
    null,
  ),
)

/** Sets that a check found damaged, and that we made. */
export const damagedSets = pick((set) => set.state === 'damaged' && !set.unvouched)

/** Committed sets in which an item is suspect or missing. */
export const flawedSets = pick((set) => set.flawed !== undefined && isCommitted(set))

/** Committed sets that nobody here made. */
export const doubtedSets = pick((set) => isCommitted(set) && set.unvouched === true)

/** Parts that no schedule asked for. */
export const unscheduledParts = pick(({ whole, slot }) => !whole && slot === null)

/** The sets of each slot; those of none below `null`. */
export const setsBySlot = onceFor((sets: readonly SetSummary[]): ReadonlyMap<string | null, readonly SetSummary[]> =>
  Map.groupBy(sets, ({ slot }) => slot),
)
