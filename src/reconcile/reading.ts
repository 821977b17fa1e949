import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import type { Config } from '../config/config.ts'
import { nothingValid } from '../desired/nothing-valid.ts'
import { openSource, type Source } from '../desired/source.ts'
import type { BackupSet } from '../domain/backup-set.ts'
import type { Desired } from '../domain/model.ts'
import type { Heart, Snapshot } from '../domain/plan.ts'
import { openDrivers } from '../drivers/drivers.ts'
import { observe } from '../observed/observer.ts'
import { plan } from '../plan/plan.ts'
import { summarise } from '../sets/catalogue.ts'
import { overlayCache } from '../sets/overlay-cache.ts'
import { openStore, type Store } from '../store/store.ts'

/** What a question is answered from. Nothing in it starts or writes anything. */
export interface Reading extends AsyncDisposable {
  source: Source
  /** Of the repository. */
  url: string
  store: Store
  /** Newest first. */
  sets: readonly BackupSet[]
  /** What was seen, and what is remembered, whatever Git says. */
  ground: Ground
  /** Null while no revision was ever valid. */
  snapshot: Snapshot | null
  heart: Heart
}

type Ground = Pick<Snapshot, 'observed' | 'memory' | 'now'>

export interface ReadingOptions {
  clock: Clock
  random: Random
  log: Log
  signal: AbortSignal
}

/**
 * With a daemon: what its last pass left. Without one: Git and the shares are read afresh, and one pass is made over that
 * and the last observations.
 */
export async function openReading(config: Config, options: ReadingOptions): Promise<Reading> {
  const { clock, log } = options
  await using opened = new AsyncDisposableStack()
  const store = opened.use(openStore(config.state, 'read', clock))
  const source = opened.use(await openSource(config, store.memory().applied?.revision ?? null, clock, log))
  const heart: Heart = { running: store.lease.holder() !== null, lastPassAt: store.lastPassAt() }
  const left = heart.running ? await leftByDaemon(store, source, clock) : null
  const answers = left ?? (await lookAfresh(config, store, source, options, opened))
  const parts = opened.move()
  return { source, url: config.git.url, store, heart, ...answers, [Symbol.asyncDispose]: () => parts.disposeAsync() }
}

/** What an answer is made from once a revision was valid. Throws the Problem of `nothingValid` before. */
export function expectSnapshot({ snapshot, source, url }: Reading): Snapshot {
  if (snapshot) return snapshot
  throw nothingValid(source.fact(), url)
}

type Answers = Pick<Reading, 'ground' | 'snapshot' | 'sets'>

/** Null while the daemon has not finished its first pass. */
async function leftByDaemon(store: Store, source: Source, clock: Clock): Promise<Answers | null> {
  const [last, facts] = [store.lastPlan(), store.lastObserved()]
  if (!last || !facts) return null
  const desired = await desiredAt(source, last.revision)
  const sets = (desired?.locations ?? []).flatMap(({ name }) => store.knownSets(name))
  const ground = { observed: { facts, sets: summarise(sets) }, memory: store.memory(), now: clock.now() }
  return { ground, snapshot: desired && { ...ground, desired, plan: last }, sets }
}

async function lookAfresh(
  config: Config,
  store: Store,
  source: Source,
  { clock, random, log, signal }: ReadingOptions,
  opened: AsyncDisposableStack,
): Promise<Answers> {
  await source.refresh(signal)
  const desired = source.lastGood()
  const drivers = opened.use(openDrivers(config, clock, random))
  const cache = overlayCache(store.sets)
  const before = store.lastObserved()
  const observer = opened.use(observe({ drivers, clock, log, cache, owner: config.owner, before }))
  observer.report('source', source.fact())
  if (desired) {
    observer.follow(desired)
    const locations = desired.locations.map(({ name }) => name)
    await observer.look(locations, signal)
  }
  const observed = observer.snapshot()
  const memory = { ...store.memory(), vanished: cache.vanished() }
  const now = clock.now()
  const ground = { observed, memory, now }
  const snapshot = desired && { ...ground, desired, plan: plan(desired, observed, memory, now) }
  return { ground, snapshot, sets: observer.sets() }
}

async function desiredAt(source: Source, revision: string): Promise<Desired | null> {
  const lastGood = source.lastGood()
  if (lastGood?.revision === revision) return lastGood
  const loaded = await source.at(revision)
  return loaded.ok ? loaded.desired : null
}
