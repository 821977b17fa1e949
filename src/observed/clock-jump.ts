import type { Clock } from '../base/clock.ts'
import { addSeconds, millisecondsOf, type Time } from '../base/time.ts'

const toleratedMilliseconds = 60_000

/**
 * Tells, each time it is asked, whether the wall clock jumped since it was last asked: then nobody knows how long
 * anything has been as it is. At first: whether `newest`, the last that a former process saw, is still to come.
 */
export function watchClock(clock: Clock, newest: Time | null): () => boolean {
  let wall = clock.now()
  let monotonic = clock.monotonic()
  let isFirst = true
  return () => {
    const [wallBefore, monotonicBefore] = [wall, monotonic]
    wall = clock.now()
    monotonic = clock.monotonic()
    const wasAhead = isFirst && newest !== null && newest > addSeconds(wall, toleratedMilliseconds / 1000)
    isFirst = false
    const gone = millisecondsOf(wall) - millisecondsOf(wallBefore)
    return wasAhead || Math.abs(gone - (monotonic - monotonicBefore)) > toleratedMilliseconds
  }
}
