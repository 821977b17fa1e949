/** The one way to SQLite: Kysely builds and types a statement, `node:sqlite` runs it at once. */
import {
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type Compilable,
  type CompiledQuery,
} from 'kysely'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { Problem } from '../base/problem.ts'
import type { Tables } from './schema.ts'

/** Builds statements; never runs one. */
export const build = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
})

/** Something that compiles to a statement with rows of `Row`. */
export type Statement<Row> = Compilable<Row> | CompiledQuery<Row>

/** An open state file. Every method throws a Problem when SQLite refuses. */
export interface Database {
  all<Row>(statement: Statement<Row>): Row[]
  first<Row>(statement: Statement<Row>): Row | undefined
  /** One row after the other, so that they are never in memory together; to be read to the end. */
  each<Row>(statement: Statement<Row>): Iterable<Row>
  /** How many rows it changed. */
  run(statement: Statement<unknown>): number
  /** All or nothing, and on the disk when it returns. Joins the transaction that is already under way. */
  durably<T>(work: () => T): T
  /** All or nothing, for what can be found again: a power cut may take the last of it. */
  briefly<T>(work: () => T): T
  /** Another number whenever anybody else has written to the file. */
  version(): number
  /** Every question of `work` is answered from the same moment; writes nothing. */
  consistently<T>(work: () => T): T
  close(): void
}

const busyMilliseconds = 10_000

/** Opens the file; null is an empty one in memory. */
export function openDatabase(file: string | null, readOnly: boolean): Database {
  return guarded(file, () => {
    const sqlite = new DatabaseSync(file ?? ':memory:', { readOnly, timeout: busyMilliseconds })
    try {
      if (!readOnly && file !== null) useWriteAheadLog(sqlite)
      sqlite.exec('PRAGMA foreign_keys = ON')
      return wrap(sqlite, file, readOnly)
    } catch (thrown) {
      sqlite.close()
      throw thrown
    }
  })
}

const busy = 5
const busyPauseMilliseconds = 20

/** SQLite does not wait for others while it changes the journal mode of a new file: whoever comes second is refused at once. */
function useWriteAheadLog(sqlite: DatabaseSync): void {
  for (let attempt = 1; ; attempt++)
    try {
      sqlite.exec('PRAGMA journal_mode = WAL')
      return
    } catch (thrown) {
      const isBusy = ((resultCode(thrown) ?? 0) & 0xff) === busy
      if (!isBusy || attempt * busyPauseMilliseconds > busyMilliseconds) throw thrown
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, busyPauseMilliseconds)
    }
}

/**
 * A file in WAL mode can only be read by who may make its log beside it; closed, it lies there for any account that may
 * read it. Where somebody else has it open, he goes on with the log.
 */
function endWriteAheadLog(sqlite: DatabaseSync): void {
  try {
    sqlite.exec('PRAGMA journal_mode = DELETE')
  } catch {
    // Others have it open, or its disk is full: what is committed stands either way.
  }
}

type Kind = 'durable' | 'brief' | 'reading'

function wrap(sqlite: DatabaseSync, file: string | null, readOnly: boolean): Database {
  const prepared = new Map<string, StatementSync>()
  const version = sqlite.prepare('PRAGMA data_version')
  let joined: Kind | null = null
  function bind(statement: Statement<unknown>): [StatementSync, SQLInputValue[]] {
    const { sql, parameters } = 'compile' in statement ? statement.compile() : statement
    let found = prepared.get(sql)
    if (!found) prepared.set(sql, (found = sqlite.prepare(sql)))
    return [found, parameters as SQLInputValue[]]
  }
  function transaction<T>(kind: Kind, work: () => T): T {
    if (joined) {
      if (kind !== 'reading' && joined !== kind && joined !== 'durable')
        throw new Error(`a ${joined} transaction cannot hold a ${kind} one`)
      return work()
    }
    return guarded(file, () => {
      if (kind !== 'reading') sqlite.exec(`PRAGMA synchronous = ${kind === 'durable' ? 'FULL' : 'NORMAL'}`)
      sqlite.exec(kind === 'reading' ? 'BEGIN' : 'BEGIN IMMEDIATE')
      joined = kind
      try {
        const result = work()
        sqlite.exec('COMMIT')
        return result
      } catch (thrown) {
        if (sqlite.isTransaction) sqlite.exec('ROLLBACK')
        throw thrown
      } finally {
        joined = null
      }
    })
  }
  return {
    all<Row>(statement: Statement<Row>): Row[] {
      return guarded(file, () => {
        const [found, parameters] = bind(statement)
        return found.all(...parameters) as Row[]
      })
    },
    first<Row>(statement: Statement<Row>): Row | undefined {
      return guarded(file, () => {
        const [found, parameters] = bind(statement)
        return found.get(...parameters) as Row | undefined
      })
    },
    *each<Row>(statement: Statement<Row>): Generator<Row> {
      const [found, parameters] = guarded(file, () => bind(statement))
      const rows = found.iterate(...parameters)
      for (;;) {
        const next = guarded(file, () => rows.next())
        if (next.done === true) return
        yield next.value as Row
      }
    },
    run(statement) {
      return guarded(file, () => {
        const [found, parameters] = bind(statement)
        return Number(found.run(...parameters).changes)
      })
    },
    durably: (work) => transaction('durable', work),
    briefly: (work) => transaction('brief', work),
    consistently: (work) => transaction('reading', work),
    version: () => guarded(file, () => Number(version.get()?.['data_version'])),
    close() {
      if (!readOnly && file !== null) endWriteAheadLog(sqlite)
      sqlite.close()
    },
  }
}

/** SQLite's result codes that say: this file is not, or no longer, a store (CORRUPT, CANTOPEN, NOTADB, IOERR_READ). */
const unreadable = new Set([11, 14, 26, 266])

function guarded<T>(file: string | null, work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    const result = resultCode(thrown)
    if (result === null) throw thrown
    const subject = file ?? ':memory:'
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    if (unreadable.has(result) || unreadable.has(result & 0xff))
      throw new Problem('state-store-unreadable', {
        subject,
        message: `The state store cannot be read: ${reason}.`,
        hint: 'Check the path and the rights. If the file is damaged, move it away and start the daemon: it makes a new one and finds the sets again on the share.',
        cause: thrown,
      })
    throw new Problem('state-store-failed', {
      subject,
      message: `The state store did not take a change or a question: ${reason}.`,
      hint: 'Check that its disk has space, that this user may write the file and its folder, and that no other program holds it.',
      cause: thrown,
    })
  }
}

/** SQLite's extended result code; null when the error is not SQLite's. */
function resultCode(thrown: unknown): number | null {
  if (typeof thrown !== 'object' || thrown === null || !('errcode' in thrown)) return null
  return typeof thrown.errcode === 'number' ? thrown.errcode : null
}
