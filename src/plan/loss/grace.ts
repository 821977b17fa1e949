import { secondsBetween, type Time } from '../../base/time.ts'
import type { Digest } from '../digest.ts'

/** Whether something has been so for the grace period. A clock that went back proves nothing. */
export function hasLasted(since: Time, { desired, now }: Pick<Digest, 'desired' | 'now'>): boolean {
  const seconds = secondsBetween(since, now)
  return seconds >= 0 && seconds >= desired.deployment.graceSeconds
}
