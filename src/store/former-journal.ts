/** Brings the journal of a former state store into one that is new: its entries first, then those of the new one. */
import { continuedType, type JournalEntry } from '../domain/journal-entry.ts'
import type { JournalHead } from '../domain/journal-head.ts'
import type { Committed } from '../sets/catalogue.ts'
import { committedOf } from './committed.ts'
import { continuedMessage, follows, type LostEntries } from './continued.ts'
import type { Database } from './database.ts'
import { acceptedType, type Journal } from './journal.ts'
import { appendOnly, firstHash } from './migrations.ts'
import { insert, sql } from './statement.ts'

/** What came back. */
export interface Returned {
  /** The newest entry that came back. */
  last: number
  lost: LostEntries | null
}

export interface FormerJournal {
  /** The next ones, oldest first; false where they do not follow, and nothing is taken. Nothing counts before `finish`. */
  add(entries: readonly JournalEntry[]): boolean
  /** `head`: what the share says was the newest. Null, and nothing changes, where no entry was taken. */
  finish(head: JournalHead, location: string): Returned | null
}

/** Whether a journal never followed another one: then its entries may get other numbers, if nobody was told of them. */
export function isFirst(journal: Journal): boolean {
  return [continuedType, acceptedType].every((type) => journal.list({ type, limit: 1 }).length === 0)
}

/** `vouch`: what the journal knows as committed counts again. */
export function openFormerJournal(
  database: Database,
  journal: Journal,
  vouch: (sets: readonly Committed[]) => void,
): FormerJournal {
  database.run(sql`CREATE TEMP TABLE IF NOT EXISTS formerJournal AS SELECT * FROM journal WHERE false`)
  database.run(sql`DELETE FROM formerJournal`)
  const committed: Committed[] = []
  let last: JournalHead = { sequence: 0, hash: firstHash }
  return {
    add(entries) {
      const [first] = entries
      const newest = entries.at(-1)
      if (!first || !newest || !follows(first, last)) return false
      database.briefly(() => database.run(insert('formerJournal', ...entries)))
      committed.push(...entries.flatMap((entry) => committedOf(entry) ?? []))
      last = newest
      return true
    },
    finish(head, location) {
      if (last.sequence === 0) return null
      const lost = head.sequence > last.sequence ? { from: last.sequence + 1, to: head.sequence } : null
      const before = lost === null ? last : head
      return database.durably(() => {
        const ours = journal.list()
        replace(database, before)
        const message = continuedMessage(location, last.sequence, lost)
        journal.append({
          ...{ actor: 'holdfast', cause: 'observed', revision: '', type: continuedType, subject: location, message },
        })
        for (const entry of ours) journal.append(entry, entry.at)
        vouch(committed)
        return { last: last.sequence, lost }
      })
    },
  }
}

/** The one place where entries are taken out: they are put back behind those that were there before them. */
function replace(database: Database, { sequence, hash }: JournalHead): void {
  for (const { drop } of appendOnly) database.run(drop)
  database.run(sql`DELETE FROM journal`)
  database.run(sql`INSERT INTO journal SELECT * FROM formerJournal`)
  database.run(sql`UPDATE journalHead SET sequence = ${sequence}, hash = ${hash}`)
  for (const { create } of appendOnly) database.run(create)
}
