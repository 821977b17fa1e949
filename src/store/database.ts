/** The one way to SQLite: `node:sqlite` runs a statement at once. */
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { Problem } from '../base/problem.ts'
import type { Statement } from './statement.ts'

/** An open state file. Every method throws a Problem when SQLite refuses. */
export interface Database {
  all<Row>(statement: Statement<Row>): Row[]
  first<Row>(statement: Statement<Row>): Row | undefined
  /** One row after the other, so that they are never in memory together; to be read to the end. */
  each<Row>(statement: Statement<Row>): Iterable<Row>
  /** How many rows it changed. */
  run(statement: Statement): number
  /** All or nothing, and on the disk when it returns. Joins the transaction that is already under way. */
  durably<T>(work: () => T): T
  /** All or nothing, for what can be found again: a power cut may take the last of it. */
  briefly<T>(work: () => T): T
  /** Another number whenever anybody else has written to the file. */
  version(): number
  /** Every question of `work` is answered from the same moment; writes nothing. */
  consistently<T>(work: () => T): T
  /** Looks at every page once. Throws CorruptStore. */
  expectSound(): void
  close(): void
}

/**
 * Opens the file; null is an empty one in memory. `busyMilliseconds`: how long a call blocks this process while another
 * program holds the file; once it was in vain, the next calls do not wait until one succeeds.
 */
export function openDatabase(file: string | null, readOnly: boolean, busyMilliseconds: number): Database {
  return guarded(file, true, () => {
    const sqlite = new DatabaseSync(file ?? ':memory:', { readOnly, timeout: busyMilliseconds })
    try {
      if (!readOnly && file !== null) useWriteAheadLog(sqlite, busyMilliseconds)
      sqlite.exec('PRAGMA foreign_keys = ON')
      sqlite.prepare('SELECT 1 FROM "sqlite_master"').get() // SQLite opens lazily: now it has read the file
      return wrap(sqlite, file, readOnly, busyMilliseconds)
    } catch (thrown) {
      sqlite.close()
      throw thrown
    }
  })
}

const busyPauseMilliseconds = 20

