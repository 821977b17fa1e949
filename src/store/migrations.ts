/** Numbered steps from an empty file to the tables of `schema.ts`. A step that was released never changes. */
import { sql, type Compilable } from 'kysely'
import type { Clock } from '../base/clock.ts'
import { Problem } from '../base/problem.ts'
import { build, type Database } from './database.ts'

const { schema } = build

/** `previousHash` of the first entry. */
export const firstHash = '0'.repeat(64)

const migrations: readonly (readonly Compilable[])[] = [
  [
    schema
      .createTable('lease')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('owner', 'text')
      .addColumn('host', 'text', (column) => column.notNull())
      .addColumn('pid', 'integer', (column) => column.notNull())
      .addColumn('processStart', 'text', (column) => column.notNull())
      .addColumn('since', 'text', (column) => column.notNull())
      .addColumn('renewedAt', 'text', (column) => column.notNull())
      .addColumn('expiresAt', 'text', (column) => column.notNull())
      .addColumn('passAt', 'text'),
    schema
      .createTable('journal')
      .addColumn('sequence', 'integer', (column) => column.primaryKey())
      .addColumn('at', 'text', (column) => column.notNull())
      .addColumn('actor', 'text', (column) => column.notNull())
      .addColumn('cause', 'text', (column) => column.notNull())
      .addColumn('revision', 'text', (column) => column.notNull())
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('message', 'text', (column) => column.notNull())
      .addColumn('previousHash', 'text', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull()),
    appendOnly('UPDATE'),
    appendOnly('DELETE'),
    schema
      .createTable('journalHead')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('sequence', 'integer', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull()),
    build.insertInto('journalHead').values({ id: 1, sequence: 0, hash: firstHash }),
    schema
      .createTable('request')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('at', 'text', (column) => column.notNull())
      .addColumn('actor', 'text', (column) => column.notNull())
      .addColumn('wish', 'text', (column) => column.notNull())
      .addColumn('answeredAt', 'text')
      .addColumn('answer', 'text'),
    schema.createIndex('requestByAnswer').on('request').column('answeredAt'),
    schema
      .createTable('intent')
      .addColumn('number', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('id', 'text', (column) => column.notNull().unique())
      .addColumn('action', 'text', (column) => column.notNull())
      .addColumn('startedAt', 'text', (column) => column.notNull())
      .addColumn('setId', 'text')
      .addColumn('request', 'text'),
    schema
      .createTable('attempt')
      .addColumn('number', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('action', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('subjectKey', 'text', (column) => column.notNull())
      .addColumn('slot', 'text')
      .addColumn('startedAt', 'text', (column) => column.notNull())
      .addColumn('endedAt', 'text', (column) => column.notNull())
      .addColumn('outcome', 'text', (column) => column.notNull())
      .addColumn('message', 'text')
      .addColumn('setId', 'text')
      .addColumn('request', 'text')
      .addColumn('problems', 'text'),
    schema.createIndex('attemptByAction').on('attempt').column('action'),
    schema.createIndex('attemptBySubject').on('attempt').columns(['kind', 'subjectKey']),
    schema.createIndex('attemptByRequest').on('attempt').column('request'),
    schema.createIndex('attemptByOutcome').on('attempt').columns(['outcome', 'endedAt']),
    schema
      .createTable('setShape')
      .addColumn('hash', 'text', (column) => column.primaryKey())
      .addColumn('content', 'text', (column) => column.notNull()),
    schema
      .createTable('backupSet')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('policy', 'text', (column) => column.notNull())
      .addColumn('location', 'text', (column) => column.notNull())
      .addColumn('path', 'text', (column) => column.notNull())
      .addColumn('unc', 'text', (column) => column.notNull())
      .addColumn('revision', 'text', (column) => column.notNull())
      .addColumn('cause', 'text', (column) => column.notNull())
      .addColumn('slot', 'text')
      .addColumn('whole', 'integer', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('startedAt', 'text', (column) => column.notNull())
      .addColumn('finishedAt', 'text')
      .addColumn('bytes', 'bigint', (column) => column.notNull())
      .addColumn('files', 'integer', (column) => column.notNull())
      .addColumn('shape', 'text', (column) => column.notNull().references('setShape.hash'))
      .addColumn('figures', 'text', (column) => column.notNull()),
    schema.createIndex('backupSetByLocation').on('backupSet').columns(['location', 'startedAt', 'id']),
    schema.createIndex('backupSetByShape').on('backupSet').column('shape'),
    schema
      .createTable('proof')
      .addColumn('setId', 'text', (column) => column.notNull())
      .addColumn('level', 'text', (column) => column.notNull())
      .addColumn('outcome', 'text', (column) => column.notNull())
      .addColumn('at', 'text', (column) => column.notNull())
      .addColumn('damaged', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('proofKey', ['setId', 'level', 'outcome']),
    schema
      .createTable('observation')
      .addColumn('fact', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('at', 'text', (column) => column.notNull())
      .addColumn('since', 'text', (column) => column.notNull())
      .addColumn('source', 'text', (column) => column.notNull())
      .addColumn('known', 'integer', (column) => column.notNull())
      .addColumn('content', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('observationKey', ['fact', 'subject']),
    schema
      .createTable('remembered')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('content', 'text', (column) => column.notNull()),
  ],
  [
    schema
      .createTable('vanishedSet')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('location', 'text', (column) => column.notNull())
      .addColumn('unc', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('startedAt', 'text', (column) => column.notNull())
      .addColumn('bytes', 'bigint', (column) => column.notNull())
      .addColumn('vanishedAt', 'text', (column) => column.notNull()),
  ],
  [
    // Apart from the sets: those are a cache that may be made anew, this is what share and store prove to each other.
    schema
      .createTable('commitRecord')
      .addColumn('setId', 'text', (column) => column.primaryKey())
      .addColumn('sha256', 'text', (column) => column.notNull()),
    schema.alterTable('backupSet').addColumn('commitSha256', 'text'),
  ],
  oneActor(),
  [
    // Besides the records that somebody speaks for: those that were there when a location was listed for the first time.
    schema.alterTable('commitRecord').addColumn('vouched', 'integer', (column) => column.notNull().defaultTo(1)),
  ],
  [schema.alterTable('intent').addColumn('percent', 'integer')],
]

/** In which PID namespace the lease's pid counts (an older version did not say), and the heartbeats that this store wrote. */
function oneActor(): Compilable[] {
  return [
    schema.alterTable('lease').addColumn('namespace', 'text', (column) => column.notNull().defaultTo('')),
    schema
      .createTable('heartbeat')
      .addColumn('location', 'text', (column) => column.primaryKey())
      .addColumn('beat', 'text', (column) => column.notNull())
      .addColumn('before', 'text'),
  ]
}

function appendOnly(change: 'UPDATE' | 'DELETE'): Compilable {
  return {
    compile: () =>
      sql`CREATE TRIGGER ${sql.id(`journalNo${change}`)} BEFORE ${sql.raw(change)} ON "journal"
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END`.compile(build),
  }
}

/** Brings a file that may be written to the newest version. */
export function migrate(database: Database, file: string, clock: Clock): void {
  if (versionOf(database, file) === migrations.length) return
  database.durably(() => {
    const version = versionOf(database, file)
    if (version === 0)
      database.run(
        schema
          .createTable('migration')
          .addColumn('version', 'integer', (column) => column.primaryKey())
          .addColumn('at', 'text', (column) => column.notNull()),
      )
    for (const [index, steps] of migrations.entries()) {
      if (index < version) continue
      for (const step of steps) database.run(step)
      database.run(build.insertInto('migration').values({ version: index + 1, at: clock.now() }))
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
    sql<{
      name: string
    }>`SELECT "name" FROM "sqlite_master" WHERE "type" = 'table' AND "name" NOT LIKE 'sqlite~_%' ESCAPE '~'`.compile(
      build,
    ),
  )
  if (tables.length === 0) return 0
  if (!['migration', 'journal', 'journalHead'].every((name) => tables.some((table) => table.name === name)))
    throw new Problem('state-store-unreadable', {
      subject: file,
      message: 'This SQLite file was made by another program: it has tables, but not those of a state store.',
      hint: 'Let `state` in holdfast.yaml name a file of its own.',
    })
  const newest = database.first(build.selectFrom('migration').select((of) => of.fn.max('version').as('version')))
  const version = newest?.version ?? 0
  if (version > migrations.length)
    throw new Problem('state-store-newer', {
      subject: file,
      message: `The state store was written by a newer Holdfast (version ${version}, this one knows ${migrations.length}).`,
      hint: 'Run the newer Holdfast, or let `state` in holdfast.yaml name a new file.',
    })
  return version
}
