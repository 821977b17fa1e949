/** Our right to act on each location: by the identity on the share, and by a heartbeat that only our store knows. */
import { hostname } from 'node:os'
import type { Clock } from '../base/clock.ts'
import { logFields, Problem, toProblem } from '../base/problem.ts'
import type { Log } from '../base/log.ts'
import { randomId } from '../base/random.ts'
import type { Ownership } from '../act/handler.ts'
import { faultOfUse, faultsOfIdentity, type LocationOwner } from '../domain/location-faults.ts'
import type { BackupLocation, Desired } from '../domain/model.ts'
import { deadline, untilAborted } from '../drivers/deadline.ts'
import type { Drivers } from '../drivers/drivers.ts'
import { changeHands } from '../sets/hands.ts'
import {
  beatMilliseconds,
  isOld,
  isOurs,
  oldMilliseconds,
  readHeartbeat,
  writeFirstHeartbeat,
  writeHeartbeat,
  type Heartbeat,
  type SeenHeartbeat,
  type WrittenBeats,
} from '../sets/heartbeat.ts'
import { readIdentity, refuse, unclaimed, type Identity } from '../sets/identity.ts'
import { removeLeftovers } from '../sets/leftovers.ts'

export interface OwnershipOptions {
  drivers: Drivers
  clock: Clock
  log: Log
  owner: string
  written: WrittenBeats
}

