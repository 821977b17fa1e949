import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import type { Desired } from '../domain/model.ts'
import type { Drivers } from '../drivers/drivers.ts'
import { createHints, type Hints } from './hints.ts'

/** A burst of events is one hint. */
const settleMilliseconds = 500

/** Calls `look` soon after something happened in a location or in the folder of one of its policies. */
export function watchLocations(
  clock: Clock,
  drivers: Drivers,
  look: (location: string) => void,
): { follow(desired: Desired): Promise<void>; close(): void } {
  const closed = new AbortController()
  const byLocation = new Map<string, Hints>()
  function hintsOf(location: string): Hints {
    let waiting = false
    return createHints(() => {
      if (waiting) return
      waiting = true
      clock.sleep(settleMilliseconds, closed.signal).then(
        () => {
          waiting = false
          look(location)
        },
        () => {},
      )
    })
  }
  return {
    async follow({ locations, policies }) {
      for (const [name, hints] of byLocation)
        if (!locations.some((location) => location.name === name)) {
          hints.close()
          byLocation.delete(name)
        }
      for (const { name, share } of locations) {
        const root = drivers.localPath(share)
        const own = policies.filter(({ location }) => location.name === name)
        const hints = byLocation.get(name) ?? hintsOf(name)
        byLocation.set(name, hints)
        await hints.follow([root, ...own.map((policy) => join(root, policy.name))])
      }
    },
    close() {
      closed.abort()
      for (const hints of byLocation.values()) hints.close()
    },
  }
}
