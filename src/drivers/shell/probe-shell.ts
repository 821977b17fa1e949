import type { Clock } from '../../base/clock.ts'
import { Problem } from '../../base/problem.ts'
import type { CallResult, ShellHost } from './host.ts'

const restMilliseconds = 60_000
/** No session can be had. */
const away: readonly string[] = ['shell-unreachable', 'shell-silent', 'shell-module-failed']

/**
 * A shell host for looking: where no session can be had, it is tried again each minute, and what is asked until one can
 * fails at once with what was wrong. Nobody waits for the try: else a thousand looks would, one after another.
 */
export function forLooking<S extends ShellHost>(shell: S, clock: Clock): S {
  let failed: { problem: Problem; until: number } | null = null
  let trial: Promise<unknown> | null = null

  async function attempt(...asked: Parameters<ShellHost['call']>): Promise<CallResult> {
    try {
      const result = await shell.call(...asked)
      failed = null
      return result
    } catch (thrown) {
      const isAway = thrown instanceof Problem && away.includes(thrown.code)
      failed = isAway ? { problem: thrown, until: clock.monotonic() + restMilliseconds } : null
      throw thrown
    }
  }

  return {
    ...shell,
    async call(...asked) {
      if (!failed) return await attempt(...asked)
      if (clock.monotonic() >= failed.until)
        trial ??= attempt('commands', { Name: 'Get-Command' }, new AbortController().signal)
          .catch(() => {}) // the next look says so
          .finally(() => (trial = null))
      throw failed.problem
    },
  }
}
