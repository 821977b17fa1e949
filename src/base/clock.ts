import { performance } from 'node:perf_hooks'
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
  // By hand: `node:timers/promises` makes an error with a stack for each wait that is ended, which is most of them.
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error)
        return
      }
      const end = (): void => {
        clearTimeout(timer)
        reject(signal?.reason as Error)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', end)
        resolve()
      }, milliseconds)
      signal?.addEventListener('abort', end, { once: true })
    }),
}
