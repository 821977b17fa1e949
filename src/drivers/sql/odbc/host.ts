/**
 * A process that holds ODBC connections for its parent, because the driver is native code: it takes a thread for each
 * statement for as long as that runs, keeps whatever a server sends, and could crash. It ends with its parent.
 */
import { createRequire } from 'node:module'
import { systemClock } from '../../../base/clock.ts'
import { mostBytes, mostRows } from '../answer-limit.ts'
import type { Diagnostic, Order, Report, Row } from './protocol.ts'

/** What is used here of the package msnodesqlv8. */
interface Driver {
  open(options: { conn_str: string }, done: (error: NativeError | null, connection: Connection) => void): void
}
interface Connection {
  queryRaw(query: { query_str: string; query_timeout: number }, values: readonly unknown[]): Query
  /** Its `cancelQuery` is refused while a statement runs without polling; this is what it calls otherwise. */
  driverMgr: { cancel(query: Query, done: (error: Error | null) => void): void }
  close(done: () => void): void
}
interface Query {
  getHandle(): unknown
  on(event: string, listener: (...values: never[]) => void): void
}
interface NativeError {
  message: string
  /** The two ways in which the package spells it. */
  sqlstate?: string
  sqlState?: string
  code?: number
  details?: NativeError[]
}

interface Work {
  order: Order & { kind: 'run' }
  connection: Connection | null
  query: Query | null
  cancelled: boolean
  sent: boolean
}

const lookEveryMilliseconds = 250
/** Many times what the answers take that are not cut off. */
const mostMemory = 128 * 2 ** 20

const works = new Map<number, Work>()
const idle: Connection[] = []
const driver = load()

function load(): Driver | null {
  try {
    return createRequire(import.meta.url)('msnodesqlv8') as Driver
  } catch (thrown) {
    report({
      kind: 'unusable',
      reason: thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : String(thrown),
    })
    return null
  }
}

function report(value: Report): void {
  process.send?.(value)
}

process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.on('message', (order: Order) => {
  if (order.kind === 'run') begin(order)
  else cancel(order.id)
})
void watchMemory()

function begin(order: Order & { kind: 'run' }): void {
  const work: Work = { order, connection: idle.pop() ?? null, query: null, cancelled: false, sent: false }
  works.set(order.id, work)
  if (work.connection) {
    run(work, work.connection)
    return
  }
  driver?.open({ conn_str: order.connection }, (error, connection) => {
    if (!works.has(order.id)) {
      if (!error) idle.push(connection)
    } else if (!error) run(work, connection)
    else end(work, { kind: 'failed', id: order.id, at: 'connecting', cancelled: false, diagnostics: flat(error) })
  })
}

function run(work: Work, connection: Connection): void {
  const { id, sql, values } = work.order
  work.connection = connection
  const answer = new Answer((of) => leave({ kind: 'too-much', id, of }))
  const query = connection.queryRaw({ query_str: sql, query_timeout: 0 }, values)
  work.query = query
  query.on('stateChange', () => stopWhenPossible(work))
  query.on('info', (error: NativeError) => {
    answer.count(error.message)
    report({ kind: 'information', id, diagnostic: diagnostic(error) })
  })
  query.on('meta', (columns: readonly { name: string }[]) => answer.begin(columns.map(({ name }) => name)))
  query.on('row', () => answer.beginRow())
  query.on('column', (index: number, value: unknown) => answer.add(index, value))
  const errors: Diagnostic[] = []
  query.on('error', (error: NativeError) => errors.push(...flat(error)))
  let whole = false
  query.on('done', () => (whole = true))
  query.on('free', () => {
    if (!whole && errors.length === 0) errors.push(brokenOff)
    if (errors.length === 0) end(work, { kind: 'rows', id, rows: answer.rows })
    else {
      const cancelled = work.cancelled && errors.some(({ state }) => state === 'HY008')
      end(work, { kind: 'failed', id, at: 'running', cancelled, diagnostics: errors }, errors.some(isBroken))
    }
  })
  report({ kind: 'started', id })
}

