import type { Clock } from './clock.ts'
import { addSeconds, type Time } from './time.ts'
import { toProblem } from './problem.ts'
import type { ProblemCode } from './problem-codes.ts'

/** Which problems pass by themselves, and how long to wait before each further attempt, in seconds. */
const transient: Partial<Record<ProblemCode, readonly number[]>> = {
  'file-busy': [1, 2, 5, 10],
  'file-not-replaced': [1, 2, 5, 10],
  'shell-died': [2],
  'sql-backup-failed': [2, 15],
  'sql-connection-lost': [2, 10],
  'sql-deadlock': [1, 5],
  'sql-device-failed': [5, 20],
  'sql-failed-over': [5, 20],
  'sql-not-principal': [5],
  'sql-not-ready': [5, 20],
  'sql-refused': [3],
  'ssh-connection-lost': [2, 10],
  'ssh-unreachable': [5],
}

/** Tries again as the table says; anything else is thrown at once, and the last failure is thrown as it is. */
export async function retry<T>(what: (attempt: number) => Promise<T>, clock: Clock, signal: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await what(attempt)
    } catch (thrown) {
      const wait = transient[toProblem(thrown).code]?.[attempt - 1]
      if (wait === undefined || signal.aborted) throw thrown
      await clock.sleep(wait * 1000, signal)
    }
  }
}

const backoffSeconds = [60, 300, 900, 3600] as const

/** When a failed action may start again: after 1, 5, 15 minutes, then hourly. `failures`: end times, oldest first. */
export function nextAttemptAt(failures: readonly Time[]): Time | null {
  const last = failures.at(-1)
  if (last === undefined) return null
  return addSeconds(last, backoffSeconds[Math.min(failures.length, backoffSeconds.length) - 1] ?? 3600)
}

const longestReconnectSeconds = 60

/** Seconds before a session that failed so many times in a row is opened again: 1, 2, 4 and so on, at most a minute. */
export function reconnectAfter(failures: number): number {
  return Math.min(2 ** (failures - 1), longestReconnectSeconds)
}
