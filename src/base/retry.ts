import type { Clock } from './clock.ts'
import { addSeconds, type Time } from './time.ts'
import { toProblem } from './problem.ts'
import { meaningOf } from './problem-codes.ts'

/** Tries again as the code of the problem says; anything else is thrown at once, and the last failure is thrown as it is. */
export async function retry<T>(what: (attempt: number) => Promise<T>, clock: Clock, signal: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await what(attempt)
    } catch (thrown) {
      const wait = meaningOf(toProblem(thrown).code).retrySeconds?.[attempt - 1]
      if (wait === undefined || signal.aborted) throw thrown
      await clock.sleep(wait * 1000, signal)
    }
  }
}

/** What one program holds for a moment, or somebody is just creating. */
const refusedSeconds = [1, 5, 15] as const

/** Tries again with those of many things that were refused; gives what still is at the end, in any order. */
export async function retryRefused<T>(
  refused: readonly T[],
  again: (refused: readonly T[]) => Promise<readonly T[]>,
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly T[]> {
  let left = refused
  for (const seconds of refusedSeconds) {
    if (left.length === 0) break
    await clock.sleep(seconds * 1000, signal)
    left = await again(left)
  }
  return left
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
