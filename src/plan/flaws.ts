import type { FlawedItem, SetSummary } from '../domain/backup-set.ts'
import { compareAge } from '../domain/recovery-point.ts'
import { itemKey } from '../domain/subject.ts'
import type { Digest } from './digest.ts'
import { flawedSets } from './selections.ts'

/** An item that its newest run did not bring in a good state, and the set of that run. */
export interface Flaw {
  item: FlawedItem
  set: SetSummary
}

/** The items whose newest set does not hold them in a good state; one that a newer set holds ok is not among them. */
export function currentFlaws({ observed, copies, now }: Pick<Digest, 'observed' | 'copies' | 'now'>): Flaw[] {
  const compare = compareAge(now)
  const newest = new Map<string, Flaw>()
  for (const set of flawedSets(observed.sets)) {
    if (set.state === 'damaged') continue
    for (const item of set.flawed ?? []) {
      const id = itemKey(item)
      const known = newest.get(id)
      if (!known || compare(set, known.set) > 0) newest.set(id, { item, set })
    }
  }
  return [...newest].flatMap(([id, flaw]) => {
    const ok = copies.get(id)
    return !ok || compare(ok, flaw.set) <= 0 ? [flaw] : []
  })
}
