import { systemClock, type Clock } from '../../src/base/clock.ts'

/** The system's clock until `hurry` is called: from then on all that is waited for, also since before, comes 40 times sooner. */
export function hurriedClock(): Clock & { hurry(): void } {
  const hurried = Promise.withResolvers<undefined>()
  return {
    ...systemClock,
    hurry: () => hurried.resolve(undefined),
    async sleep(milliseconds, signal) {
      const stop = new AbortController()
      const both = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal
      const soon = hurried.promise.then(() => systemClock.sleep(milliseconds / 40, both))
      try {
        await Promise.race([systemClock.sleep(milliseconds, both), soon])
      } finally {
        soon.catch(() => {})
        stop.abort()
      }
    },
  }
}
