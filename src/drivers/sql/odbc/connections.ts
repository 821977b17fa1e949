import PQueue from 'p-queue'
import type { Clock } from '../../../base/clock.ts'
import { Problem } from '../../../base/problem.ts'
import { startModule, type ModuleProcess } from '../../child/module.ts'
import { deadline, untilAborted } from '../../deadline.ts'
import { tooManyBytes, tooManyRows } from '../answer-limit.ts'
import { askBrowser } from '../browser.ts'
import { cancelMilliseconds, connectMilliseconds } from '../client-settings.ts'
import { idleMilliseconds, type SqlConnections } from '../connections.ts'
import { sqlProblem } from '../errors.ts'
import { sqlOf } from '../statements.ts'
import type { SqlTarget } from '../target.ts'
import { connectionString } from './connection-string.ts'
import { driverMissing, isDriverMissing, odbcError, packageMissing } from './diagnostics.ts'
import type { Order, Report, Row } from './protocol.ts'

/** A statement that the process was given. */
interface Asked {
  by: ModuleProcess | null
  started: PromiseWithResolvers<void>
  answer: PromiseWithResolvers<Row[]>
  /** The server said that it stopped. */
  cancelled: boolean
  onMessage: ((message: { number: number; message: string }) => void) | undefined
}

/** Connections by ODBC under our own account, held by a process that ends when nothing was asked for a while. */
export function odbcConnections(target: SqlTarget, limit: number, application: string, clock: Clock): SqlConnections {
  const closing = new AbortController()
  const queue = new PQueue({ concurrency: limit })
  const asked = new Map<number, Asked>()
  let last = 0
  let host: ModuleProcess | null = null
  let resting = new AbortController()

  function start(): ModuleProcess {
    // A statement takes a thread for as long as it runs, and another to cancel it.
    const variables = { UV_THREADPOOL_SIZE: String(2 * limit + 2) }
    const started = startModule(new URL('./host.ts', import.meta.url), variables, (report) =>
      take(report as Report, started),
    )
    void started.ended.then(() => {
      if (host === started) host = null
      failAll(started, died())
    })
    return started
  }

  function failAll(by: ModuleProcess, problem: Problem): void {
    for (const [id, work] of asked) {
      if (work.by !== by) continue
      asked.delete(id)
      fail(work, problem)
    }
  }

  function died(): Problem {
    return sqlProblem(
      Object.assign(new Error('The process of the ODBC connections ended.'), { code: 'ECONNRESET' }),
      target.subject,
    )
  }

  function take(report: Report, by: ModuleProcess): void {
    if (report.kind === 'unusable') {
      failAll(by, packageMissing(target, report.reason))
      return
    }
    if (report.kind === 'too-much' && host === by) host = null
    if (report.id === null) {
      failAll(by, tooManyBytes(target.subject))
      return
    }
    const work = asked.get(report.id)
    if (!work) return
    if (report.kind === 'started') work.started.resolve()
    else if (report.kind === 'information') {
      const { code, message } = report.diagnostic
      work.onMessage?.({ number: code, message })
    } else {
      asked.delete(report.id)
      work.started.resolve()
      if (report.kind === 'rows') work.answer.resolve(report.rows)
      else if (report.kind === 'too-much')
        work.answer.reject(report.of === 'rows' ? tooManyRows(target.subject) : tooManyBytes(target.subject))
      else {
        work.cancelled = report.cancelled
        work.answer.reject(problemOf(report))
      }
    }
  }

  function problemOf({ at, diagnostics }: Report & { kind: 'failed' }): Problem {
    if (at === 'connecting' && isDriverMissing(diagnostics))
      return driverMissing(target, diagnostics[0]?.message ?? 'it gave no reason')
    return sqlProblem(odbcError(diagnostics), target.subject)
  }

  async function run(order: Omit<Order & { kind: 'run' }, 'id' | 'kind'>, signal: AbortSignal, work: Asked) {
    resting.abort()
    const id = ++last
    asked.set(id, work)
    const process = (host ??= start())
    work.by = process
    process.send({ kind: 'run', id, ...order } satisfies Order)
    try {
      await untilStarted(process, work, signal)
      return await untilAborted(work.answer.promise, signal)
    } catch (thrown) {
      if (!signal.aborted) throw thrown
      process.send({ kind: 'cancel', id } satisfies Order)
      return await untilStopped(process, work, signal)
    }
  }

  /** A driver that connects cannot be stopped, but with its process. */
  async function untilStarted(process: ModuleProcess, work: Asked, signal: AbortSignal): Promise<void> {
    using limit = deadline(clock, connectMilliseconds, () => late(target), signal)
    try {
      await untilAborted(work.started.promise, limit.signal)
    } catch (thrown) {
      if (!signal.aborted) await process.end()
      throw thrown
    }
  }

  /** Throws the signal's reason when the server has said that it stopped. */
  async function untilStopped(process: ModuleProcess, work: Asked, signal: AbortSignal): Promise<Row[]> {
    using limit = deadline(clock, cancelMilliseconds, () => unstopped(target))
    try {
      return await untilAborted(work.answer.promise, limit.signal)
    } catch (thrown) {
      if (limit.signal.aborted) await process.end()
      if (work.cancelled) throw signal.reason
      throw thrown
    }
  }

  /** Ends the process once nothing was asked for a while. */
  function rest(): void {
    if (asked.size > 0) return
    const now = (resting = new AbortController())
    clock.sleep(idleMilliseconds, now.signal).then(
      () => {
        const ending = host
        host = null
        void ending?.end()
      },
      () => {},
    )
  }

  const port = (): Promise<number> => (target.port === null ? askBrowser(target) : Promise.resolve(target.port))

  return {
    async query(statement, values, { signal: outer, onMessage }) {
      const signal = AbortSignal.any([outer, closing.signal])
      const work: Asked = {
        by: null,
        started: Promise.withResolvers(),
        answer: Promise.withResolvers(),
        cancelled: false,
        onMessage,
      }
      work.answer.promise.catch(() => {})
      const turn = Promise.withResolvers<null>()
      try {
        const answer = queue.add(async () => {
          turn.resolve(null)
          signal.throwIfAborted()
          const connection = connectionString({ ...target, port: await untilAborted(port(), signal) }, application)
          const order = { connection, sql: withMarkers(sqlOf(statement), values), values: Object.values(values) }
          return await run(order, signal, work)
        })
        answer.catch(() => {})
        await untilAborted(turn.promise, signal) // the queue itself would not wait for the end of what runs
        return await answer
      } catch (thrown) {
        if (signal.aborted && thrown === signal.reason) throw thrown
        throw sqlProblem(thrown, target.subject)
      } finally {
        rest()
      }
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new Problem('interrupted', { subject: target.subject, message: 'The connections were closed.' }))
      await queue.onIdle()
      resting.abort()
      await host?.end()
    },
  }
}

function fail(work: Asked, problem: Problem): void {
  work.answer.reject(problem)
  work.started.resolve()
}

/** ODBC knows values by their order alone: they become the variables that the statement names. */
export function withMarkers(sql: string, values: Readonly<Record<string, string>>): string {
  const names = Object.keys(values)
  if (names.length === 0) return sql
  return `DECLARE ${names.map((name) => `@${name} nvarchar(4000) = ?`).join(', ')};${sql}`
}

function late({ subject }: SqlTarget): Problem {
  return sqlProblem(
    Object.assign(new Error(`The ODBC driver made no connection within ${connectMilliseconds / 1000} seconds.`), {
      code: 'ETIMEDOUT',
    }),
    subject,
  )
}

function unstopped({ subject }: SqlTarget): Problem {
  return sqlProblem(
    Object.assign(new Error('The server did not confirm that it stopped; the connection was ended.'), {
      code: 'ECONNRESET',
    }),
    subject,
  )
}
