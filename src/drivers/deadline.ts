import type { Clock } from '../base/clock.ts'
import type { Problem } from '../base/problem.ts'

/**
 * A signal that is aborted by `outer`, or with the problem that `late` makes once `milliseconds` have passed. Disposing
 * it stops the clock.
 */
export function deadline(
  clock: Clock,
  milliseconds: number,
  late: () => Problem,
  outer?: AbortSignal,
): { readonly signal: AbortSignal } & Disposable {
  const expired = new AbortController()
  const done = new AbortController()
  clock.sleep(milliseconds, done.signal).then(
    () => expired.abort(late()),
    () => {},
  )
  return {
    signal: outer ? AbortSignal.any([outer, expired.signal]) : expired.signal,
    [Symbol.dispose]: () => done.abort(disposed),
  }
}

/** Made once: without a reason each `abort` makes an error with a stack, and each look ends with one. */
const disposed = 'disposed'

/** What `work` becomes, or the signal's reason as soon as it is aborted. The work itself is not stopped. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => {})
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

const lookEveryMilliseconds = 60_000
/** How long work of any length may make no progress. */
export const stallSeconds = 30 * 60

/**
 * A signal that is aborted with the problem that `late` makes once `look`, asked every minute, has reported the same for half
 * an hour. `look` must not throw. Disposing it stops the clock.
 */
export function stall(
  clock: Clock,
  look: (signal: AbortSignal) => Promise<unknown>,
  late: () => Problem,
): { readonly signal: AbortSignal } & Disposable {
  const hung = new AbortController()
  const done = new AbortController()
  const watch = async (): Promise<void> => {
    let last: unknown
    for (let movedAt = clock.monotonic(); clock.monotonic() - movedAt < stallSeconds * 1000;) {
      await clock.sleep(lookEveryMilliseconds, done.signal)
      const now = await look(done.signal)
      if (now !== last) movedAt = clock.monotonic()
      last = now
    }
    hung.abort(late())
  }
  watch().catch(() => {}) // disposed
  return { signal: hung.signal, [Symbol.dispose]: () => done.abort(disposed) }
}
