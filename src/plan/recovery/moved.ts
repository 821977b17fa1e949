/** What the topology now puts elsewhere than the sets have it from. */
import type { SetSummary } from '../../domain/backup-set.ts'
import { foldedIn } from '../../domain/environment-differences.ts'
import type { Gate } from '../../domain/gate.ts'
import type { Desired, Pool } from '../../domain/model.ts'
import { fileStoreSubject, foldSubject, itemKey, parseDatabase, sameSubject, sqlSubject } from '../../domain/subject.ts'
import type { Item, Subject } from '../../domain/words.ts'
import { publishedOf } from '../findings/published.ts'
import type { RecoveryGround } from './ground.ts'

/** Why something does not come back where it was. */
interface Moved {
  gate: Extract<Gate, 'path-changed' | 'instance-changed'>
  message: string
}

/** A copy of what a pool keeps in an item, under the subject that it had when it was made. */
interface Former {
  pool: Pool
  subject: Subject
  set: SetSummary
}

/**
 * The copy of an item that has none of its own, from when the pool that uses it had it at another path or in another
 * instance; null where no record of a set says so. "File store paths and SQL instance names must equal those at backup time"
 * ("Preparing to restore").
 */
function formerOf(item: Item, { desired, copies, observed }: RecoveryGround): Former | null {
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

/** A reason of its own: whoever changed the topology in the middle of a loss reads how to go on. */
export function movedSince(item: Item, recovery: RecoveryGround): Moved[] {
  const former = formerOf(item, recovery)
  if (!former) return []
  const { pool, subject, set } = former
  const [gate, place] =
    item.kind === 'file-store' ? (['path-changed', 'path'] as const) : (['instance-changed', 'instance'] as const)
  const message = `${set.id} holds it of ${pool.fqdn} as ${subject}, and the topology now says ${item.subject}: a restore goes to the same ${place} only.`
  return [{ gate, message }]
}

/** What Lync will use says the published topology: what came back at the path that Git has would be of no use there. */
export function publishedElsewhere({ kind, subject }: Item, { desired, observed }: RecoveryGround): string[] {
  const published = kind === 'file-store' ? publishedOf(desired, observed) : null
  if (published === null) return []
  const paths = new Map(published.fileStores.map(({ name, path }) => [name, path]))
  return desired.pools
    .filter(({ fileStore }) => fileStore && sameSubject(fileStoreSubject(fileStore), subject))
    .flatMap(({ fqdn }) => {
      const named = published.pools.find((pool) => sameSubject(pool.fqdn, fqdn))?.fileStore ?? null
      const path = named === null ? undefined : paths.get(named)
      if (path === undefined || sameSubject(path, subject)) return []
      return `The published topology gives ${fqdn} the file store ${path}, and Git says ${subject}: a restore goes to the same path only. Publish it as it was.`
    })
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
