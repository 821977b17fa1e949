import { stat } from 'node:fs/promises'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import type { Config, Settings } from '../config/config.ts'
import { nothingValid } from '../desired/nothing-valid.ts'
import { openSource, type Source } from '../desired/source.ts'
import type { BackupSet } from '../domain/backup-set.ts'
import { eachFact } from '../domain/facts.ts'
import type { Desired } from '../domain/model.ts'
import type { Observed } from '../domain/observation.ts'
import type { Heart, Snapshot } from '../domain/plan.ts'
import { openDrivers } from '../drivers/drivers.ts'
import { observe } from '../observed/observer.ts'
import { plan } from '../plan/plan.ts'
import { summarise } from '../sets/catalogue.ts'
import { overlayCache } from '../sets/overlay-cache.ts'
import { openStore, type Store } from '../store/store.ts'
import { createVouching } from './vouching.ts'

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
 * With a daemon: what its last pass left. Without one, a pass is made over Git and the shares as they are now and the last
 * observations; over these alone where this account may not look: then the locations are unknown since they were last seen.
 */
export async function openReading(settings: Settings, options: ReadingOptions): Promise<Reading> {
  const { clock, log } = options
  await using opened = new AsyncDisposableStack()
  const store = opened.use(openStore(settings.state, 'read', clock))
  const source = opened.use(await openSource(settings, store.memory().applied?.revision ?? null, clock, log))
  const heart: Heart = { running: store.lease.holder() !== null, lastPassAt: store.lastPassAt() }
  const left = heart.running ? await leftByDaemon(store, source, clock) : null
  const { config } = settings
  const mayLook = config !== null && (await isOwn(settings.state))
  const answers =
    left ??
    (mayLook ? await lookAfresh(config, store, source, options, opened) : asLastSeen(store, source, settings, clock))
  const parts = opened.move()
  return { source, url: settings.git.url, store, heart, ...answers, [Symbol.asyncDispose]: () => parts.disposeAsync() }
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
  const ground = { observed: { facts, sets: summarise(sets, store.sets) }, memory: store.memory(), now: clock.now() }
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
  const written = store.heartbeats
  const observer = opened.use(observe({ drivers, clock, log, cache, owner: config.owner, written, before }))
  observer.report('source', source.fact())
  if (desired) {
    observer.follow(desired)
    const locations = desired.locations.map(({ name }) => name)
    await observer.look(locations, signal)
    const vouched = await createVouching(source, cache)(observer.sets())
    cache.vouch(vouched)
    if (vouched.length > 0) await observer.look(locations, signal)
  }
  const observed = observer.snapshot()
  const memory = { ...store.memory(), vanished: cache.vanished() }
  const now = clock.now()
  const ground = { observed, memory, now }
  const snapshot = desired && { ...ground, desired, plan: plan(desired, observed, memory, now) }
  return { ground, snapshot, sets: observer.sets() }
}

/** Whether the copy of Git beside the store is this account's: what another one fetches there, the daemon cannot change. */
async function isOwn(state: string): Promise<boolean> {
  const { uid } = await stat(`${state}.mirror`)
  return process.getuid === undefined || uid === process.getuid()
}

/** What the store knows, by an account that may not look for itself. */
function asLastSeen(store: Store, source: Source, { lacks }: Settings, clock: Clock): Answers {
  const desired = source.lastGood()
  const sets = (desired?.locations ?? []).flatMap(({ name }) => store.knownSets(name))
  const facts = store.lastObserved() ?? eachFact(() => new Map<string, never>())
  const why = lacks.join(' ') || 'This account keeps no copy of the repository beside the state store.'
  const ground = {
    observed: { facts: { ...facts, location: unlooked(facts.location, why) }, sets: summarise(sets, store.sets) },
    ...{ memory: store.memory(), now: clock.now() },
  }
  const { observed, memory, now } = ground
  return { ground, snapshot: desired && { ...ground, desired, plan: plan(desired, observed, memory, now) }, sets }
}

/** Nobody looked now: what was seen then says nothing of it (design, invariant 14). */
function unlooked(seen: Observed['facts']['location'], why: string): Observed['facts']['location'] {
  return new Map(
    [...seen].map(([name, { subject, at, source }]) => {
      const error = `This account could not look at the share. ${why}`
      const code = 'location-not-seen' as const
      return [name, { subject, at, since: at, source, known: false, code, answered: false, error }]
    }),
  )
}

async function desiredAt(source: Source, revision: string): Promise<Desired | null> {
  const lastGood = source.lastGood()
  if (lastGood?.revision === revision) return lastGood
  const loaded = await source.at(revision)
  return loaded.ok ? loaded.desired : null
}
