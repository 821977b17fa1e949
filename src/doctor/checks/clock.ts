import { Problem } from '../../base/problem.ts'
import { secondsBetween, type Time } from '../../base/time.ts'
import { skewOf } from '../../domain/clock-skew.ts'
import type { Subject } from '../../domain/words.ts'

/** Says how far the clock of `subject` is from ours. Throws `clock-skew` when that is too far. */
export function refuseSkew(subject: Subject, there: Time, here: Time): string {
  const ahead = Math.round(secondsBetween(here, there))
  const words = `${Math.abs(ahead)} s ${ahead < 0 ? 'behind' : 'ahead of'} this machine`
  if (skewOf(there, here) === null) return ahead === 0 ? 'as this machine' : words
  throw new Problem('clock-skew', {
    subject,
    message: `Its clock is ${words}.`,
    hint: 'Find out which of the two is wrong and set it by the time service: w32tm /query /status, then w32tm /resync.',
  })
}
