import type mssql from 'mssql'
import type { config as MssqlConfig, Connection, ConnectionPool } from 'mssql'
import { Problem, systemCode } from '../../base/problem.ts'
import { untilAborted } from '../deadline.ts'
import { askBrowser } from './browser.ts'
import { isCancelled, sqlProblem } from './errors.ts'
import { clientSettings } from './client-settings.ts'
import { sqlOf, type Statement } from './statements.ts'
import type { SqlTarget } from './target.ts'

export type Row = Readonly<Record<string, unknown>>

interface Options {
  signal: AbortSignal
  /** Messages of the server while it works: error number 0 to 10, and text in the server's language. */
  onMessage?: ((message: { number: number; message: string }) => void) | undefined
}

/** Connections to one instance, opened when first used; what breaks is thrown away and opened anew. */
export interface SqlConnections extends AsyncDisposable {
  /**
   * Rows of the first result. Values are bound as nvarchar. Aborting the signal cancels the work on the server: when
   * the signal's reason is thrown, the server said that it stopped. Throws a Problem for everything else.
   */
  query(statement: Statement, values: Readonly<Record<string, string>>, options: Options): Promise<readonly Row[]>
}

/** Enough for the questions of one look: between the looks at hundreds of instances nothing stays open. */
const idleMilliseconds = 10_000

type Driver = typeof mssql
interface Opened {
  driver: Driver
  pool: ConnectionPool
}

/** `application` is the name under which the server shows these connections. */
export function sqlConnections(target: SqlTarget, limit: number, application: string): SqlConnections {
  const closing = new AbortController()
  const running = new Set<Promise<unknown>>()
  const connecting = new Set<Connection>()
  let opened: Promise<Opened> | null = null

  function open(): Promise<Opened> {
    opened ??= connect(target, limit, application, connecting).catch((thrown: unknown) => {
      opened = null
      throw sqlProblem(thrown, target.subject)
    })
    return opened
  }

  async function run(statement: Statement, values: Readonly<Record<string, string>>, options: Options): Promise<Row[]> {
    const { driver, pool } = await untilAborted(open(), options.signal)
    const request = new driver.Request(pool)
    for (const [name, value] of Object.entries(values)) request.input(name, driver.NVarChar(4000), value)
    if (options.onMessage) request.on('info', options.onMessage)
    const cancel = (): void => request.cancel()
    options.signal.addEventListener('abort', cancel, { once: true })
    try {
      const result = await request.query<Row>(sqlOf(statement))
      return result.recordsets[0] ?? []
    } catch (thrown) {
      if (options.signal.aborted && isCancelled(thrown)) throw options.signal.reason
      throw sqlProblem(thrown, target.subject)
    } finally {
      options.signal.removeEventListener('abort', cancel)
    }
  }

  return {
    async query(statement, values, { signal, onMessage }) {
      const work = run(statement, values, { signal: AbortSignal.any([signal, closing.signal]), onMessage })
      running.add(work)
      try {
        return await work
      } finally {
        running.delete(work)
      }
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new Problem('interrupted', { subject: target.subject, message: 'The connections were closed.' }))
      for (const connection of connecting) connection.close()
      await Promise.allSettled(running)
      const last = await opened?.catch(() => null)
      await last?.pool.close()
    },
  }
}

/** `connecting` holds the connections that are being made: a pool cannot be closed before they are. */
async function connect(
  target: SqlTarget,
  limit: number,
  application: string,
  connecting: Set<Connection>,
): Promise<Opened> {
  const driver = await loadDriver(target)
  const refusals: Error[] = []
  const settings: MssqlConfig = {
    ...clientSettings(await withPort(target), application),
    pool: { min: 0, max: limit, idleTimeoutMillis: idleMilliseconds },
    beforeConnect(connection) {
      connecting.add(connection)
      connection.once('connect', () => connecting.delete(connection))
      // The library's error for a refused login carries no number; the server's own message does.
      connection.on('errorMessage', (token: { number: number; message: string }) => {
        refusals.push(Object.assign(new Error(token.message), { number: token.number }))
      })
    },
  }
  const pool = new driver.ConnectionPool(settings)
  pool.on('error', () => {}) // reported by the request that meets it
  try {
    await pool.connect()
  } catch (thrown) {
    throw refusals.length === 0 ? thrown : new AggregateError(refusals)
  }
  return { driver, pool }
}

/** The library's own question to SQL Server Browser ends in a timeout that says nothing; ODBC asks by itself. */
async function withPort(target: SqlTarget): Promise<SqlTarget> {
  if (target.port !== null || target.login.authentication.kind === 'integrated') return target
  return { ...target, port: await askBrowser(target) }
}

/** Loaded when first needed: it costs 0.4 s and 47 MB. */
async function loadDriver(target: SqlTarget): Promise<Driver> {
  if (target.login.authentication.kind !== 'integrated') return (await import('mssql')).default
  try {
    return (await import('mssql/msnodesqlv8.js')).default
  } catch (thrown) {
    if (systemCode(thrown) !== 'MODULE_NOT_FOUND' && systemCode(thrown) !== 'ERR_MODULE_NOT_FOUND') throw thrown
    throw new Problem('sql-driver-missing', {
      subject: target.subject,
      message: 'Integrated authentication needs the package msnodesqlv8, which is not installed.',
      hint: 'On Windows: npm install msnodesqlv8. Elsewhere give `sql: { user, password }` (and `domain` for NTLM) in holdfast.yaml.',
      cause: thrown,
    })
  }
}