/** A connection that works goes back for the next statement; the error of a cancel leaves it whole. */
function end(work: Work, value: Report, broken = false): void {
  works.delete(work.order.id)
  if (broken) work.connection?.close(() => {})
  else if (work.connection) idle.push(work.connection)
  report(value)
}

/** A server that answers without end may not confirm a cancel either, so the process ends with all its connections; a signal does not wait for the driver. */
function leave(value: Report): void {
  process.send?.(value, () => process.kill(process.pid, 'SIGKILL'))
}

function cancel(id: number): void {
  const work = works.get(id)
  if (!work) return
  work.cancelled = true
  if (work.query) stop(work)
  else end(work, { kind: 'failed', id, at: 'connecting', cancelled: true, diagnostics: [] })
}

/** Cancels the statement on the server, at once or as soon as the driver has it. */
function stop(work: Work): void {
  if (work.sent || !work.query || !work.connection || work.query.getHandle() === null) return
  work.sent = true
  work.connection.driverMgr.cancel(work.query, () => {})
}

function stopWhenPossible(work: Work): void {
  if (work.cancelled) stop(work)
}

/** The rows of the first result, and how much came. */
class Answer {
  readonly rows: Row[] = []
  tooMuch: 'rows' | 'bytes' | null = null
  readonly #onTooMuch: (of: 'rows' | 'bytes') => void
  #columns: readonly string[] = []
  #results = 0
  #bytes = 0

  constructor(onTooMuch: (of: 'rows' | 'bytes') => void) {
    this.#onTooMuch = onTooMuch
  }

  begin(columns: readonly string[]): void {
    this.#columns = columns
    this.#results++
  }

  beginRow(): void {
    this.#count(8)
    if (this.#results > 1 || this.tooMuch !== null) return
    this.rows.push({})
    if (this.rows.length > mostRows) this.#stop('rows')
  }

  add(index: number, value: unknown): void {
    this.count(value)
    const [name, row] = [this.#columns[index], this.rows.at(-1)]
    if (this.#results === 1 && this.tooMuch === null && row && name !== undefined) row[name] = value
  }

  count(value: unknown): void {
    this.#count(typeof value === 'string' ? value.length * 2 : Buffer.isBuffer(value) ? value.length : 8)
  }

  #count(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes > mostBytes) this.#stop('bytes')
  }

  #stop(of: 'rows' | 'bytes'): void {
    if (this.tooMuch !== null) return
    this.tooMuch = of
    this.rows.length = 0
    this.#onTooMuch(of)
  }
}

/** FreeTDS tells of a connection that ends in an answer as of a warning, and the package then nothing at all. */
const brokenOff: Diagnostic = {
  state: '08S01',
  code: 0,
  message: 'The driver broke off the statement without an error.',
}

function flat(error: NativeError | readonly NativeError[]): Diagnostic[] {
  if (Array.isArray(error)) return (error as readonly NativeError[]).flatMap(flat)
  const { details } = error as NativeError
  return details ? details.map(diagnostic) : [diagnostic(error as NativeError)]
}

/** Without the names of the driver's layers, which stand in brackets in front. */
function diagnostic({ message, sqlstate, sqlState, code }: NativeError): Diagnostic {
  return { state: sqlstate ?? sqlState ?? '', code: code ?? 0, message: message.replace(/^(\[[^\]]*\])+/, '') }
}

/** Class 08: the connection; also where the driver gave up waiting, or failed by itself. */
function isBroken({ state, code }: Diagnostic): boolean {
  return state.startsWith('08') || state.startsWith('HYT') || (state === 'HY000' && code === 0)
}

/** What the driver keeps is not seen from here before an answer is whole: one value, or messages, may have no end. */
async function watchMemory(): Promise<void> {
  const atStart = process.memoryUsage.rss()
  while (process.memoryUsage.rss() - atStart < mostMemory) await systemClock.sleep(lookEveryMilliseconds)
  leave({ kind: 'too-much', id: null, of: 'bytes' })
}
