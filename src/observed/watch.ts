/** One subject of one probe: looks come one after another, by their own cadence or when somebody asks. */
import type { Clock } from '../base/clock.ts'
import { hashOf } from '../base/hash.ts'

export interface Watch {
  /** Resolves after a look that began after this call. Never rejects. */
  look(): Promise<void>
  /** Whether the last look of this process is older than the cadence allows, or there was none. */
  isDue(): boolean
  /** From now on looks by itself, at once and then at its cadence. */
  start(): void
  /** Another cadence from now on; a faster one begins with a look. */
  keepPace(everySeconds: number): void
  /** Stops the cadence, and resolves when the look under way has ended. */
  stop(): Promise<void>
}

export interface WatchOptions {
  /** Spreads the looks of many subjects, the same way after every start. */
  name: string
  everySeconds: number
  clock: Clock
  /** Takes a turn among the looks of its kind, then looks; never rejects. `begun` is called when its turn has come. */
  take: (begun: () => void, signal: AbortSignal) => Promise<void>
}

export function createWatch({ name, everySeconds, clock, take }: WatchOptions): Watch {
  const stopped = new AbortController()
  let pace = everySeconds
  let pause = new AbortController()
  let current: { begun: boolean; end: Promise<void> } | null = null
  let next: Promise<void> | null = null
  let cadence = Promise.resolve()
  let lookedAt = Number.NEGATIVE_INFINITY

  function look(): Promise<void> {
    if (stopped.signal.aborted) return current?.end ?? Promise.resolve()
    if (!current) {
      const begins = { begun: false, end: Promise.resolve() }
      current = begins
      begins.end = take(() => (begins.begun = true), stopped.signal).finally(() => {
        current = null
        lookedAt = clock.monotonic()
      })
      return begins.end
    }
    if (!current.begun) return current.end
    next ??= current.end.then(() => {
      next = null
      return look()
    })
    return next
  }

  async function keepLooking(): Promise<void> {
    while (!stopped.signal.aborted) {
      await look()
      pause = new AbortController()
      const either = AbortSignal.any([stopped.signal, pause.signal])
      await clock.sleep(intervalOf(name, pace) * 1000, either).catch(() => {}) // ended: somebody waits for a look
    }
  }

  return {
    look,
    isDue: () => clock.monotonic() - lookedAt > longestShare * pace * 1000,
    start() {
      cadence = keepLooking()
    },
    keepPace(next) {
      const isFaster = next < pace
      pace = next
      if (isFaster) pause.abort()
    },
    async stop() {
      stopped.abort()
      await cadence
      await current?.end
    },
  }
}

/** Of the cadence: what lies between two looks is up to a tenth more or less. */
const longestShare = 1.1

/** Within a tenth of the cadence to either side. */
function intervalOf(name: string, everySeconds: number): number {
  const share = Number.parseInt(hashOf(name).slice(0, 8), 16) / 0xffffffff
  return everySeconds * (0.9 + 0.2 * share)
}
