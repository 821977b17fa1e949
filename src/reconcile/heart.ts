import type { Clock } from '../base/clock.ts'
import { Problem } from '../base/problem.ts'
import type { Store } from '../store/store.ts'

const beatMilliseconds = 500
const beatsPerRenewal = 10

/**
 * Keeps the lease while the daemon lives and rings when somebody asked for something. Ends when the signal is aborted;
 * rejects with Problem `lease-lost` when another process took the lease.
 */
export async function keepLease(store: Store, clock: Clock, signal: AbortSignal, ring: () => void): Promise<void> {
  let known = ''
  for (let beat = 1; !signal.aborted; beat++) {
    if (beat % beatsPerRenewal === 0 && !store.lease.renew())
      throw new Problem('lease-lost', {
        message: 'Another process took the lease of the state store.',
        hint: 'This happens when the machine stood still for long (a suspended virtual machine). Only one daemon may use a state store.',
      })
    const waiting = store.requests
      .waiting()
      .map(({ id }) => id)
      .join()
    if (waiting !== known) ring()
    known = waiting
    await clock.sleep(beatMilliseconds, signal).catch(() => {}) // stopped: the loop ends
  }
}
