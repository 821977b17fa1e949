/** Waiting for what refuses for a while, as the state store does while a backup program holds it. */
import type { Clock } from './clock.ts'
import type { Log } from './log.ts'
import { logFields, toProblem, type Problem } from './problem.ts'
import { meaningOf } from './problem-codes.ts'
import type { Time } from './time.ts'

/**
 * Does the work. What meets a problem of which the code says that one waits is done again, after ever longer pauses,
 * until it is taken or `givesUp` says so; every other problem is thrown at once. Rejects with the signal's reason.
 */
export type Patience = <T>(
  work: () => T | Promise<T>,
  signal: AbortSignal,
  givesUp?: (waitedMilliseconds: number, problem: Problem) => boolean,
) => Promise<T>

export interface PatienceOptions {
  clock: Clock
  log: Log
  /** Called once nobody waits any more, where it had lasted long enough to be said. */
  onOver?: (wait: { code: Problem['code']; since: Time; until: Time }) => void
}

/** Shorter waits are nobody's business. */
const untoldMilliseconds = 2000
const firstPauseMilliseconds = 100
const longestPauseMilliseconds = 1600

/** All that wait share one beginning and one end: each is logged once, whoever else waits. */
export function createPatience({ clock, log, onOver = () => {} }: PatienceOptions): Patience {
  let waiting = 0
  let told: { code: Problem['code']; since: Time } | null = null

  function over(): void {
    if (--waiting > 0 || told === null) return
    const wait = { ...told, until: clock.now() }
    told = null
    log.warn(wait, 'the state store takes changes again')
    onOver(wait)
  }

  return async (work, signal, givesUp = () => false) => {
    let begun: { wall: Time; monotonic: number } | null = null
    try {
      for (let pause = firstPauseMilliseconds; ; pause = Math.min(2 * pause, longestPauseMilliseconds)) {
        try {
          return await work()
        } catch (thrown) {
          const problem = toProblem(thrown)
          if (meaningOf(problem.code).waits !== true) throw thrown
          if (begun === null) {
            begun = { wall: clock.now(), monotonic: clock.monotonic() }
            waiting++
          }
          const waited = clock.monotonic() - begun.monotonic
          if (givesUp(waited, problem)) throw thrown
          if (told === null && waited >= untoldMilliseconds) {
            told = { code: problem.code, since: begun.wall }
            log.warn(logFields(problem), 'the state store takes nothing: waiting for it')
          }
          await clock.sleep(pause, signal)
        }
      }
    } finally {
      if (begun !== null) over()
    }
  }
}
