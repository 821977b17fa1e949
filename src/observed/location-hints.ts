import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import type { Desired } from '../domain/model.ts'
import type { Drivers } from '../drivers/drivers.ts'
import { createHints, type Hints } from './hints.ts'

/** A burst of events is one hint. */
const settleMilliseconds = 500

export interface LocationHints {
  /** Watches the location and the folders of its policies; to be called after each look that succeeded. */
  follow(location: string, desired: Desired): void
  drop(location: string): void
  close(): void
}

/** Calls `look` soon after something happened in a location. */
export function watchLocations(clock: Clock, drivers: Drivers, look: (location: string) => void): LocationHints {
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
    follow(name, { locations, policies }) {
      const location = locations.find((one) => one.name === name)
      if (!location || closed.signal.aborted) return
      const hints = byLocation.get(name) ?? hintsOf(name)
      byLocation.set(name, hints)
      const root = drivers.localPath(location.share)
      const own = policies.filter((policy) => policy.location.name === name)
      hints.follow([root, ...own.map((policy) => join(root, policy.name))])
    },
    drop(name) {
      byLocation.get(name)?.close()
      byLocation.delete(name)
    },
    close() {
      closed.abort()
      for (const hints of byLocation.values()) hints.close()
    },
  }
}
