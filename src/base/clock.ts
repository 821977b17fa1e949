import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { timeOf, type Time } from './time.ts'

/** The one way to learn the time and to wait. Tests drive their own. */
export interface Clock {
  /** Wall-clock time; may jump in either direction. */
  now(): Time
  /** Milliseconds from an arbitrary start; never goes back. */
  monotonic(): number
  /** Resolves after `milliseconds`; rejects with the signal's reason when it is aborted first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => timeOf(Date.now()),
  monotonic: () => performance.now(),
  async sleep(milliseconds, signal) {
    try {
      await delay(milliseconds, undefined, signal ? { signal } : {})
    } catch (error) {
      throw signal?.aborted ? signal.reason : error
    }
  },
}
