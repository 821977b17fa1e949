/** What the topology now puts elsewhere than the sets have it from. */
import type { SetSummary } from '../../domain/backup-set.ts'
import { foldedIn } from '../../domain/environment-differences.ts'
import type { Desired, Pool } from '../../domain/model.ts'
import { fileStoreSubject, foldSubject, itemKey, parseDatabase, sameSubject, sqlSubject } from '../../domain/subject.ts'
import type { Item, Subject } from '../../domain/words.ts'
import type { RecoveryGround } from './ground.ts'

/** A copy of what a pool keeps in an item, under the subject that it had when it was made. */
export interface Former {
  pool: Pool
  subject: Subject
  set: SetSummary
}

/**
 * The copy of an item that has none of its own, from when the pool that uses it had it at another path or in another
 * instance; null where no record of a set says so. "File store paths and SQL instance names must equal those at backup time"
 * ("Preparing to restore").
 */
export function formerOf(item: Item, { desired, copies, observed }: RecoveryGround): Former | null {
  const uses = usesOf(item, desired)
  for (const set of uses.length === 0 ? [] : new Set(copies.values())) {
    const seen = observed.facts.environmentRecord.get(set.id)
    if (!seen?.known) continue
    for (const { pool, fact, within } of uses) {
      const place = foldedIn(seen.value.record).get(foldSubject(pool.fqdn))?.[fact]
      const subject = place === undefined ? item.subject : within(place)
      const isMoved = !sameSubject(subject, item.subject)
      if (isMoved && copies.get(itemKey({ kind: item.kind, subject })) === set) return { pool, subject, set }
    }
  }
  return null
}

/** `fact`: what the environment record calls its place; `within`: the subject of the item at such a place. */
interface Use {
  pool: Pool
  fact: string
  within: (place: string) => Subject
}

function usesOf({ kind, subject }: Item, { pools }: Desired): Use[] {
  if (kind === 'file-store')
    return pools
      .filter(({ fileStore }) => fileStore && sameSubject(fileStoreSubject(fileStore), subject))
      .map((pool) => ({ pool, fact: 'fileStore', within: (place) => place }))
  const database = parseDatabase(subject)?.database
  if (database === undefined) return []
  return pools.flatMap((pool) =>
    Object.entries(pool.stores)
      .filter(([, store]) => sameSubject(sqlSubject(store, database), subject))
      .map(([role]) => ({ pool, fact: `${role}Store`, within: (place) => `${place}/${database}` })),
  )
}
