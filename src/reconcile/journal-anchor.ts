import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { logFields, toProblem } from '../base/problem.ts'
import { faultsOfLocation } from '../domain/location-faults.ts'
import type { BackupLocation, Desired } from '../domain/model.ts'
import type { Observed } from '../domain/observation.ts'
import type { Drivers } from '../drivers/drivers.ts'
import { readHead, writeHead } from '../sets/journal-head.ts'
import { keepSegments } from '../sets/journal-segments.ts'
import type { Store } from '../store/store.ts'

interface AnchorOptions {
  store: Store
  drivers: Pick<Drivers, 'localPath'>
  clock: Clock
  log: Log
  /** Throws where it is not ours any more: the look that the pass went by may be old. */
  expectOurs: (location: BackupLocation, desired: Desired) => Promise<void>
}

/**
 * Keeps the journal and its head on every share of ours: it outlives the store, and one that was cut, emptied or put back
 * to an older day is found out. A head that is ahead of ours, or of another chain, is never overwritten before somebody says so.
 */
export function createAnchor({ store, drivers, clock, log, expectOurs }: AnchorOptions) {
  /** Sequence that each location was given. */
  const given = new Map<string, number>()

  async function anchor(location: BackupLocation, desired: Desired): Promise<void> {
    const { name, share } = location
    const head = store.journal.head()
    if (given.get(name) === head.sequence) return
    await expectOurs(location, desired)
    const root = drivers.localPath(share)
    const there = await readHead(root)
    if (there && !store.journal.holds(there) && !store.disputes.isAccepted(name, there)) {
      store.disputes.open({ location: name, sequence: there.sequence, hash: there.hash })
      return
    }
    store.disputes.close(name)
    store.journalTold()
    const kept = store.journal.kept()
    await keepSegments(root, kept, given.get(name) ?? 0)
    await writeHead(root, { ...head, chain: kept.chain }, clock.now())
    given.set(name, head.sequence)
  }

  return async (desired: Desired, { facts }: Observed): Promise<void> => {
    const { locations, deployment } = desired
    for (const location of locations) {
      const seen = facts.location.get(location.name)
      // What stands against additions stands against this one too.
      const faults = faultsOfLocation(location, seen, { deployment: deployment.name, knowsSets: true })
      if (faults.some(({ stops }) => stops !== 'filling')) continue
      await anchor(location, desired).catch((thrown: unknown) => {
        log.debug({ location: location.name, ...logFields(toProblem(thrown)) }, 'the head of the journal was not kept')
      })
    }
  }
}
