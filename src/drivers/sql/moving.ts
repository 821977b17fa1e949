import type { Clock } from '../../base/clock.ts'
import { Problem, toProblem } from '../../base/problem.ts'
import { formatDuration } from '../../base/units.ts'
import { deadline, stall, stallSeconds, untilAborted } from '../deadline.ts'
import type { SqlConnections } from './connections.ts'
import { number } from './rows.ts'

interface Tools {
  /** Not those of the work: they ask about it. */
  connections: SqlConnections
  subject: string
  clock: Clock
}

export interface Watched {
  signal: AbortSignal
  onProgress?: (percent: number) => void
}

const answerMilliseconds = 60_000

/**
 * Runs work of any length for as long as it gets on: its own word (`onProgress`) and what the server shows of the
 * connection named `application` count. Where neither figure moves for half an hour, its signal is aborted, which cancels
 * it on the server, and `sql-stalled` is thrown. Where the server may not be asked, only its own word counts.
 */
export async function whileMoving<T>(
  { connections, subject, clock }: Tools,
  application: string,
  { signal, onProgress }: Watched,
  work: (watched: Required<Watched>) => Promise<T>,
): Promise<T> {
  let [told, shown]: (number | null)[] = []

  async function ask(over: AbortSignal): Promise<number | null> {
    using limit = deadline(clock, answerMilliseconds, () => noAnswer(subject), over)
    const question = connections.query('progress', { application }, { signal: limit.signal })
    const [row] = await untilAborted(question, limit.signal)
    return number(row, 'done')
  }

  async function look(over: AbortSignal): Promise<string> {
    const answer = await ask(over).catch(() => null)
    shown = answer ?? shown // no answer is not movement
    return `${told} ${shown}`
  }

  using stalled = stall(clock, look, () => standing(subject))
  try {
    return await work({
      signal: AbortSignal.any([signal, stalled.signal]),
      onProgress(percent) {
        told = percent
        onProgress?.(percent)
      },
    })
  } catch (thrown) {
    if (!stalled.signal.aborted || thrown === stalled.signal.reason) throw thrown
    throw unstopped(subject, toProblem(thrown))
  }
}

const why = `It made no progress for ${formatDuration(stallSeconds)}`
const hint =
  'Look at the disks, at the connection of the instance to the share, and in sys.dm_exec_requests at what it waits for.'

/** Thrown once the server has said that it stopped. */
function standing(subject: string): Problem {
  return new Problem('sql-stalled', { subject, message: `${why} and was cancelled.`, hint })
}

function unstopped(subject: string, cause: Problem): Problem {
  return new Problem('sql-stalled', {
    subject,
    message: `${why}, and it could not be found out whether the server stopped it: ${cause.message}`,
    hint,
    cause,
  })
}

function noAnswer(subject: string): Problem {
  return new Problem('sql-timeout', { subject, message: 'The instance did not report its progress.' })
}
