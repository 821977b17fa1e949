import type { Clock } from '../../src/base/clock.ts'
import { millisecondsOf, timeOf, type Time } from '../../src/base/time.ts'

interface Sleeper {
  until: number
  wake: () => void
}

/** A clock that stands still until a test moves it. */
export class TestClock implements Clock {
  #wall: number
  #monotonic = 0
  #sleepers: Sleeper[] = []

  constructor(start: Time) {
    this.#wall = millisecondsOf(start)
  }

  now(): Time {
    return timeOf(this.#wall)
  }

  monotonic(): number {
    return this.#monotonic
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error)
        return
      }
      const abort = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
        reject(signal?.reason as Error)
      }
      // Who woke no longer listens: a signal that outlives a day of sleeps would have thousands of listeners.
      const wake = (): void => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }
      const sleeper: Sleeper = { until: this.#monotonic + milliseconds, wake }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', abort)
    })
  }

  /** How many wait at this moment. */
  get sleeping(): number {
    return this.#sleepers.length
  }

  /** Both clocks go on; everybody whose time has come wakes, in order. */
  async advance(seconds: number): Promise<void> {
    const end = this.#monotonic + seconds * 1000
    for (;;) {
      const next = this.#sleepers.filter((sleeper) => sleeper.until <= end).sort((a, b) => a.until - b.until)[0]
      if (!next) break
      this.#wall += next.until - this.#monotonic
      this.#monotonic = next.until
      this.#sleepers = this.#sleepers.filter((other) => other !== next)
      next.wake()
      await new Promise((resolve) => setImmediate(resolve))
    }
    this.#wall += end - this.#monotonic
    this.#monotonic = end
  }

  /** The wall clock jumps, as after a correction; nobody wakes. */
  jump(seconds: number): void {
    this.#wall += seconds * 1000
  }
}
