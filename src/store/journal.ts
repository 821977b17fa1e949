/** The append-only audit record, hash-chained; this is the one module that writes to it. */
import type { Clock } from '../base/clock.ts'
import { hashOf } from '../base/hash.ts'
import { scrub } from '../base/log.ts'
import type { Time } from '../base/time.ts'
import type { JournalHead } from '../domain/journal-head.ts'
import type { Database } from './database.ts'
import { firstHash } from './migrations.ts'
import { and, insert, sql } from './statement.ts'

export interface Entry {
  /** From 1, without a gap. */
  sequence: number
  at: Time
  actor: string
  cause: string
  revision: string
  type: string
  subject: string
  message: string
  /** SHA-256 over the canonical JSON of the other fields, `previousHash` among them. */
  hash: string
  previousHash: string
}

/** Type of the entry that lets a former journal go. */
export const acceptedType = 'journal-accepted'

/** An entry before it has its place in the chain. */
export type NewEntry = Omit<Entry, 'sequence' | 'at' | 'hash' | 'previousHash'>

/** Which entries; what is left out chooses nothing. */
export interface Choice {
  /** Only entries after this sequence number. */
  after?: number
  subjects?: readonly string[]
  /** `finding-opened`, or the family `finding`. */
  type?: string
  /** From this time on. */
  since?: Time
  /** Before this time. */
  until?: Time
  /** At most so many: the oldest of them, or the newest. */
  limit?: number
  newest?: boolean
}

export interface Journal {
  append(entry: NewEntry): Entry
  /** Oldest first. */
  list(choice?: Choice): Entry[]
  /** Every subject that an entry is about, as it is written there. */
  subjects(): string[]
  /** Every type of an entry. */
  types(): string[]
  /** The newest entry's sequence and hash, as kept apart from the entries. */
  head(): JournalHead
  /** Whether this entry is in it, with this hash. */
  holds(head: JournalHead): boolean
  /** Walks the whole chain. `firstBad`: the first sequence number whose entry is missing, changed or out of place. */
  verify(): { ok: boolean; checked: number; head: string; firstBad?: number }
}

export function openJournal(database: Database, clock: Clock): Journal {
  function head(): JournalHead {
    const row = database.first(sql<JournalHead>`SELECT sequence, hash FROM journalHead`)
    return row ? { sequence: row.sequence, hash: row.hash } : { sequence: 0, hash: firstHash }
  }
  function list({ after = 0, subjects, type, since, until, limit, newest = false }: Choice = {}): Entry[] {
    const conditions = [sql`sequence > ${after}`]
    if (subjects !== undefined) conditions.push(sql`subject IN ${subjects}`)
    if (type !== undefined) conditions.push(sql`(type = ${type} OR (type > ${`${type}-`} AND type < ${`${type}.`}))`)
    if (since !== undefined) conditions.push(sql`at >= ${since}`)
    if (until !== undefined) conditions.push(sql`at < ${until}`)
    const entries = sql<Entry>`SELECT * FROM journal WHERE ${and(conditions)} ORDER BY sequence`
    const ordered = newest ? sql<Entry>`${entries} DESC` : entries
    const rows = database
      .all(limit === undefined ? ordered : sql<Entry>`${ordered} LIMIT ${limit}`)
      .map((row) => ({ ...row }))
    return newest ? rows.reverse() : rows
  }
  return {
    head,
    holds({ sequence, hash }) {
      if (sequence === 0) return hash === firstHash
      return list({ after: sequence - 1, limit: 1 }).some((entry) => entry.sequence === sequence && entry.hash === hash)
    },
    list,
    subjects: () =>
      database
        .all(sql<Pick<Entry, 'subject'>>`SELECT DISTINCT subject FROM journal ORDER BY subject`)
        .map(({ subject }) => subject),
    types: () =>
      database.all(sql<Pick<Entry, 'type'>>`SELECT DISTINCT type FROM journal ORDER BY type`).map(({ type }) => type),
    append(entry) {
      return database.durably(() => {
        const before = head()
        const content = {
          sequence: before.sequence + 1,
          at: clock.now(),
          actor: scrub(entry.actor),
          cause: scrub(entry.cause),
          revision: scrub(entry.revision),
          type: entry.type,
          subject: scrub(entry.subject),
          message: scrub(entry.message),
          previousHash: before.hash,
        }
        const complete = { ...content, hash: hashOf(content) }
        database.run(insert('journal', complete))
        database.run(sql`UPDATE journalHead SET sequence = ${complete.sequence}, hash = ${complete.hash}`)
        return complete
      })
    },
    verify: () => database.consistently(() => verifyChain(list, head())),
  }
}

const pageLength = 200

function verifyChain(list: Journal['list'], end: { sequence: number; hash: string }): ReturnType<Journal['verify']> {
  let last = { sequence: 0, hash: firstHash }
  for (let after = Number.MIN_SAFE_INTEGER; ; after = last.sequence) {
    const page = list({ after, limit: pageLength })
    for (const entry of page) {
      const expected = last.sequence + 1
      if (
        entry.sequence !== expected ||
        entry.previousHash !== last.hash ||
        !isIntact(entry) ||
        expected > end.sequence
      )
        return { ok: false, checked: last.sequence, head: last.hash, firstBad: expected }
      last = { sequence: entry.sequence, hash: entry.hash }
    }
    if (page.length < pageLength) break
  }
  const checked = last.sequence
  if (checked < end.sequence) return { ok: false, checked, head: last.hash, firstBad: checked + 1 }
  if (last.hash !== end.hash) return { ok: false, checked, head: last.hash, firstBad: Math.max(checked, 1) }
  return { ok: true, checked, head: last.hash }
}

function isIntact({ hash, ...content }: Entry): boolean {
  return hashOf(content) === hash
}
