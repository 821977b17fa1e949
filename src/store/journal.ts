/** The append-only audit record, hash-chained; this is the one module that writes to it. */
import type { Clock } from '../base/clock.ts'
import { hashOf } from '../base/hash.ts'
import { scrub } from '../base/log.ts'
import type { Time } from '../base/time.ts'
import { continuedType, type JournalEntry } from '../domain/journal-entry.ts'
import type { JournalHead } from '../domain/journal-head.ts'
import type { KeptJournal } from '../sets/journal-segments.ts'
import { follows, lostBefore, type LostEntries } from './continued.ts'
import type { Database } from './database.ts'
import { firstHash } from './migrations.ts'
import { and, insert, sql } from './statement.ts'

export type Entry = JournalEntry

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
  /** `at`: now, but for an entry that was there before. */
  append(entry: NewEntry, at?: Time): Entry
  /** Oldest first. */
  list(choice?: Choice): Entry[]
  /** Oldest first, all of them or those of a type; in memory is one page at a time, however long the journal is. */
  pages(choice?: Pick<Choice, 'type'>): Generator<Entry[]>
  /** Every subject that an entry is about, as it is written there. */
  subjects(): string[]
  /** Every type of an entry. */
  types(): string[]
  /** The newest entry's sequence and hash, as kept apart from the entries. */
  head(): JournalHead
  /** Whether this entry is in it, with this hash. */
  holds(head: JournalHead): boolean
  /** Whether this entry was lost with a former state store. */
  isLost(sequence: number): boolean
  /** As a share keeps it. */
  kept(): KeptJournal
  /** Walks the whole chain. `firstBad`: the first sequence number whose entry is missing, changed or out of place. */
  verify(): { ok: boolean; checked: number; head: string; lost: LostEntries[]; firstBad?: number }
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
  function* pages(choice: Pick<Choice, 'type'> = {}): Generator<Entry[]> {
    // Also what somebody put before the first.
    for (let after = Number.MIN_SAFE_INTEGER; ;) {
      const page = list({ ...choice, after, limit: pageLength })
      const last = page.at(-1)
      if (!last) return
      yield page
      after = last.sequence
    }
  }
  return {
    head,
    holds({ sequence, hash }) {
      if (sequence === 0) return hash === firstHash
      const [entry] = list({ after: sequence - 1, limit: 1 })
      // Of what was lost, the hash of the newest is known.
      return sequence + 1 === entry?.sequence
        ? entry.previousHash === hash
        : sequence === entry?.sequence && entry.hash === hash
    },
    isLost(sequence) {
      const [entry] = list({ after: sequence - 1, limit: 1 })
      const lost = entry && lostBefore(entry)
      return lost != null && lost.from <= sequence && sequence <= lost.to
    },
    kept: () => ({
      chain: list({ limit: 1 })[0]?.hash.slice(0, 32) ?? null,
      last: head().sequence,
      continuedAt: list({ type: continuedType }).map(({ sequence }) => sequence),
      entries: (after, limit) => list({ after, limit }),
    }),
    list,
    pages,
    subjects: () =>
      database
        .all(sql<Pick<Entry, 'subject'>>`SELECT DISTINCT subject FROM journal ORDER BY subject`)
        .map(({ subject }) => subject),
    types: () =>
      database.all(sql<Pick<Entry, 'type'>>`SELECT DISTINCT type FROM journal ORDER BY type`).map(({ type }) => type),
    append(entry, at = clock.now()) {
      return database.durably(() => {
        const before = head()
        const content = {
          sequence: before.sequence + 1,
          at,
          actor: scrub(entry.actor),
          cause: scrub(entry.cause),
          revision: scrub(entry.revision),
          type: entry.type,
          subject: scrub(entry.subject),
          message: bounded(scrub(entry.message)),
          previousHash: before.hash,
        }
        const complete = { ...content, hash: hashOf(content) }
        database.run(insert('journal', complete))
        database.run(sql`UPDATE journalHead SET sequence = ${complete.sequence}, hash = ${complete.hash}`)
        return complete
      })
    },
    verify: () => database.consistently(() => verifyChain(pages(), head())),
  }
}

const pageLength = 200

/** In characters. What comes from Git and from the world may be of any length, and each share keeps whole segments of entries. */
const longestMessage = 32 * 1024

function bounded(message: string): string {
  if (message.length <= longestMessage) return message
  const kept = message.slice(0, longestMessage).replace(/[\ud800-\udbff]$/, '')
  return `${kept}… (and ${message.length - kept.length} characters more)`
}

function verifyChain(pages: Iterable<Entry[]>, end: { sequence: number; hash: string }): ReturnType<Journal['verify']> {
  let last = { sequence: 0, hash: firstHash }
  const losses: LostEntries[] = []
  for (const page of pages)
    for (const entry of page) {
      if (!follows(entry, last) || !isIntact(entry) || entry.sequence > end.sequence) return broken(last.sequence + 1)
      const lost = lostBefore(entry)
      if (lost !== null) losses.push(lost)
      last = { sequence: entry.sequence, hash: entry.hash }
    }
  if (last.sequence < end.sequence) return broken(last.sequence + 1)
  if (last.hash !== end.hash) return broken(Math.max(last.sequence, 1))
  return { ok: true, checked: last.sequence, head: last.hash, lost: losses }

  function broken(firstBad: number): ReturnType<Journal['verify']> {
    return { ok: false, checked: last.sequence, head: last.hash, lost: losses, firstBad }
  }
}

function isIntact({ hash, ...content }: Entry): boolean {
  return hashOf(content) === hash
}