/** Everything of ours on the shares, for as long as this process holds the lease. */
export interface Ownerships extends Ownership {
  /**
   * Looks at each location: beats where it is ours, makes ours what a dead owner of our id left, lets go what somebody
   * else has. A share that does not answer is left alone; none is waited for longer than a minute. True when one came
   * or went.
   */
  tend(desired: Desired, signal: AbortSignal): Promise<boolean>
  /** The work of an action on a location that must be ours: aborted when it is ours no more. */
  during<T>(location: string, stop: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T>
  /** Leaves a last heartbeat, so that nobody has to wait for us. */
  release(): Promise<void>
}

/** How often a location is looked at; a heartbeat is written less often. */
const lookMilliseconds = 5_000
const lookPatience = 60_000
const releasePatience = 10_000

interface Place {
  /** By the newest desired state. */
  location: BackupLocation
  /** Our heartbeat as it stands on the share, when it was written (monotonic), and the one that was to follow it. */
  held: { heartbeat: Heartbeat; at: number; next: Heartbeat | null } | null
  /** Aborted when it is ours no more. */
  lost: AbortController
  /** Actions under way. */
  users: number
  /** Ours until somebody took the location; it is ended once no action of ours is under way. */
  leaving: Heartbeat | null
  /** Somebody else's, since when (monotonic) it is unchanged, and whether it was seen to change. */
  watched: { text: string; since: number; moved: boolean } | null
  /** One step at a time. */
  last: Promise<unknown>
  /** The look that is under way. */
  tending: Promise<boolean> | null
}

export function openOwnership({ drivers, clock, log, owner, written }: OwnershipOptions): Ownerships {
  const places = new Map<string, Place>()

  function placeOf(location: BackupLocation): Place {
    const known = places.get(location.name)
    if (known?.location.share === location.share) return known
    const fresh: Place = {
      location,
      held: null,
      lost: new AbortController(),
      users: 0,
      leaving: null,
      watched: null,
      last: Promise.resolve(),
      tending: null,
    }
    places.set(location.name, fresh)
    return fresh
  }

  function inTurn<T>(place: Place, step: () => Promise<T>): Promise<T> {
    const next = place.last.then(step)
    place.last = next.catch(() => {})
    return next
  }

  const rootOf = ({ location }: Place): string => drivers.localPath(location.share)

  function lose(place: Place, reason: Problem): void {
    if (place.held === null) return
    log.warn({ location: place.location.name, ...logFields(reason) }, 'a location is ours no more')
    place.leaving = place.held.heartbeat
    place.held = null
    const { lost } = place
    place.lost = new AbortController()
    lost.abort(reason)
  }

  /** Throws what stands against us there; lets go when it is somebody else's. */
  async function look(place: Place, us: LocationOwner): Promise<{ identity: Identity; seen: SeenHeartbeat | null }> {
    const { location, held } = place
    const identity = await readIdentity(location, rootOf(place))
    if (!identity) throw unclaimed(location)
    const seen = await seenOn(place)
    // An attempt to write it that seemed to fail may have come through.
    if (held?.next && isSame(held.next, identity, seen)) place.held = { ...held, heartbeat: held.next, next: null }
    try {
      refuse(location, faultsOfIdentity(location, identity, us))
      if (place.held !== null && !isSame(place.held.heartbeat, identity, seen)) throw inUse(location, seen)
    } catch (thrown) {
      lose(place, toProblem(thrown))
      throw thrown
    }
    return { identity, seen }
  }

  /** Where somebody deleted ours it is put back: that it can be made anew proves that nobody else was there. */
  async function seenOn(place: Place): Promise<SeenHeartbeat | null> {
    const root = rootOf(place)
    const seen = await readHeartbeat(root)
    if (seen !== null || place.held === null) return seen
    await writeFirstHeartbeat(root, place.held.heartbeat, drivers.random)
    return readHeartbeat(root)
  }

  async function hold(place: Place, us: LocationOwner): Promise<void> {
    const { identity, seen } = await look(place, us)
    if (place.held !== null) {
      if (clock.monotonic() - place.held.at >= beatMilliseconds) await beat(place, identity, place.held.heartbeat.beat)
      return
    }
    const { location } = place
    await leave(place, seen)
    if (place.leaving !== null) throw inUse(location, seen) // our own actions, which are being stopped
    const ours = seen !== null && isOurs(seen, identity, written)
    if (seen === null || ours) await beat(place, identity, ours ? (seen.heartbeat?.beat ?? null) : null)
    else {
      if (!(await isGone(place, seen))) throw inUse(location, seen)
      const next = await changeHands(location, identity, us, drivers)
      if (next === null) throw inUse(location, await readHeartbeat(rootOf(place)))
      log.info({ location: location.name }, 'who was at work on a location is gone; it is ours to act on')
      await beat(place, next, null, true)
    }
    place.watched = null
    await removeLeftovers(rootOf(place))
  }

  /** `before`: ours that stands there; null: none does, so this must be the first, unless it may replace what is there. */
  async function beat(
    place: Place,
    identity: Identity,
    before: string | null,
    replaces = before !== null,
  ): Promise<void> {
    const heartbeat: Heartbeat = {
      format: 'holdfast/heartbeat/v1',
      owner,
      beat: randomId(drivers.random),
      generation: identity.generation,
      host: hostname(),
      process: process.pid,
      at: clock.now(),
      endedAt: null,
    }
    written.add(identity.id, heartbeat.beat, before)
    if (place.held !== null) place.held.next = heartbeat
    const root = rootOf(place)
    if (replaces) await writeHeartbeat(root, heartbeat)
    else if (!(await writeFirstHeartbeat(root, heartbeat, drivers.random)))
      throw inUse(place.location, await readHeartbeat(root))
    place.held = { heartbeat, at: clock.monotonic(), next: null }
    place.leaving = null
  }

  /** Nobody saw it change while we watched for so long, or it was old by the clock of the share when we came. */
  async function isGone(place: Place, { text, heartbeat }: SeenHeartbeat): Promise<boolean> {
    if (heartbeat !== null && heartbeat.endedAt !== null) return true
    const now = clock.monotonic()
    const { watched } = place
    if (watched?.text !== text) place.watched = { text, since: now, moved: watched !== null }
    else if (now - watched.since >= oldMilliseconds) return true
    return place.watched?.moved !== true && (await isOld(rootOf(place), drivers.random))
  }

  /** Somebody took the location while actions of ours were under way: once they have ended, he need not wait for us. */
  async function leave(place: Place, seen: SeenHeartbeat | null): Promise<void> {
    const { leaving } = place
    if (leaving === null || place.users > 0) return
    if (seen?.heartbeat?.beat === leaving.beat) await end(place, leaving)
    place.leaving = null
  }

  async function end(place: Place, heartbeat: Heartbeat): Promise<void> {
    await writeHeartbeat(rootOf(place), { ...heartbeat, endedAt: clock.now() })
  }

  async function tendOne(place: Place, us: LocationOwner): Promise<boolean> {
    const before = place.held !== null
    try {
      await inTurn(place, () => hold(place, us))
    } catch (thrown) {
      const problem = toProblem(thrown)
      log.debug({ location: place.location.name, ...logFields(problem) }, 'a location is not ours to act on')
      if (place.leaving !== null)
        await inTurn(place, async () => leave(place, await readHeartbeat(rootOf(place)))).catch(() => {}) // next time
    }
    return before !== (place.held !== null)
  }

  async function release(place: Place): Promise<void> {
    const { held } = place
    place.held = null
    if (held === null || (await readHeartbeat(rootOf(place)))?.heartbeat?.beat !== held.heartbeat.beat) return
    await end(place, held.heartbeat)
  }

  async function patiently<T>(work: Promise<T>, otherwise: T, milliseconds: number, signal?: AbortSignal): Promise<T> {
    const late = (): Problem => new Problem('look-timed-out', { message: 'A share did not answer in time.' })
    using limit = deadline(clock, milliseconds, late, signal)
    return await untilAborted(work, limit.signal).catch(() => otherwise)
  }

  return {
    async tend({ deployment, locations }, signal) {
      const us = { deployment: deployment.name, owner }
      const looks = locations.map(placeOf).map((place) => {
        place.tending ??= tendOne(place, us).finally(() => (place.tending = null))
        return patiently(place.tending, false, lookPatience, signal)
      })
      return (await Promise.all(looks)).includes(true)
    },

    hold: (location, us) => {
      const place = placeOf(location)
      return inTurn(place, () => hold(place, us))
    },

    check: (location, us) => {
      const place = placeOf(location)
      return inTurn(place, async () => {
        const { seen } = await look(place, us)
        if (place.held === null) throw inUse(location, seen)
      })
    },

    async during(name, stop, work) {
      const place = [...places.values()].find(({ location }) => location.name === name)
      if (!place) return work(stop)
      place.users++
      try {
        return await work(AbortSignal.any([stop, place.lost.signal]))
      } finally {
        place.users--
      }
    },

    async release() {
      const ends = [...places.values()].map((place) => inTurn(place, () => release(place)))
      await patiently(Promise.allSettled(ends), [], releasePatience)
    },
  }
}

function isSame(held: Heartbeat, identity: Identity, seen: SeenHeartbeat | null): boolean {
  const heartbeat = seen?.heartbeat
  return heartbeat?.beat === held.beat && heartbeat.endedAt === null && held.generation === identity.generation
}

function inUse({ name, share }: BackupLocation, seen: SeenHeartbeat | null): Problem {
  const heartbeat = seen?.heartbeat
  const { code, message, remedy } = faultOfUse(share, {
    host: heartbeat?.host ?? null,
    process: heartbeat?.process ?? null,
  })
  return new Problem(code, { subject: name, message, hint: remedy })
}

/** Looks again and again, until the signal is aborted. */
export async function keepLooking(
  look: () => Promise<void>,
  clock: Clock,
  signal: AbortSignal,
  log: Log,
): Promise<void> {
  for (;;) {
    await clock.sleep(lookMilliseconds, signal).catch(() => {}) // stopped
    if (signal.aborted) return
    await look().catch((thrown: unknown) => {
      if (!signal.aborted) log.warn(logFields(toProblem(thrown)), 'the owner of the locations could not be looked at')
    })
  }
}
