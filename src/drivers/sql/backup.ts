import type { Clock } from '../../base/clock.ts'
import { Problem, toProblem } from '../../base/problem.ts'
import { deadline } from '../deadline.ts'
import type { SqlConnections } from './connections.ts'
import { isUnreachable } from './errors.ts'
import { backupFate, type Fate } from './fate.ts'
import { reportProgress } from './progress.ts'
import { refuseWithout } from './rights.ts'
import { text } from './rows.ts'
import type { BackupReceipt, SqlServer } from './sql-server.ts'
import { canCompress } from './versions.ts'

interface Tools {
  /** A connection for this backup alone, named by `applicationOf`. */
  own: SqlConnections
  connections: SqlConnections
  subject: string
  clock: Clock
}
type Request = Parameters<SqlServer['backup']>[0]
type Options = Parameters<SqlServer['backup']>[1]

/** Without these a backup that ended well would be thrown away: its history and its header could not be read. */
const provable = ['createAnyDatabase', 'readHistory'] as const

/** Runs the backup to an end that is known: finished and in the server's history, failed, or stopped. */
export async function runBackup(tools: Tools, request: Request, options: Options): Promise<BackupReceipt> {
  const { signal } = options
  await refuseWithout(provable, tools.own, tools.subject, signal)
  const [instance] = await tools.own.query('instance', {}, { signal })
  const compress = canCompress(text(instance, 'version') ?? '', text(instance, 'edition') ?? '')
  let lost: Problem | null = null
  try {
    await tools.own.query(
      compress ? 'backupCompressed' : 'backup',
      { database: request.database, path: request.path, name: request.name },
      { signal, onMessage: (message) => reportProgress(message, options.onProgress) },
    )
  } catch (thrown) {
    if (!isUnreachable(thrown)) throw thrown // also the reason of an abort, which the server has confirmed
    lost = toProblem(thrown)
  }
  try {
    return await findOut(tools, request, options, lost)
  } catch (thrown) {
    if (!signal.aborted) throw thrown
    await untilStopped(tools, request)
    throw signal.reason
  }
}

const lookEveryMilliseconds = 2_000
const lookMilliseconds = 60_000
const patienceMilliseconds = 10 * 60_000

/**
 * The server alone knows what became of a backup whose connection went away: it goes on, has finished, or gave up.
 * `lost` is null when it said that it finished; then only its history is read.
 */
async function findOut(tools: Tools, request: Request, options: Options, lost: Problem | null): Promise<BackupReceipt> {
  const { clock } = tools
  let heard = clock.monotonic()
  for (let absent = 0; ;) {
    const fate = await look(tools, request, options.signal)
    if (fate instanceof Problem) {
      if (!isUnreachable(fate) || clock.monotonic() - heard > patienceMilliseconds) throw unknown(tools, request, fate)
    } else {
      heard = clock.monotonic()
      if (fate.percent !== null) options.onProgress?.(Math.round(fate.percent))
      if (fate.state === 'finished' && fate.receipt) return fate.receipt
      absent = fate.state === 'running' ? 0 : absent + 1
      if (fate.state === 'failed' || lost === null || absent === 2) throw failed(tools, request, fate, lost)
    }
    await clock.sleep(lookEveryMilliseconds, options.signal)
  }
}

/** One question; what it failed by, unless the caller gave up. */
async function look(tools: Tools, request: Request, signal: AbortSignal): Promise<Fate | Problem> {
  using limit = deadline(tools.clock, lookMilliseconds, () => late(tools), signal)
  try {
    return await backupFate(tools.connections, tools.subject, request.name, limit.signal)
  } catch (thrown) {
    signal.throwIfAborted()
    return toProblem(thrown, tools.subject)
  }
}

/** After an abort whose confirmation was lost: returns once the server says that the backup runs no more. */
async function untilStopped(tools: Tools, request: Request): Promise<void> {
  using limit = deadline(tools.clock, lookMilliseconds, () => late(tools))
  for (;;) {
    try {
      const fate = await backupFate(tools.connections, tools.subject, request.name, limit.signal)
      if (fate.state !== 'running') return
      await tools.clock.sleep(lookEveryMilliseconds, limit.signal)
    } catch (thrown) {
      if (!limit.signal.aborted && isUnreachable(thrown)) await tools.clock.sleep(lookEveryMilliseconds)
      else throw unknown(tools, request, toProblem(thrown))
    }
  }
}

function late(tools: Tools): Problem {
  return new Problem('sql-timeout', {
    subject: tools.subject,
    message: `The instance did not answer within ${lookMilliseconds / 1000} seconds.`,
    hint: 'Look at the load and the error log of the instance.',
  })
}

function databaseSubject(tools: Tools, request: Request): string {
  return `${tools.subject}/${request.database}`
}

function failed(tools: Tools, request: Request, fate: Fate, lost: Problem | null): Problem {
  const message =
    fate.state === 'failed'
      ? 'The backup holds damaged pages, says msdb.'
      : lost === null
        ? 'The server reported success, but msdb holds no record of the backup.'
        : 'The connection was lost, and the server stopped the backup.'
  return new Problem('sql-backup-failed', {
    subject: databaseSubject(tools, request),
    message,
    hint: 'The SQL Server error log says more. Holdfast tries again.',
    ...(lost === null ? {} : { cause: lost }),
  })
}

function unknown(tools: Tools, request: Request, cause: Problem): Problem {
  return new Problem('sql-backup-unknown', {
    subject: databaseSubject(tools, request),
    message: `What became of the backup to ${request.path} could not be found out: ${cause.message}`,
    hint: `On the instance: SELECT * FROM msdb.dbo.backupset WHERE name = N'${request.name}' shows whether it finished.`,
    cause,
  })
}
