import type { SetSummary } from '../../domain/backup-set.ts'
import { counts, incompleteCopies, type Incomplete } from '../../domain/recovery-point.ts'
import { itemKey, sameSubject } from '../../domain/subject.ts'
import type { Digest } from '../digest.ts'

/** What items would be restored from, by `itemKey`. */
export interface ChosenCopies {
  copies: ReadonlyMap<string, SetSummary>
  /** Of these, the incomplete ones. */
  incomplete: ReadonlyMap<string, Incomplete>
}

/** `from`: `latest`, the newest usable copy of each item, or the id of a set, what that one holds; as `Recovery.from`. */
export function chosenCopies(
  from: string,
  { usable, incomplete, observed, now }: Pick<Digest, 'usable' | 'incomplete' | 'observed' | 'now'>,
): ChosenCopies {
  if (from === 'latest') return { copies: usable, incomplete }
  const set = observed.sets.find((one) => sameSubject(one.id, from) && counts(one))
  if (!set) return { copies: new Map(), incomplete: new Map() }
  const ok = new Map(set.ok.map((item) => [itemKey(item), set]))
  const gaps = incompleteCopies([set], new Map(), now)
  return { copies: new Map([...ok, ...[...gaps.keys()].map((key) => [key, set] as const)]), incomplete: gaps }
}
