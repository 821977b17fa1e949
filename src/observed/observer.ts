/** Looks at the world, each subject at its own cadence, and holds the newest snapshot. Nothing in it decides. */
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Patience } from '../base/patience.ts'
import { Problem } from '../base/problem.ts'
import type { Time } from '../base/time.ts'
import { paceOf, type ProbedFact } from '../domain/cadence.ts'
import type { Facts } from '../domain/facts.ts'
import type { Desired } from '../domain/model.ts'
import type { PublishedTopology } from '../domain/published.ts'
import type { BackupSet } from '../domain/backup-set.ts'
import type { Observation, Observed } from '../domain/observation.ts'
import type { SetId, Subject } from '../domain/words.ts'
import type { Drivers } from '../drivers/drivers.ts'
import { deadline, untilAborted } from '../drivers/deadline.ts'
import type { SetCache } from '../sets/catalogue.ts'
import type { WrittenBeats } from '../sets/heartbeat.ts'
import { createCatalogue } from './catalogue.ts'
import { watchClock } from './clock-jump.ts'
import { createLooker } from './look.ts'
import { watchLocations } from './location-hints.ts'
import { probes } from './probes.ts'
import { createSnapshot } from './snapshot.ts'
import { createTurns, type Lane } from './turns.ts'
import { createWatchList, type Looks } from './watch-list.ts'
import { createWatch, type Watch } from './watch.ts'

export interface Observer extends AsyncDisposable {
  /** What was last seen of everything that the desired state names. Never changes once handed out. */
  snapshot(): Observed
  /** All known sets, newest first. */
  sets(): readonly BackupSet[]
  /** The subjects to look at are those of `desired` from now on. Cheap when they are already. */
  follow(desired: Desired): void
  /** Takes an observation that somebody else made: the Git source. */
  report<F extends keyof Facts>(fact: F, observation: Observation<Facts[F]>): void
  /**
   * Looks again, now; resolves when that is done. What is not named by subject is waited for three minutes at the most,
   * since services of a thousand servers take longer, and what takes turns no longer than half a minute in which nothing
   * that one of them asked came to an end: what is missing then follows. Rejects with the signal's reason, and then the
   * looks go on.
   */
  look(subjects: Looks, signal?: AbortSignal): Promise<void>
  /** Looks by itself from now on, and calls `wake` whenever something says other than before. */
  start(wake: () => void): void
  /** The sets that are being written. */
  running(ids: ReadonlySet<SetId>): void
}

export interface ObserveOptions {
  drivers: Drivers
  clock: Clock
  log: Log
  cache: SetCache
  /** Waits for the cache; left out: it always takes what is put. */
  untilTaken?: Patience
  /** The owner id of this daemon. */
  owner: string
  /** The heartbeats of our store; left out: that of another is not told apart. */
  written?: WrittenBeats
  /** The last observations of a former process. */
  before: Observed['facts'] | null
  /** No fact is looked at less often; null: each at its own pace. */
  atLeastEverySeconds?: number | null
}

const patienceSeconds = 180
/** The start of a session of the Management Shell takes half of it. A silent peer costs no more than this. */
const quietMilliseconds = 30_000

const atOnce: Patience = async (work) => await work()

