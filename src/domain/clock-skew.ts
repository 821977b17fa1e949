import { addSeconds, secondsBetween, type Time } from '../base/time.ts'

/**
 * How far two clocks may differ before a time of one says nothing by the other. Kerberos refuses tickets beyond it ("Maximum
 * tolerance for computer clock synchronization").
 */
const tolerableSkewSeconds = 300

/** Of a clock: too far from ours, and in which direction. */
export type Skew = 'ahead' | 'behind'

/** Null: the two may be compared. */
export function skewOf(there: Time, here: Time): Skew | null {
  const ahead = secondsBetween(here, there)
  if (Math.abs(ahead) <= tolerableSkewSeconds) return null
  return ahead > 0 ? 'ahead' : 'behind'
}

/** What is dated after this was dated by a wrong clock. */
export function believableUntil(now: Time): Time {
  return addSeconds(now, tolerableSkewSeconds)
}
