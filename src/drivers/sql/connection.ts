import type mssql from 'mssql'
import type { config as MssqlConfig, Connection, ConnectionPool, Request } from 'mssql'
import type { Clock } from '../../base/clock.ts'
import { Problem } from '../../base/problem.ts'
import { untilAborted } from '../deadline.ts'
import { limitAnswers, mostRows, tooManyBytes, tooManyRows } from './answer-limit.ts'
import { askBrowser } from './browser.ts'
import { isCancelled, sqlProblem } from './errors.ts'
import { clientSettings, type NamedLogin } from './client-settings.ts'
import { connector, type Connector } from './connector.ts'
import { sqlDriver } from './driver.ts'
import { idleMilliseconds, type AskOptions, type Row, type SqlConnections } from './connections.ts'
import { odbcConnections } from './odbc/connections.ts'
import { sqlOf, type Statement } from './statements.ts'
import type { SqlTarget } from './target.ts'

type Driver = typeof mssql
interface Opened {
  driver: Driver
  pool: ConnectionPool
}

/** `application` is the name under which the server shows these connections. */
export function sqlConnections(target: SqlTarget, limit: number, application: string, clock: Clock): SqlConnections {
  const { authentication } = target.login
  return authentication.kind === 'integrated'
    ? odbcConnections(target, limit, application, clock)
    : namedConnections(target, authentication, limit, application)
}

/** By the client library, which knows every login but that of our own account. */
function namedConnections(target: SqlTarget, login: NamedLogin, limit: number, application: string): SqlConnections {
  const closing = new AbortController()
  const running = new Set<Promise<unknown>>()
  const connecting = new Set<Connection>()
  let opened: Promise<Opened> | null = null
  /** How many connections were ended because their answer had no end, and that is not told yet. */
  let cutOff = 0
  const way = connector((socket) => limitAnswers(socket, () => cutOff++))

  /** What the library says of a connection that we ended does not say why. */
  function problemOf(thrown: unknown): Problem {
    if (cutOff === 0 || thrown instanceof Problem) return sqlProblem(thrown, target.subject)
    cutOff--
    return tooManyBytes(target.subject)
  }

  function open(): Promise<Opened> {
    opened ??= connect(target, login, limit, application, connecting, way).catch((thrown: unknown) => {
      opened = null
      throw problemOf(thrown)
    })
    return opened
  }

  async function run(
    statement: Statement,
    values: Readonly<Record<string, string>>,
    options: AskOptions,
  ): Promise<Row[]> {
    const { driver, pool } = await untilAborted(open(), options.signal)
    const request = new driver.Request(pool)
    for (const [name, value] of Object.entries(values)) request.input(name, driver.NVarChar(4000), value)
    if (options.onMessage) request.on('info', options.onMessage)
    const cancel = (): void => request.cancel()
    options.signal.addEventListener('abort', cancel, { once: true })
    try {
      const rows = await rowsOf(request, sqlOf(statement))
      if (rows === null) throw tooManyRows(target.subject)
      return rows
    } catch (thrown) {
      if (options.signal.aborted && isCancelled(thrown)) throw options.signal.reason
      throw problemOf(thrown)
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

/** Rows of the first result, one by one as they come; null: there were too many, and the statement was cancelled. */
async function rowsOf(request: Request, sql: string): Promise<Row[] | null> {
  const kept: { rows: Row[] | null } = { rows: [] }
  const errors: Error[] = []
  let results = 0
  request.stream = true
  request.on('recordset', () => results++)
  request.on('row', (row: Row) => {
    if (results > 1 || kept.rows === null || kept.rows.push(row) <= mostRows) return
    kept.rows = null
    request.cancel()
  })
  request.on('error', (error: Error) => errors.push(error))
  await request.query(sql)
  const last = errors.pop()
  if (kept.rows !== null && last) throw Object.assign(last, { precedingErrors: errors })
  return kept.rows
}

/** `connecting` holds the connections that are being made: a pool cannot be closed before they are. */
async function connect(
  target: SqlTarget,
  login: NamedLogin,
  limit: number,
  application: string,
  connecting: Set<Connection>,
  way: Connector,
): Promise<Opened> {
  const driver = await sqlDriver()
  const refusals: Error[] = []
  const settings: MssqlConfig = {
    ...clientSettings(await withPort(target), login, application, way),
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

/** The library's own question to SQL Server Browser ends in a timeout that says nothing. */
async function withPort(target: SqlTarget): Promise<SqlTarget> {
  return target.port === null ? { ...target, port: await askBrowser(target) } : target
}