/** Looks at nothing until `look` or `start`. */
export function observe(options: ObserveOptions): Observer {
  const { drivers, clock, log, cache, owner, written = null, before, untilTaken = atOnce } = options
  const slowest = options.atLeastEverySeconds ?? Number.POSITIVE_INFINITY
  const snapshot = createSnapshot(before)
  const catalogue = createCatalogue(drivers, cache)
  const hasJumped = watchClock(clock, newestOf(before))
  const turns = createTurns(probes, clock)
  let topology: PublishedTopology | null = null
  let desired: Desired | null = null
  let wake: (() => void) | null = null
  const looker = createLooker({ snapshot, catalogue, clock, log, untilTaken, changed: () => wake?.() })
  const hints = watchLocations(clock, drivers, (location) => void look([location]))
  const watched = createWatchList({
    snapshot,
    watchOf,
    onDrop(fact, subject) {
      if (fact === 'location') hints.drop(subject)
    },
  })

  function paceNow(fact: ProbedFact): number {
    const isRecovering = desired?.recoveries.some(({ finished }) => finished === null) ?? false
    return Math.min(paceOf(fact, isRecovering), slowest)
  }

  function watchOf(fact: ProbedFact, subject: Subject): Watch {
    const everySeconds = paceNow(fact)
    const look = looker(fact, subject)
    return createWatch({
      name: `${owner} ${fact} ${subject}`,
      everySeconds,
      clock,
      take: async (begun, signal) => {
        await turns.take(fact, async () => {
          begun()
          if (!desired || signal.aborted) return
          await look({ desired, drivers: telling(drivers, () => turns.moved(fact)), owner, written }, signal)
          if (fact === 'location' && wake && snapshot.known(fact, subject)) hints.follow(subject, desired)
          if (fact === 'publishedTopology') followTopology(desired)
        })
      },
    })
  }

  function follow(next: Desired): void {
    if (next === desired) return
    desired = next
    catalogue.follow(next.locations)
    topology = snapshot.known('publishedTopology', next.deployment.name)?.topology ?? null
    watched.follow(next, topology)
    watched.keepPace(paceNow)
  }

  /** What only the published topology knows is looked at too. */
  function followTopology(now: Desired): void {
    const known = snapshot.known('publishedTopology', now.deployment.name)?.topology ?? topology
    if (known === topology) return
    topology = known
    watched.follow(now, topology)
  }

  async function look(subjects: Looks, signal?: AbortSignal): Promise<void> {
    const looks = watched.of(subjects).map(({ fact, watch }) => ({ lane: turns.laneOf(fact), end: watch.look() }))
    if (typeof subjects === 'string') await patiently(looks, signal)
    else await (signal ? untilAborted(allOf(looks), signal) : allOf(looks))
  }

  async function patiently(looks: readonly UnderWay[], signal?: AbortSignal): Promise<void> {
    const enough = (): Problem =>
      new Problem('look-timed-out', { message: `Not all was seen in ${patienceSeconds} s.` })
    using limit = deadline(clock, patienceSeconds * 1000, enough, signal)
    const lanes = Map.groupBy(looks, ({ lane }) => lane)
    const ends = [...lanes].map(([lane, its]) => untilOverOrQuiet(lane, allOf(its), limit.signal))
    await Promise.all(ends).catch(() => signal?.throwIfAborted())
  }

  /** What hangs in a lane where nothing ends for a while would hold up who needs none of it. */
  async function untilOverOrQuiet(lane: Lane, looks: Promise<void>, signal: AbortSignal): Promise<void> {
    const over = new AbortController()
    void looks.finally(() => over.abort())
    const either = AbortSignal.any([signal, over.signal])
    const left = (): number => lane.movedAt + quietMilliseconds - clock.monotonic()
    while (!either.aborted && left() > 0) await clock.sleep(left(), either).catch(() => {}) // over
    signal.throwIfAborted()
  }

  return {
    snapshot() {
      if (hasJumped()) snapshot.restart(clock.now())
      return { facts: snapshot.facts(), sets: catalogue.summaries() }
    },
    sets: () => catalogue.sets(),
    running: (ids) => catalogue.running(ids),
    report: (fact, observation) => snapshot.report(fact, observation),
    follow,
    look,
    start(onChange) {
      wake = onChange
      watched.start()
    },
    async [Symbol.asyncDispose]() {
      wake = null
      hints.close()
      await watched[Symbol.asyncDispose]()
    },
  }
}

/** A look, and the turns that it waits for. */
interface UnderWay {
  lane: Lane
  end: Promise<void>
}

function allOf(looks: readonly UnderWay[]): Promise<void> {
  return Promise.all(looks.map(({ end }) => end)).then(() => {})
}

/** The same drivers, which say when a call has ended: one look may need several. */
function telling(drivers: Drivers, onEnd: () => void): Drivers {
  const { probeShell } = drivers
  return {
    ...drivers,
    probeShell: { ...probeShell, call: (...asked) => probeShell.call(...asked).finally(onEnd) },
  }
}

/** When a former process last saw something. */
function newestOf(before: Observed['facts'] | null): Time | null {
  let newest: Time | null = null
  for (const observations of Object.values(before ?? {}))
    for (const { at } of observations.values()) if (newest === null || at > newest) newest = at
  return newest
}
