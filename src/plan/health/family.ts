import { unknown } from '../../domain/environment-record.ts'
import { foldedIn } from '../../domain/environment-differences.ts'
import type { SqlStore } from '../../domain/model.ts'
import { partnersOf } from '../../domain/endpoints.ts'
import type { Observed } from '../../domain/observation.ts'
import { newestCopies } from '../../domain/recovery-point.ts'
import { foldSubject, itemKey, sqlSubject } from '../../domain/subject.ts'
import type { SetId } from '../../domain/words.ts'
import type { Time } from '../../base/time.ts'

/** The family of a database when its newest copy was made (`sys.database_recovery_status`), and the set that says so. */
export interface RecordedFamily {
  family: string
  set: SetId
}

/**
 * Asks the set with the newest ok copy of a database. What is taken while a flag is open is not ok, so a database that was
 * made anew is never compared with itself. Null: no set has a copy, or its record does not say.
 */
export function recordedFamilies(
  observed: Observed,
  now: Time,
): (store: SqlStore, database: string) => RecordedFamily | null {
  let copies: ReturnType<typeof newestCopies> | null = null
  return (store, database) => {
    copies ??= newestCopies(observed.sets, now)
    const subject = sqlSubject(store, database)
    for (const kind of ['sql-database', 'persistent-chat'] as const) {
      const set = copies.get(itemKey({ kind, subject }))?.id
      const seen = set === undefined ? undefined : observed.facts.environmentRecord.get(set)
      if (set === undefined || !seen?.known) continue
      const record = foldedIn(seen.value.record)
      const told = partnersOf(store)
        .map((place) => record.get(foldSubject(sqlSubject(place, database)))?.['family'])
        .find((family) => family !== undefined && family !== unknown)
      if (told !== undefined) return { family: told, set }
    }
    return null
  }
}
