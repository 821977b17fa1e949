/** The backup sets of all locations, as the last listing of each share showed them. */
import { isDeepStrictEqual } from 'node:util'
import type { OddEntry } from '../domain/facts.ts'
import type { BackupLocation } from '../domain/model.ts'
import type { BackupSet, SetSummary } from '../domain/backup-set.ts'
import type { SetId } from '../domain/words.ts'
import type { Drivers } from '../drivers/drivers.ts'
import { readCatalogue, summarise, type SetCache } from '../sets/catalogue.ts'

export interface Catalogue {
  /** Lists the share. True when a set, or something odd, came, went or changed. */
  read(location: BackupLocation): Promise<boolean>
  /** The locations whose sets count; their order does not matter. */
  follow(locations: readonly BackupLocation[]): void
  /** The folders that are being written now. */
  running(ids: ReadonlySet<SetId>): void
  /** Newest first. Of a location that was not listed yet: what the cache knows. */
  sets(): readonly BackupSet[]
  /** What the last listing of a location found that is not what its name says. */
  odd(location: string): readonly OddEntry[]
  summaries(): readonly SetSummary[]
}

export function createCatalogue(drivers: Drivers, cache: SetCache): Catalogue {
  /** Sets are null while the share was not listed and the cache not asked. */
  const byLocation = new Map<string, { share: string; sets: readonly BackupSet[] | null }>()
  const oddOf = new Map<string, readonly OddEntry[]>()
  let writing: ReadonlySet<SetId> = new Set()
  let all: readonly BackupSet[] | null = null
  let summed: readonly SetSummary[] | null = null
  function forgetSums(): void {
    all = null
    summed = null
  }
  function setsOf(location: string, known: { sets: readonly BackupSet[] | null }): readonly BackupSet[] {
    known.sets ??= cache.ids(location).flatMap((id) => cache.get(id) ?? [])
    return known.sets
  }
  function sets(): readonly BackupSet[] {
    all ??= newestFirst([...byLocation].map(([name, known]) => setsOf(name, known)))
    return all
  }
  return {
    sets,
    odd: (location) => oddOf.get(location) ?? [],
    summaries: () => (summed ??= summarise(sets(), cache)),
    running: (ids) => (writing = ids),
    follow(locations) {
      const names = new Set(locations.map(({ name }) => name))
      for (const name of byLocation.keys()) if (!names.has(name)) byLocation.delete(name)
      for (const { name, share } of locations) {
        const known = byLocation.get(name)
        // What stood on the former share says nothing of the new one.
        if (known?.share !== share) byLocation.set(name, { share, sets: known ? [] : null })
      }
      forgetSums()
    },
    async read(location) {
      const { sets: found, odd } = await readCatalogue(location, cache, writing, drivers)
      const isOddNews = !isDeepStrictEqual(oddOf.get(location.name) ?? [], odd)
      oddOf.set(location.name, odd)
      const known = byLocation.get(location.name)
      if (known?.share !== location.share || (known.sets && isSame(known.sets, found))) return isOddNews
      known.sets = found
      forgetSums()
      return true
    },
  }
}

function newestFirst(lists: readonly (readonly BackupSet[])[]): readonly BackupSet[] {
  const [first, ...others] = lists
  if (first && others.length === 0) return first
  return lists.flat().sort((a, b) => (a.startedAt < b.startedAt ? 1 : a.startedAt > b.startedAt ? -1 : 0))
}

function isSame(before: readonly BackupSet[], now: readonly BackupSet[]): boolean {
  return before.length === now.length && before.every((set, index) => isSameSet(set, now[index]))
}

/** A set says nothing new unless its state, its size or its proofs did. */
function isSameSet(before: BackupSet, now: BackupSet | undefined): boolean {
  return (
    before.id === now?.id &&
    before.state === now.state &&
    before.finishedAt === now.finishedAt &&
    before.bytes === now.bytes &&
    before.unvouched === now.unvouched &&
    before.path === now.path &&
    before.verifications.length === now.verifications.length &&
    before.verifications.every((proof, index) => proof.at === now.verifications[index]?.at)
  )
}
