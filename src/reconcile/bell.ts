import type { Clock } from '../base/clock.ts'

/** Wakes the loop. Rings while nobody waits are not lost, and many count as one. */
export interface Bell {
  readonly ring: () => void
  /** Resolves at the next ring, at once when it rang since the last wait, and after the time in any case. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>
}

export function createBell(clock: Clock): Bell {
  let rang = false
  let waiter: (() => void) | null = null
  return {
    ring() {
      rang = true
      waiter?.()
    },
    async wait(milliseconds, signal) {
      if (!rang && !signal.aborted) {
        const answered = new AbortController()
        waiter = () => {
          answered.abort()
        }
        await clock.sleep(milliseconds, AbortSignal.any([signal, answered.signal])).catch(() => {}) // rung or stopped
        waiter = null
      }
      rang = false
    },
  }
}