/** SQLite does not wait for others while it changes the journal mode of a new file: whoever comes second is refused at once. */
function useWriteAheadLog(sqlite: DatabaseSync, busyMilliseconds: number): void {
  for (let attempt = 1; ; attempt++)
    try {
      sqlite.exec('PRAGMA journal_mode = WAL')
      return
    } catch (thrown) {
      if (!busy.has(primaryCode(thrown)) || attempt * busyPauseMilliseconds > busyMilliseconds) throw thrown
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

function wrap(sqlite: DatabaseSync, file: string | null, readOnly: boolean, busyMilliseconds: number): Database {
  const prepared = new Map<string, StatementSync>()
  let isPatient = true
  function wait(milliseconds: number): void {
    isPatient = milliseconds > 0
    sqlite.exec(`PRAGMA busy_timeout = ${milliseconds}`)
  }
  function asked<T>(work: () => T): T {
    return guarded(file, false, () => {
      try {
        const answer = work()
        if (!isPatient) wait(busyMilliseconds)
        return answer
      } catch (thrown) {
        if (isPatient && busy.has(primaryCode(thrown))) wait(0)
        throw thrown
      }
    })
  }
  const version = sqlite.prepare('PRAGMA data_version')
  let joined: Kind | null = null
  function prepare({ text }: Statement): StatementSync {
    let found = prepared.get(text)
    if (!found) prepared.set(text, (found = sqlite.prepare(text)))
    return found
  }
  function transaction<T>(kind: Kind, work: () => T): T {
    if (joined) {
      if (kind !== 'reading' && joined !== kind && joined !== 'durable')
        throw new Error(`a ${joined} transaction cannot hold a ${kind} one`)
      return work()
    }
    return asked(() => {
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
      return asked(() => prepare(statement).all(...statement.values) as Row[])
    },
    first<Row>(statement: Statement<Row>): Row | undefined {
      return asked(() => prepare(statement).get(...statement.values) as Row | undefined)
    },
    *each<Row>(statement: Statement<Row>): Generator<Row> {
      const rows = asked(() => prepare(statement)).iterate(...statement.values)
      for (;;) {
        const next = asked(() => rows.next())
        if (next.done === true) return
        yield next.value as Row
      }
    },
    run(statement) {
      return asked(() => Number(prepare(statement).run(...statement.values).changes))
    },
    durably: (work) => transaction('durable', work),
    briefly: (work) => transaction('brief', work),
    consistently: (work) => transaction('reading', work),
    version: () => asked(() => Number(version.get()?.['data_version'])),
    expectSound() {
      const said = asked(() => sqlite.prepare('PRAGMA quick_check(1)').get()?.['quick_check'])
      if (said !== 'ok') throw new CorruptStore(file ?? ':memory:', String(said))
    },
    close() {
      if (!readOnly && file !== null) endWriteAheadLog(sqlite)
      sqlite.close()
    },
  }
}

// SQLite's primary result codes.
const busy = new Set([5, 6, 15]) // BUSY, LOCKED, PROTOCOL
const readOnlyFile = 8 // READONLY
const full = 13 // FULL
const damaged = new Set([11, 26]) // CORRUPT, NOTADB
/** CANTOPEN and IOERR_READ. Of a file that was read before they mean that its disk has a fault, or is away. */
const unopened = new Set([14, 266])
/** IOERR_SHMSIZE: the shared memory beside the file has no room on its disk. */
const fullBeside = 4874

/** The file is damaged, or was never a store: neither waiting helps, nor do rights. */
export class CorruptStore extends Problem {
  readonly reason: string

  constructor(subject: string, reason: string, cause?: unknown) {
    super('state-store-unreadable', {
      subject,
      message: `The state store cannot be read: ${reason}.`,
      hint: 'Start the daemon, holdfast run: it sets the damaged file aside, begins a new one and finds the sets again on the share.',
      cause,
    })
    this.reason = reason
  }
}

function guarded<T>(file: string | null, isOpening: boolean, work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    const result = resultCode(thrown)
    if (result === null) throw thrown
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw problemOf(result, isOpening, file ?? ':memory:', reason, thrown)
  }
}

function problemOf(result: number, isOpening: boolean, subject: string, reason: string, cause: unknown): Problem {
  const primary = result & 0xff
  if (damaged.has(primary)) return new CorruptStore(subject, reason, cause)
  if (isOpening && (unopened.has(result) || unopened.has(primary)))
    return new Problem('state-store-unreadable', {
      subject,
      message: `The state store cannot be read: ${reason}.`,
      hint: 'Check the path, the rights and the disk.',
      cause,
    })
  if (busy.has(primary))
    return new Problem('state-store-busy', {
      subject,
      message: `Another program holds the state store: ${reason}.`,
      hint: 'Wait until a backup program or virus scanner lets go of it, and exclude the file from them. Then repeat the command.',
      cause,
    })
  if (primary === full || result === fullBeside)
    return new Problem('state-store-full', {
      subject,
      message: `The disk of the state store is full: ${reason}.`,
      hint: 'Make room on the disk of the file. Then repeat the command; a daemon that runs goes on by itself.',
      cause,
    })
  if (primary === readOnlyFile)
    return new Problem('state-store-read-only', {
      subject,
      message: `The state store cannot be written to: ${reason}.`,
      hint: 'Let the account of the daemon write the file and its folder, and check that the disk is not mounted read-only.',
      cause,
    })
  return new Problem('state-store-failed', {
    subject,
    message: `The state store did not take a change or a question: ${reason}.`,
    hint: 'Check the disk and the file system of the file, and that this user may write the file and its folder.',
    cause,
  })
}

function primaryCode(thrown: unknown): number {
  return (resultCode(thrown) ?? 0) & 0xff
}

/** SQLite's extended result code; null when the error is not SQLite's. */
function resultCode(thrown: unknown): number | null {
  if (typeof thrown !== 'object' || thrown === null || !('errcode' in thrown)) return null
  return typeof thrown.errcode === 'number' ? thrown.errcode : null
}
