import type { Clock } from '../../base/clock.ts'
import { Problem } from '../../base/problem.ts'
import type { ShellHost } from './host.ts'

const restMilliseconds = 60_000

/**
 * A shell host for looking: where no session can be had, it is tried again a minute later, and what is asked until then
 * fails at once with what was wrong. Else a thousand looks would wait for it, one after another.
 */
export function forLooking<S extends ShellHost>(shell: S, clock: Clock): S {
  let failed: { problem: Problem; until: number } | null = null
  return {
    ...shell,
    async call(name, parameters, signal) {
      if (failed && clock.monotonic() < failed.until) throw failed.problem
      try {
        return await shell.call(name, parameters, signal)
      } catch (thrown) {
        if (thrown instanceof Problem && thrown.code === 'shell-unreachable')
          failed = { problem: thrown, until: clock.monotonic() + restMilliseconds }
        throw thrown
      }
    },
  }
}
