import type { Clock } from '../base/clock.ts'
import type { Patience } from '../base/patience.ts'
import { Problem } from '../base/problem.ts'
import type { Store } from '../store/store.ts'

const beatMilliseconds = 500
const beatsPerRenewal = 10

/**
 * Keeps the lease while the daemon lives and rings when somebody asked for something. Ends when the signal is aborted;
 * rejects with Problem `lease-lost` when another process took the lease.
 */
export async function keepLease(
  store: Store,
  clock: Clock,
  untilTaken: Patience,
  signal: AbortSignal,
  ring: () => void,
): Promise<void> {
  /** The requests that wait. A lease that cannot be renewed now is ours until another process has taken it. */
  const beatOnce = (renews: boolean): string => {
    if (!store.isInPlace() || (renews && !store.lease.renew()))
      throw new Problem('lease-lost', {
        message: 'Another process took the lease of the state store, or put another file in its place.',
        hint: 'This happens when the machine stood still for long (a suspended virtual machine). Only one daemon may use a state store.',
      })
    return store.requests
      .waiting()
      .map(({ id }) => id)
      .join()
  }
  let known = ''
  for (let beat = 1; !signal.aborted; beat++) {
    const renews = beat % beatsPerRenewal === 0
    const waiting = await untilTaken(() => beatOnce(renews), signal).catch((thrown: unknown) => {
      if (signal.aborted) return known
      throw thrown
    })
    if (waiting !== known) ring()
    known = waiting
    await clock.sleep(beatMilliseconds, signal).catch(() => {}) // stopped: the loop ends
  }
}
