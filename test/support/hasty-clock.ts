import { systemClock, type Clock } from '../../src/base/clock.ts'

const longestPauseMilliseconds = 10_000

/**
 * The system's clock with shorter pauses. A wait of more than 10 s is a deadline and keeps its length: on a busy machine a
 * shorter one would pass before the answer comes.
 */
export function hastyClock(times: number): Clock {
  return {
    ...systemClock,
    sleep: (milliseconds, signal) =>
      systemClock.sleep(milliseconds > longestPauseMilliseconds ? milliseconds : milliseconds / times, signal),
  }
}
