import { onceFor } from '../base/once-for.ts'
import type { Source } from '../desired/source.ts'
import type { BackupSet } from '../domain/backup-set.ts'
import { requiredItems } from '../domain/inventory.ts'
import type { BackupPolicy, Desired } from '../domain/model.ts'
import { isCommitted } from '../domain/recovery-point.ts'
import { itemKey, sameSubject } from '../domain/subject.ts'
import type { Item } from '../domain/words.ts'
import type { Committed, SetCache } from '../sets/catalogue.ts'

/** So many revisions are read in one pass; those of older sets in the next ones. */
const mostRevisions = 200

/**
 * The word of Git for sets that a former state store knew: there when this one listed their location for the first time,
 * and asking for just what the revision that they name asks for. Each set is judged once.
 */
export function createVouching(source: Pick<Source, 'at'>, cache: Pick<SetCache, 'isFormer'>) {
  const judged = new Set<string>()

  /** Those of the sets (newest first) that Git speaks for and that nobody spoke for before. */
  return async (sets: readonly BackupSet[]): Promise<Committed[]> => {
    const doubted = sets.filter((set) => set.unvouched && !judged.has(keyOf(set)) && isFormer(set, cache))
    const revisions = [...Map.groupBy(doubted, ({ revision }) => revision)].slice(0, mostRevisions)
    const vouched: Committed[] = []
    for (const [revision, group] of revisions) {
      const loaded = await source.at(revision).catch(() => null)
      for (const set of group) {
        judged.add(keyOf(set))
        const { id, commitSha256 } = set
        const isAskedFor = loaded?.ok === true && asksFor(loaded.desired, set)
        if (isAskedFor && commitSha256 !== undefined) vouched.push({ id, commitSha256 })
      }
    }
    return vouched
  }
}

function keyOf({ id, commitSha256 = '' }: BackupSet): string {
  return `${id} ${commitSha256}`
}

function isFormer(set: BackupSet, cache: Pick<SetCache, 'isFormer'>): boolean {
  const { id, commitSha256, revision } = set
  return isCommitted(set) && revision !== '' && commitSha256 !== undefined && cache.isFormer(id, commitSha256)
}

/** A whole set holds all that its policy asks for; a part of one, nothing else. */
function asksFor(desired: Desired, { policy: name, location, whole, required }: BackupSet): boolean {
  const policy = desired.policies.find((one) => sameSubject(one.name, name))
  if (!policy || !sameSubject(policy.location.name, location)) return false
  const wanted = wantedBy(desired)(policy)
  const held = keysOf(required)
  return whole ? held.symmetricDifference(wanted).size === 0 : held.size > 0 && held.isSubsetOf(wanted)
}

/** Of a hundred thousand sets few ask for different items, and few policies do. */
const keysOf = onceFor((items: readonly Item[]): ReadonlySet<string> => new Set(items.map(itemKey)))
const wantedBy = onceFor((desired: Desired) =>
  onceFor((policy: BackupPolicy) => keysOf(requiredItems(desired, policy))),
)
