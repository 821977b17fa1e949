import { stat } from 'node:fs/promises'
import { systemClock } from '../base/clock.ts'
import { createLog, type Log } from '../base/log.ts'
import { systemRandom } from '../base/random.ts'
import type { Time } from '../base/time.ts'
import { readSettings, type Settings } from '../config/config.ts'
import { openSource, type Source } from '../desired/source.ts'
import type { Desired } from '../domain/model.ts'
import type { BackupSet, Memory, Observed, Plan } from '../domain/words.ts'
import { openDrivers } from '../drivers/drivers.ts'
import { observe } from '../observed/observer.ts'
import { createSnapshot } from '../observed/snapshot.ts'
import { plan } from '../plan/plan.ts'
import { summarise } from '../sets/catalogue.ts'
import { overlayCache } from '../sets/overlay-cache.ts'
import { openStore, type Store } from '../store/store.ts'
import type { Context } from './command.ts'
import { withoutControls } from './table.ts'

/** What a command that reads answers from. Nothing in it starts or writes anything. */
export interface Reading extends AsyncDisposable {
  config: Settings
  source: Source
  store: Store
  /** Null while no revision was ever valid. */
  desired: Desired | null
  observed: Observed
  memory: Memory
  /** Newest first. */
  sets: readonly BackupSet[]
  plan: Plan | null
  now: Time
}

/**
 * With a daemon: what it knew at its last pass. Without one, a pass is made over Git and the shares as they are now and
 * the last observations; over these alone where the account may not read a secret, or keeps no copy of Git there.
 */
export async function openForReading(context: Context): Promise<Reading> {
  const config = await readSettings(context.configFile)
  await using opened = new AsyncDisposableStack()
  const log = quietLog(context)
  const store = opened.use(openStore(config.state, 'read', systemClock))
  const memory = store.memory()
  const source = opened.use(await openSource(config, memory.applied?.revision ?? null, systemClock, log))
  const daemon = store.lease.holder() !== null
  const lastPlan = store.lastPlan()
  const before = store.lastObserved()
  const now = systemClock.now()
  const follows = daemon && lastPlan && before
  if (follows || config.config === null || !(await isOwn(config.state))) {
    const desired = follows ? await desiredAt(source, lastPlan.revision) : source.lastGood()
    const sets = (desired?.locations ?? []).flatMap(({ name }) => store.knownSets(name))
    const observed = { facts: before ?? createSnapshot(null).facts(), sets: summarise(sets) }
    const known = follows ? lastPlan : desired && plan(desired, observed, memory, now)
    return { config, source, store, desired, observed, memory, sets, plan: known, now, ...ending(opened) }
  }
  await source.refresh(context.terminal.signal)
  const desired = source.lastGood()
  const drivers = opened.use(openDrivers(config.config, systemClock, systemRandom))
  const cache = overlayCache(store.sets)
  const observer = opened.use(observe({ drivers, clock: systemClock, log, cache, owner: config.config.owner, before }))
  observer.report('source', source.fact())
  if (desired) {
    observer.follow(desired)
    await observer.look(
      desired.locations.map(({ name }) => name),
      context.terminal.signal,
    )
  }
  const observed = observer.snapshot()
  const next = desired && plan(desired, observed, memory, now)
  return { config, source, store, desired, observed, memory, sets: observer.sets(), plan: next, now, ...ending(opened) }
}

function ending(opened: AsyncDisposableStack): AsyncDisposable {
  const parts = opened.move()
  return { [Symbol.asyncDispose]: () => parts.disposeAsync() }
}

/** Whether the copy of Git beside the store is this account's: what another one fetches there, the daemon cannot change. */
async function isOwn(state: string): Promise<boolean> {
  const { uid } = await stat(`${state}.mirror`)
  return process.getuid === undefined || uid === process.getuid()
}

async function desiredAt(source: Source, revision: string): Promise<Desired | null> {
  const lastGood = source.lastGood()
  if (lastGood?.revision === revision) return lastGood
  const loaded = await source.at(revision)
  return loaded.ok ? loaded.desired : null
}

/** The log of a command that answers once: what is wrong, in words. JSON tells it in the document itself. */
export function quietLog({ output, terminal }: Context): Log {
  const write = (line: string): void => {
    if (output === 'json') return
    const { msg, problem, faults } = JSON.parse(line) as { msg: string; problem?: string; faults?: string[] }
    const lines = [problem === undefined ? msg : `${msg}: ${problem}`, ...(faults ?? [])]
    terminal.err(`holdfast: ${lines.map(withoutControls).join('\n  ')}\n`)
  }
  return createLog({ write }, 'error')
}
