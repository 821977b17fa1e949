import { believableUntil } from '../../domain/clock-skew.ts'
import { newest } from '../../domain/recovery-point.ts'
import { itemKey } from '../../domain/subject.ts'
import type { BackupPolicy } from '../../domain/model.ts'
import type { SetSummary } from '../../domain/backup-set.ts'
import type { Item } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'
import { countedSets } from '../selections.ts'

/** What a run has still to take. */
export interface Owed {
  /** All that the policy asks for: nothing was taken yet. */
  whole: boolean
  items: readonly Item[]
}

/**
 * A retry takes what failed: what the newest whole set that is `meant` lacks, and no set has brought since. What came
 * and looks wrong would look the same again, so it is not owed. With items goes a new record of the environment that
 * they were taken in.
 */
export function owed(policy: BackupPolicy, isMeant: (set: SetSummary) => boolean, digest: Digest): Owed {
  const required = digest.required(policy)
  const sets = countedSets(digest.setsOf(policy.name))
  const isTry = (set: SetSummary): boolean => set.whole && set.state !== 'damaged' && isMeant(set)
  const taken = newest(sets, digest.now, isTry)
  if (taken === null) return { whole: true, items: required }
  const failed = keysOf((taken.flawed ?? []).filter(({ outcome }) => outcome === 'failed'))
  const limit = believableUntil(digest.now)
  for (const { id, startedAt, ok, flawed = [] } of sets) {
    if (failed.size === 0) break
    if (id === taken.id || startedAt < taken.startedAt || startedAt > limit) continue
    for (const key of keysOf([...ok, ...flawed.filter(({ outcome }) => outcome === 'suspect')])) failed.delete(key)
  }
  const isOwed = (item: Item): boolean => failed.has(itemKey(item))
  if (!required.some(isOwed)) return { whole: false, items: [] }
  return { whole: false, items: required.filter((item) => isOwed(item) || item.kind === 'environment') }
}

function keysOf(items: readonly Item[]): Set<string> {
  return new Set(items.map(itemKey))
}
