import type { Clock } from '../base/clock.ts'
import { Problem } from '../base/problem.ts'
import { adoptingChildren } from '../drivers/child/adopt.ts'
import { deadline } from '../drivers/deadline.ts'

/** What Git is started by, so that it can be ended with all that it starts. */
export { groupLeader } from '../drivers/child/adopt.ts'

/**
 * Runs `start`, which runs Git. When the signal is aborted, or after `milliseconds`, its processes are ended with all that
 * they started; then it rejects with the signal's reason, or with Problem `source-unreachable`.
 */
export async function bounded<T>(
  what: string,
  milliseconds: number,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
  start: () => Promise<T>,
): Promise<T> {
  using limit = deadline(clock, milliseconds, () => late(what, milliseconds), signal)
  return await adoptingChildren({ clock, signal: limit.signal }, start)
}

function late(what: string, milliseconds: number): Problem {
  return new Problem('source-unreachable', {
    message: `${what} did not end within ${milliseconds / 1000} seconds and was stopped.`,
    hint: 'Check the network and the server of the repository.',
  })
}
