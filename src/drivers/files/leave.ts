/**
 * The word of somebody that we may still write, for all threads: a process that stood still for long finds that it is old, and
 * asks before it gives a file its name.
 */

/** How old it may be. To ask takes two small files. */
const freshNanoseconds = 1_000_000_000n

/** When it was asked for, in nanoseconds of the monotonic clock. */
export type SharedLeave = BigInt64Array<SharedArrayBuffer>

export interface Leave {
  shared: SharedLeave
  /** Asks where the last answer is too old; throws what `ask` throws. */
  renew(): Promise<void>
}

/** Nothing is asked before somebody needs it. */
export function createLeave(ask: () => Promise<void>): Leave {
  const shared: SharedLeave = new BigInt64Array(new SharedArrayBuffer(8))
  shared[0] = process.hrtime.bigint() - freshNanoseconds - 1n
  let asking: Promise<void> | null = null
  async function askAgain(): Promise<void> {
    const begun = process.hrtime.bigint()
    await ask()
    Atomics.store(shared, 0, begun)
    Atomics.notify(shared, 0)
  }
  return {
    shared,
    async renew() {
      if (isFresh(shared)) return
      asking ??= askAgain().finally(() => (asking = null))
      await asking
    },
  }
}

function isFresh(leave: SharedLeave): boolean {
  return process.hrtime.bigint() - Atomics.load(leave, 0) <= freshNanoseconds
}

/** What a worker says instead of results when it waits for leave. */
export const asksForLeave = 'leave'

const lookMilliseconds = 1000

/**
 * On a thread that may stand still: where the word is old it is asked for by `ask`, once, and waited for. False: stopped before
 * it came.
 */
export function waitForLeave(leave: SharedLeave, ask: () => void, stopped: () => boolean): boolean {
  if (isFresh(leave)) return true
  const last = Atomics.load(leave, 0)
  ask()
  while (Atomics.load(leave, 0) === last) {
    if (stopped()) return false
    Atomics.wait(leave, 0, last, lookMilliseconds)
  }
  return true
}
