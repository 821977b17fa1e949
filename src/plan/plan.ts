import type { Time } from '../base/time.ts'
import type { Desired } from '../domain/model.ts'
import type { Memory, Observed, Plan } from '../domain/words.ts'

/** What should be done now and what must be said about the world: no I/O, no clock, no chance. */
export function plan(_desired: Desired, _observed: Observed, _memory: Memory, _now: Time): Plan {
  throw new Error('not built yet')
}
