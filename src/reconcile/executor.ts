import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Patience } from '../base/patience.ts'
import { logFields, toProblem } from '../base/problem.ts'
import { meaningOf } from '../base/problem-codes.ts'
import { askingFirst } from '../act/ask-first.ts'
import { locationNamed } from '../act/desired-parts.ts'
import type { Ending, Progress, Tools } from '../act/handler.ts'
import { handlerOf } from '../act/handlers.ts'
import { keepThreads } from '../drivers/files/threads.ts'
import { itemKey, sameSubject } from '../domain/subject.ts'
import type { Desired } from '../domain/model.ts'
import { traitsOf, type Action, type Attempt } from '../domain/action.ts'
import type { SetId } from '../domain/words.ts'
import type { Store } from '../store/store.ts'
import { bringJournal } from './bring-journal.ts'
import type { Ownerships } from './ownership.ts'

/** Everything of an action's surroundings but what belongs to the single action. */
export type SharedTools = Omit<
  Tools,
  | 'desired'
  | 'expectOurs'
  | 'note'
  | 'keep'
  | 'counted'
  | 'keepCount'
  | 'takenDestination'
  | 'keepDestination'
  | 'progress'
  | 'lost'
  | 'vouch'
  | 'journalHead'
  | 'bringJournal'
> & {
  ownership: Pick<Ownerships, 'hold' | 'check' | 'during'>
}

export interface ExecutorOptions {
  store: Store
  tools: SharedTools
  clock: Clock
  log: Log
  /** Waits for the store. */
  untilTaken: Patience
  onProgress: (progress: Progress) => void
  /** Called when the folders that are being written have changed. */
  onRunning: (sets: ReadonlySet<SetId>) => void
  /** Called after each end. */
  onEnd: () => void
}

const recordAgainMilliseconds = 10_000
const tellEveryMilliseconds = 2000
/** A daemon that runs for years keeps no more. */
const mostEnded = 10_000

/**
 * Starts what the plan allows, beside the loop. Intent before, outcome after: an action is in flight from its intent
 * until its subjects were looked at again, so that nothing is decided on what it may have changed.
 */
export class Executor {
  readonly #options: ExecutorOptions
  readonly #stop = new AbortController()
  readonly #running = new Map<string, Promise<void>>()
  readonly #folders = new Map<string, SetId>()
  #lost: ReadonlyMap<string, string> = new Map()
  /** How the actions of this process ended, oldest first. */
  readonly ended: Attempt[] = []

  constructor(options: ExecutorOptions) {
    this.#options = options
  }

  get busy(): boolean {
    return this.#running.size > 0
  }

  /** What the newest pass holds for lost, by `itemKey`: copies that are being taken are judged by it too. */
  heed(lost: ReadonlyMap<string, string>): void {
    this.#lost = lost
  }

