/** Committed sets that are gone from their share: these rows are the only memory that they ever were. */
import { batches } from '../base/batches.ts'
import type { VanishedSet } from '../domain/vanished-set.ts'
import type { SetId } from '../domain/words.ts'
import type { Database } from './database.ts'
import type { VanishedRow } from './schema.ts'
import { sql, upsert } from './statement.ts'

/** Whoever adds or removes brings the transaction. */
export interface VanishedSets {
  /** The same list for as long as nothing changes: a pass asks each time. */
  all(): readonly VanishedSet[]
  add(sets: readonly VanishedSet[]): void
  /** They came back, or somebody said that it was meant. */
  remove(ids: readonly SetId[]): void
}

export function openVanishedSets(database: Database): VanishedSets {
  let known: { version: number; sets: readonly VanishedSet[] } | null = null
  return {
    all() {
      const version = database.version()
      if (known?.version !== version)
        known = { version, sets: database.all(sql<VanishedRow>`SELECT * FROM vanishedSet`).map(setOf) }
      return known.sets
    },
    add(sets) {
      for (const set of sets) database.run(upsert('vanishedSet', ['id'], set))
      known = null
    },
    remove(ids) {
      for (const batch of batches(ids))
        if (database.run(sql`DELETE FROM vanishedSet WHERE id IN ${batch}`) > 0) known = null
    },
  }
}

function setOf(row: VanishedRow): VanishedSet {
  return { ...row, state: row.state as VanishedSet['state'] }
}
