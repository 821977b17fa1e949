/** Numbered steps from an empty file to the tables of `schema.ts`. A step that was released never changes. */
import type { Clock } from '../base/clock.ts'
import { Problem } from '../base/problem.ts'
import type { Database } from './database.ts'
import { insert, sql, type Statement } from './statement.ts'

/** `previousHash` of the first entry. */
export const firstHash = '0'.repeat(64)

/** What keeps entries of the journal from being changed by mistake. */
export const appendOnly = [
  {
    create: sql`CREATE TRIGGER journalNoUPDATE BEFORE UPDATE ON journal
      BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END`,
    drop: sql`DROP TRIGGER journalNoUPDATE`,
  },
  {
    create: sql`CREATE TRIGGER journalNoDELETE BEFORE DELETE ON journal
      BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END`,
    drop: sql`DROP TRIGGER journalNoDELETE`,
  },
]

const migrations: readonly (readonly Statement[])[] = [
  [
    sql`CREATE TABLE lease (
      id integer PRIMARY KEY,
      owner text,
      host text NOT NULL,
      pid integer NOT NULL,
      processStart text NOT NULL,
      since text NOT NULL,
      renewedAt text NOT NULL,
      expiresAt text NOT NULL,
      passAt text
    )`,
    sql`CREATE TABLE journal (
      sequence integer PRIMARY KEY,
      at text NOT NULL,
      actor text NOT NULL,
      cause text NOT NULL,
      revision text NOT NULL,
      type text NOT NULL,
      subject text NOT NULL,
      message text NOT NULL,
      previousHash text NOT NULL,
      hash text NOT NULL
    )`,
    ...appendOnly.map(({ create }) => create),
    sql`CREATE TABLE journalHead (id integer PRIMARY KEY, sequence integer NOT NULL, hash text NOT NULL)`,
    insert('journalHead', { id: 1, sequence: 0, hash: firstHash }),
    sql`CREATE TABLE request (
      id text PRIMARY KEY,
      at text NOT NULL,
      actor text NOT NULL,
      wish text NOT NULL,
      answeredAt text,
      answer text
    )`,
    sql`CREATE INDEX requestByAnswer ON request (answeredAt)`,
    sql`CREATE TABLE intent (
      number integer PRIMARY KEY AUTOINCREMENT,
      id text NOT NULL UNIQUE,
      action text NOT NULL,
      startedAt text NOT NULL,
      setId text,
      request text
    )`,
    sql`CREATE TABLE attempt (
      number integer PRIMARY KEY AUTOINCREMENT,
      action text NOT NULL,
      kind text NOT NULL,
      subject text NOT NULL,
      subjectKey text NOT NULL,
      slot text,
      startedAt text NOT NULL,
      endedAt text NOT NULL,
      outcome text NOT NULL,
      message text,
      setId text,
      request text,
      problems text
    )`,
    sql`CREATE INDEX attemptByAction ON attempt (action)`,
    sql`CREATE INDEX attemptBySubject ON attempt (kind, subjectKey)`,
    sql`CREATE INDEX attemptByRequest ON attempt (request)`,
    sql`CREATE INDEX attemptByOutcome ON attempt (outcome, endedAt)`,
    sql`CREATE TABLE setShape (hash text PRIMARY KEY, content text NOT NULL)`,
    sql`CREATE TABLE backupSet (
      id text PRIMARY KEY,
      policy text NOT NULL,
      location text NOT NULL,
      path text NOT NULL,
      unc text NOT NULL,
      revision text NOT NULL,
      cause text NOT NULL,
      slot text,
      whole integer NOT NULL,
      state text NOT NULL,
      startedAt text NOT NULL,
      finishedAt text,
      bytes bigint NOT NULL,
      files integer NOT NULL,
      shape text NOT NULL REFERENCES setShape (hash),
      figures text NOT NULL
    )`,
    sql`CREATE INDEX backupSetByLocation ON backupSet (location, startedAt, id)`,
    sql`CREATE INDEX backupSetByShape ON backupSet (shape)`,
    sql`CREATE TABLE proof (
      setId text NOT NULL,
      level text NOT NULL,
      outcome text NOT NULL,
      at text NOT NULL,
      damaged text NOT NULL,
      PRIMARY KEY (setId, level, outcome)
    )`,
    sql`CREATE TABLE observation (
      fact text NOT NULL,
      subject text NOT NULL,
      at text NOT NULL,
      since text NOT NULL,
      source text NOT NULL,
      known integer NOT NULL,
      content text NOT NULL,
      PRIMARY KEY (fact, subject)
    )`,
    sql`CREATE TABLE remembered (name text PRIMARY KEY, content text NOT NULL)`,
  ],
  [
    sql`CREATE TABLE vanishedSet (
      id text PRIMARY KEY,
      location text NOT NULL,
      unc text NOT NULL,
      state text NOT NULL,
      startedAt text NOT NULL,
      bytes bigint NOT NULL,
      vanishedAt text NOT NULL
    )`,
  ],
  [
    // Apart from the sets: those are a cache that may be made anew, this is what share and store prove to each other.
    sql`CREATE TABLE commitRecord (setId text PRIMARY KEY, sha256 text NOT NULL)`,
    sql`ALTER TABLE backupSet ADD COLUMN commitSha256 text`,
  ],
  [
    // In which PID namespace the lease's pid counts (an older version did not say), and the heartbeats that this store wrote.
    sql`ALTER TABLE lease ADD COLUMN namespace text NOT NULL DEFAULT ''`,
    sql`CREATE TABLE heartbeat (location text PRIMARY KEY, beat text NOT NULL, before text)`,
  ],
  [
    // Besides the records that somebody speaks for: those that were there when a location was listed for the first time.
    sql`ALTER TABLE commitRecord ADD COLUMN vouched integer NOT NULL DEFAULT 1`,
  ],
  [sql`ALTER TABLE intent ADD COLUMN percent integer`],
  [sql`ALTER TABLE attempt ADD COLUMN code text`],
  [sql`ALTER TABLE intent ADD COLUMN reading integer`],
]