  /** False when an action of that id is in flight, or was done. */
  start(action: Action, desired: Desired): boolean {
    const { store } = this.#options
    if (this.#stop.signal.aborted) return false
    if (action.kind === 'create-backup-set') store.journalTold() // by the record of the set, when the store may be locked
    if (!store.intents.open(action)) return false
    const run = this.#run(action, desired).finally(() => {
      this.#running.delete(action.id)
      this.#options.onEnd()
    })
    this.#running.set(action.id, run)
    return true
  }

  /** Resolves when one of the actions that run now has ended, or the signal is aborted. */
  async nextEnd(signal: AbortSignal): Promise<void> {
    if (!this.busy || signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const stop = (): void => {
      resolve(undefined)
    }
    signal.addEventListener('abort', stop, { once: true })
    await Promise.race([promise, ...this.#running.values()])
    signal.removeEventListener('abort', stop)
  }

  /**
   * Finds out what became of every intent that a former process left open. One whose location does not answer stays
   * open, for nothing is guessed. True when none is left.
   */
  async recover(desired: Desired): Promise<boolean> {
    const { store, clock, log } = this.#options
    let whole = true
    for (const { action, startedAt, set } of store.intents.unresolved()) {
      if (this.#running.has(action.id)) continue
      if (!this.#canBeSeen(action, set, desired)) {
        log.debug({ action: action.id, kind: action.kind }, 'an open intent waits for its location')
        whole = false
        continue
      }
      const ending = await handlerOf(action)
        .resolve(action, set, this.#toolsOf(action, desired))
        .catch((thrown: unknown): Ending => ({ outcome: 'interrupted', message: toProblem(thrown).message, set }))
      const attempt = attemptOf(action, startedAt, clock.now(), ending)
      await this.#kept(() => {
        store.intents.close(action.id, attempt)
      })
      log.info(
        { action: action.id, kind: action.kind, subject: action.subject, outcome: ending.outcome },
        'an open intent was resolved',
      )
    }
    return whole
  }

  /**
   * Without its identity a share may be an empty mount point, which says nothing of a folder that was noted. A location
   * that Git no longer names is looked at by nobody: what was left there is not waited for.
   */
  #canBeSeen({ location: name }: Action, set: SetId | null, desired: Desired): boolean {
    if (!desired.locations.some((one) => sameSubject(one.name, name))) return true
    const { location } = this.#options.tools.observed().facts
    const fact = location.get(name)
    return fact?.known === true && (set === null || fact.value.identity !== null)
  }

  /** Asks everything that runs to stop, and waits until its end is recorded. */
  async stop(reason: Error): Promise<void> {
    this.#stop.abort(reason)
    await Promise.allSettled(this.#running.values())
  }

  async #run(action: Action, desired: Desired): Promise<void> {
    const { store, clock, log, tools } = this.#options
    const startedAt = clock.now()
    log.info({ action: action.id, kind: action.kind, subject: action.subject, reason: action.reason }, 'action started')
    await using _threads = keepThreads()
    const ending = await this.#ending(action, desired)
    this.#setFolder(action, null)
    await tools.look([action.location, action.subject], this.#stop.signal).catch(() => {}) // a stopped look decides nothing
    const attempt = attemptOf(action, startedAt, clock.now(), ending)
    await this.#recorded(attempt.action, () => {
      store.intents.close(attempt.action, attempt)
    })
    this.ended.push(attempt)
    if (this.ended.length > mostEnded) this.ended.shift()
    log.info(
      {
        action: action.id,
        kind: action.kind,
        subject: action.subject,
        outcome: ending.outcome,
        reason: ending.message,
      },
      'action ended',
    )
  }

  /** Waits until the store takes it; no longer than until everything stops. */
  #kept<T>(write: () => T): Promise<T> {
    return this.#options.untilTaken(write, this.#stop.signal)
  }

  /** An end that the store does not take (its disk is full) is offered again: until then the action counts as running. */
  async #recorded(action: string, write: () => void): Promise<void> {
    const { clock, log } = this.#options
    for (;;) {
      try {
        if (this.#stop.signal.aborted) write()
        else await this.#kept(write)
        return
      } catch (thrown) {
        if (thrown === this.#stop.signal.reason) continue // stopped while it waited: once more, then no more
        log.error({ action, ...logFields(toProblem(thrown)) }, 'the end of an action was not recorded')
        if (this.#stop.signal.aborted) return
        await clock.sleep(recordAgainMilliseconds, this.#stop.signal).catch(() => {}) // stopped: once more, then no more
      }
    }
  }

  async #ending(action: Action, desired: Desired): Promise<Ending> {
    try {
      const run = (signal: AbortSignal): Promise<Ending> =>
        handlerOf(action).run(action, this.#toolsOf(action, desired), signal)
      if (!traitsOf(action).needsOwnership) return await run(this.#stop.signal)
      return await this.#options.tools.ownership.during(action.location, this.#stop.signal, run)
    } catch (thrown) {
      if (this.#stop.signal.aborted) return { outcome: 'interrupted', message: 'The daemon was stopped.', set: null }
      const problem = toProblem(thrown, action.subject)
      this.#options.log.warn({ action: action.id, ...logFields(problem) }, 'action failed')
      const outcome = meaningOf(problem.code).refusal ? 'refused' : 'failed'
      const { code } = problem
      return { outcome, message: `${problem.message} [${code}]`, code, set: this.#folders.get(action.id) ?? null }
    }
  }

  #toolsOf(action: Action, desired: Desired): Tools {
    const { store, tools } = this.#options
    const { drivers, ownership, owner } = tools
    const us = { deployment: desired.deployment.name, owner }
    const expectOurs = (): Promise<void> => ownership.check(locationNamed(action.location, { desired }), us)
    return {
      ...tools,
      drivers: traitsOf(action).overwrites ? askingFirst(drivers, expectOurs) : drivers,
      desired,
      expectOurs,
      lost: (item) => this.#lost.get(itemKey(item)) ?? null,
      note: async (set) => {
        await this.#kept(() => {
          store.intents.note(action.id, set)
        })
        this.#setFolder(action, set)
      },
      keep: (write) => this.#kept(write),
      counted: () => store.stepCounts.read(action.id),
      keepCount: (counts) =>
        this.#kept(() => {
          store.stepCounts.write(action.id, counts)
        }),
      takenDestination: (item) => store.importForms.read(item),
      keepDestination: (item, destination) =>
        this.#kept(() => {
          store.importForms.write(item, destination)
        }),
      vouch: async ({ id, commitSha256 }) => {
        if (commitSha256 === undefined) return
        await this.#recorded(action.id, () => {
          store.vouch([{ id, commitSha256 }], 'a run of this daemon wrote it')
        })
      },
      journalHead: () => store.journal.head(),
      bringJournal: ({ name, share }) =>
        bringJournal(name, drivers.localPath(share), store, (write) => this.#kept(write)),
      progress: this.#telling(action),
    }
  }

  /** How far a step is goes to the store too, for whoever asks there, now and then: it is worth no waiting. */
  #telling(action: Action): Tools['progress'] {
    const { store, clock, onProgress } = this.#options
    let toldAt = -Infinity
    let wasReading = false
    return (event) => {
      onProgress(event)
      if (event.kind !== 'step-percent') return
      const { percent, reading } = event
      if (reading === wasReading && clock.monotonic() - toldAt < tellEveryMilliseconds) return
      toldAt = clock.monotonic()
      wasReading = reading
      try {
        store.intents.advance(action.id, { percent, reading })
      } catch (thrown) {
        this.#options.log.debug({ action: action.id, ...logFields(toProblem(thrown)) }, 'progress was not noted')
      }
    }
  }

  #setFolder(action: Action, set: SetId | null): void {
    if (set === null) this.#folders.delete(action.id)
    else this.#folders.set(action.id, set)
    this.#options.onRunning(new Set(this.#folders.values()))
  }
}

function attemptOf(action: Action, startedAt: string, endedAt: string, ending: Ending): Attempt {
  return {
    action: action.id,
    kind: action.kind,
    subject: action.subject,
    slot: 'slot' in action ? action.slot : null,
    startedAt,
    endedAt,
    request: action.request?.id ?? null,
    ...ending,
  }
}
