import type { Clock } from '../../base/clock.ts'
import { Problem, toProblem } from '../../base/problem.ts'
import { deadline } from '../deadline.ts'
import type { SqlConnections } from './connections.ts'
import { holdsBackup, readContents } from './contents.ts'
import { isUnreachable } from './errors.ts'
import { number } from './rows.ts'
import type { BackedUpFile, TapeFacts } from './sql-server.ts'
import type { SqlTarget } from './target.ts'

/** What is known of a backup before it is restored. */
export interface Tape {
  header: TapeFacts
  files: readonly BackedUpFile[]
}

interface Tools {
  connections: SqlConnections
  /** The name under which the server shows the connection of the restore. */
  application: string
  target: SqlTarget
  clock: Clock
}

interface Lost {
  database: string
  path: string
  tape: Tape
  /** What the connection was lost by. */
  lost: Problem
  report: (percent: number) => void
}

const lookEveryMilliseconds = 2_000
const lookMilliseconds = 60_000
const patienceMilliseconds = 10 * 60_000

/**
 * The server alone knows what became of a restore whose connection went away: it goes on, has finished, or gave up. Resolves
 * when it finished. Throws `sql-restore-failed` where it gave up, `sql-restore-unknown` where nobody answers.
 */
export async function restoreEnded(tools: Tools, subject: string, of: Lost, signal: AbortSignal): Promise<void> {
  const { clock } = tools
  let heard = clock.monotonic()
  try {
    for (let absent = 0; ;) {
      const fate = await look(tools, subject, signal, of)
      if (fate instanceof Problem) {
        if (!isUnreachable(fate) || clock.monotonic() - heard > patienceMilliseconds) throw unknown(subject, of, fate)
      } else {
        heard = clock.monotonic()
        if (fate === 'finished') return
        absent = fate === 'running' ? 0 : absent + 1
        if (absent === 2) throw gaveUp(subject, of.lost)
      }
      await clock.sleep(lookEveryMilliseconds, signal)
    }
  } catch (thrown) {
    if (!signal.aborted) throw thrown
    await untilStopped(tools, subject, of)
    throw signal.reason
  }
}

/** Waits for the end of what runs under that name: an earlier restore of ours, whose daemon crashed. Stopped by the signal, and where it stands still by who asked. */
export async function awaitEnd(tools: Tools, subject: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    using limit = deadline(tools.clock, lookMilliseconds, () => late(subject), signal)
    if ((await running(tools, limit.signal)) === null) return
    await tools.clock.sleep(lookEveryMilliseconds, signal)
  }
}

/** Percent; null: nothing runs. Whoever may restore may see it. */
async function running({ connections, application }: Tools, signal: AbortSignal): Promise<number | null> {
  const [row] = await connections.query('progress', { application }, { signal })
  return row ? (number(row, 'done') ?? 0) : null
}

/** One question; a Problem: what it failed by, unless the caller gave up. */
async function look(
  tools: Tools,
  subject: string,
  signal: AbortSignal,
  { database, tape, report }: Lost,
): Promise<'running' | 'finished' | 'absent' | Problem> {
  using limit = deadline(tools.clock, lookMilliseconds, () => late(subject), signal)
  try {
    const percent = await running(tools, limit.signal)
    if (percent !== null) {
      report(Math.round(percent))
      return 'running'
    }
    const contents = await readContents(tools, database, limit.signal)
    if (contents === null) return 'absent'
    if (holdsBackup(contents, tape.header)) return 'finished'
    return contents.facts.state === 'RECOVERING' ? 'running' : 'absent'
  } catch (thrown) {
    signal.throwIfAborted()
    return toProblem(thrown, subject)
  }
}

/** After an abort whose confirmation was lost: returns once the server says that the restore runs no more. */
async function untilStopped(tools: Tools, subject: string, of: Lost): Promise<void> {
  using limit = deadline(tools.clock, lookMilliseconds, () => late(subject))
  for (;;) {
    try {
      if ((await running(tools, limit.signal)) === null) return
      await tools.clock.sleep(lookEveryMilliseconds, limit.signal)
    } catch (thrown) {
      if (limit.signal.aborted || !isUnreachable(thrown)) throw unknown(subject, of, toProblem(thrown))
      await tools.clock.sleep(lookEveryMilliseconds)
    }
  }
}

function late(subject: string): Problem {
  return new Problem('sql-timeout', {
    subject,
    message: `The instance did not answer within ${lookMilliseconds / 1000} seconds.`,
    hint: 'Look at the load and the error log of the instance.',
  })
}

function gaveUp(subject: string, cause: Problem): Problem {
  return new Problem('sql-restore-failed', {
    subject,
    message: 'The connection was lost, and the server stopped the restore.',
    hint: 'A database that is RESTORING holds nothing: begin the restore again. The SQL Server error log says more.',
    cause,
  })
}

function unknown(subject: string, { database, path }: Lost, cause: Problem): Problem {
  return new Problem('sql-restore-unknown', {
    subject,
    message: `What became of the restore of ${path} could not be found out: ${cause.message}`,
    hint: `On the instance: state_desc of ${database} in sys.databases, and msdb.dbo.restorehistory, show whether it finished.`,
    cause,
  })
}