/** Brings a file that may be written to the newest version. */
export function migrate(database: Database, file: string, clock: Clock): void {
  if (versionOf(database, file) === migrations.length) return
  database.durably(() => {
    const version = versionOf(database, file)
    if (version === 0) database.run(sql`CREATE TABLE migration (version integer PRIMARY KEY, at text NOT NULL)`)
    for (const [index, steps] of migrations.entries()) {
      if (index < version) continue
      for (const step of steps) database.run(step)
      database.run(insert('migration', { version: index + 1, at: clock.now() }))
    }
  })
}

/** True when a reader can use the file as it is; false when nothing was ever written to it. */
export function isUsable(database: Database, file: string): boolean {
  const version = versionOf(database, file)
  if (version > 0 && version < migrations.length)
    throw new Problem('state-store-unreadable', {
      subject: file,
      message: `The state store has version ${version}, this Holdfast reads version ${migrations.length}.`,
      hint: 'Start the daemon of this version once: it brings the file up to date.',
    })
  return version > 0
}

/** Newest migration in the file, 0 for an empty one. Refuses what another program or a newer Holdfast made. */
function versionOf(database: Database, file: string): number {
  const tables = database.all(
    sql<{ name: string }>`
      SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'`,
  )
  if (tables.length === 0) return 0
  if (!['migration', 'journal', 'journalHead'].every((name) => tables.some((table) => table.name === name)))
    throw new Problem('state-store-unreadable', {
      subject: file,
      message: 'This SQLite file was made by another program: it has tables, but not those of a state store.',
      hint: 'Let `state` in holdfast.yaml name a file of its own.',
    })
  const newest = database.first(sql<{ version: number | null }>`SELECT max(version) AS version FROM migration`)
  const version = newest?.version ?? 0
  if (version > migrations.length)
    throw new Problem('state-store-newer', {
      subject: file,
      message: `The state store was written by a newer Holdfast (version ${version}, this one knows ${migrations.length}).`,
      hint: 'Run the newer Holdfast, or let `state` in holdfast.yaml name a new file.',
    })
  return version
}
