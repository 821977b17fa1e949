import { logFields, Problem, toProblem } from '../base/problem.ts'
import type { Progress } from '../act/handler.ts'
import type { Config } from '../config/config.ts'
import { nothingValid } from '../desired/nothing-valid.ts'
import { openSource } from '../desired/source.ts'
import type { Action, Attempt, Refusal } from '../domain/action.ts'
import type { Desired } from '../domain/model.ts'
import type { Snapshot } from '../domain/plan.ts'
import { untilAborted } from '../drivers/deadline.ts'
import { openDrivers } from '../drivers/drivers.ts'
import { itemCalls } from '../drivers/shell/item-calls.ts'
import { observe } from '../observed/observer.ts'
import { CorruptStore } from '../store/database.ts'
import { createBell } from './bell.ts'
import { Executor } from './executor.ts'
import { keepLease } from './heart.ts'
import { createAnchor } from './journal-anchor.ts'
import { createLimits } from './limits.ts'
import { keepLooking, openOwnership } from './ownership.ts'
import { pass, type PassParts, type Turn } from './pass.ts'
import { storePatienceMilliseconds, takeStore, waitFor, type StoreOptions } from './take-store.ts'
import { createVouching } from './vouching.ts'

export interface DaemonOptions extends StoreOptions {
  onProgress?: (progress: Progress) => void
  /** Called after each pass. */
  onPass?: (turn: Turn) => void
}

export interface RunReport {
  /** The one applied. */
  revision: string
  /** The head of the branch is another one, with faults. */
  headInvalid: boolean
  passes: number
  /** How each action of this process ended, oldest first; intents of a former process are not among them. */
  actions: readonly Attempt[]
  /** What was due at the end and no guard let pass. */
  refused: readonly Refusal[]
  /** Of the last pass. */
  snapshot: Snapshot
}

/** A process that holds the lease and may act. It does so only while `untilIdle` or `run` is under way. */
export interface Daemon extends AsyncDisposable {
  /**
   * Looks at everything, or at the locations alone, then passes until nothing wanted is due and nothing in flight. Runs
   * without an item of the shell host start while that is still asked.
   */
  untilIdle(options: {
    wanted?: (action: Action) => boolean
    looks?: 'all' | 'locations'
    signal: AbortSignal
  }): Promise<RunReport>
  /** Passes whenever something happened, until the signal is aborted. Rejects when the lease was lost. */
  run(signal: AbortSignal): Promise<void>
}

/** Slots, retries and ages come due without an event: nothing waits longer than this. */
const tickMilliseconds = 10_000
/** After a pass nothing is done for that many times as long: where a thousand servers are looked at, always one is news. */
const restShare = 4

/** Takes the lease and opens the world. Throws Problem `another-daemon` or `state-store-...`. */
export async function startDaemon(config: Config, options: DaemonOptions): Promise<Daemon> {
  const { clock, random, log } = options
  const ended = new AbortController()
  const bell = createBell(clock)
  await using opened = new AsyncDisposableStack()

  const { store, before, revision } = await takeStore(config, options)
  opened.use(store)
  const drivers = opened.use(openDrivers(config, clock, random, { log }))
  // Exports hold personal data: what a killed process left goes now, not with the next export; first what still writes it.
  // A host that is away keeps it.
  void drivers.shell.removeLeftovers().catch((thrown: unknown) => {
    log.debug(logFields(toProblem(thrown)), 'the leftovers of a former process could not be removed')
  })
  const source = opened.use(await openSource(config, revision, clock, log))
  const untilTaken = waitFor(store, options, bell.ring)
  const { atLeastEverySeconds } = config.looks
  const observer = opened.use(
    observe({
      ...{ drivers, clock, log, cache: store.sets, untilTaken, owner: config.owner, written: store.heartbeats },
      ...{ before, atLeastEverySeconds },
    }),
  )
  const ownership = openOwnership({ drivers, clock, log, owner: config.owner, written: store.heartbeats })
  opened.defer(async () => {
    // Whoever took the lease beats by now, with the same store.
    if (toProblem(ended.signal.reason).code !== 'lease-lost') await ownership.release()
  })
  const executor = opened.adopt(
    new Executor({
      store,
      clock,
      log,
      untilTaken,
      tools: {
        drivers,
        log,
        owner: config.owner,
        ownership,
        cache: store.sets,
        observed: () => observer.snapshot(),
        look: (subjects, signal) => observer.look(subjects, signal),
        sets: () => observer.sets(),
        limit: createLimits(config.limits),
      },
      onProgress: options.onProgress ?? (() => {}),
      onRunning: (sets) => {
        observer.running(sets)
      },
      onEnd: bell.ring,
    }),
    (executor) => executor.stop(stopped()),
  )
  let tending: Promise<void> | null = null
  const heart = keepLease(store, clock, untilTaken, ended.signal, bell.ring).catch((lost: unknown) => {
    const reason = toProblem(lost)
    ended.abort(reason)
    void executor.stop(reason) // whoever holds the lease now acts: what runs here must end at once
  })
  opened.defer(async () => {
    ended.abort(stopped())
    await heart
    await tending
  })

  const anchor = createAnchor({
    ...{ store, drivers, clock, log },
    expectOurs: (location, { deployment }) =>
      ownership.check(location, { deployment: deployment.name, owner: config.owner }),
  })
  const onWordOfGit = createVouching(source, store.sets)
  const parts: PassParts = { source, observer, store, executor, clock }
  let looked = false
  let recovered = false
  let passMilliseconds = 0

  /** Before the first look at them: who acts on the locations is known, and from then on followed. */
  async function own(desired: Desired): Promise<void> {
    if (tending !== null) return
    const { signal } = ended
    await ownership.tend(desired, signal)
    const look = async (): Promise<void> => {
      const now = source.lastGood()
      if (now === null || !(await ownership.tend(now, signal))) return
      const names = now.locations.map(({ name }) => name)
      await observer.look(names, signal)
      bell.ring()
    }
    tending = keepLooking(look, clock, signal, log)
  }

  /** A pass that cannot write anything down is made again. */
  function turn(
    wanted: (action: Action) => boolean,
    signal: AbortSignal,
    givesUp?: (waitedMilliseconds: number) => boolean,
  ): Promise<Turn | null> {
    return untilTaken(() => tryTurn(wanted, signal), signal, givesUp)
  }

  /** One pass; before it, what a former process left open is looked at. Null while no revision was ever valid. */
  async function tryTurn(wanted: (action: Action) => boolean, signal: AbortSignal): Promise<Turn | null> {
    const desired = source.lastGood()
    if (desired && !recovered) {
      observer.follow(desired)
      await own(desired)
      const names = desired.locations.map(({ name }) => name)
      if (!looked) await observer.look(names, signal)
      looked = true
      const before = store.intents.unresolved().length
      recovered = await untilAborted(executor.recover(desired), signal) // what waits for the store goes on until we close
      if (store.intents.unresolved().length < before) await observer.look(names, signal) // what was resolved counts now
    }
    if (desired) await takeOn(desired, signal)
    signal.throwIfAborted()
    const begun = clock.monotonic()
    const turned = pass(parts, wanted)
    passMilliseconds = clock.monotonic() - begun
    if (turned) {
      options.onPass?.(turned)
      await anchor(turned.snapshot.desired, turned.snapshot.observed)
    }
    return turned
  }

  /** After a lost store: what Git speaks for counts again, before anything is decided. */
  async function takeOn(desired: Desired, signal: AbortSignal): Promise<void> {
    const vouched = await onWordOfGit(observer.sets())
    if (vouched.length === 0) return
    await untilTaken(() => {
      store.vouch(vouched, 'this store did not know it, and it requires what its revision asks for')
    }, signal)
    const names = desired.locations.map(({ name }) => name)
    await observer.look(names, signal)
  }

  async function rest(signal: AbortSignal): Promise<void> {
    if (passMilliseconds > 0) await clock.sleep(restShare * passMilliseconds, signal).catch(() => {}) // stopped
  }

  const held = opened.move()
  return {
    async untilIdle({ wanted = () => true, looks = 'all', signal }) {
      const until = AbortSignal.any([signal, ended.signal])
      await source.refresh(until)
      until.throwIfAborted()
      const desired = source.lastGood()
      if (!desired) throw nothingValid(source.fact(), config.git.url)
      observer.follow(desired)
      await own(desired)
      // What needs no cmdlet starts before the shell host has told all that is asked of it.
      let isAllSeen = looks !== 'all'
      const rest = (isAllSeen ? Promise.resolve() : observer.look('cmdlets', until)).then(() => (isAllSeen = true))
      rest.catch(() => {}) // stopped: told below
      await observer.look(looks === 'all' ? 'directly' : desired.locations.map(({ name }) => name), until)
      for (let passes = 0; ;) {
        const isLast = isAllSeen
        const mayStart = (action: Action): boolean => wanted(action) && (isLast || !needsCmdlets(action))
        const sawAllEnded = !executor.busy // what ends in the middle of a pass may make something else due
        const turned = await turn(mayStart, until, (waited) => !executor.busy && waited >= storePatienceMilliseconds)
        until.throwIfAborted()
        if (isLast || turned?.started !== 0) passes++ // one before all was seen counts when it started something
        if (isLast && turned?.started === 0 && sawAllEnded) {
          const fact = source.fact()
          const headInvalid = fact.known && fact.value.invalid.length > 0
          const { snapshot } = turned
          const { revision, refused } = snapshot.plan
          return { revision, headInvalid, passes, actions: [...executor.ended], refused, snapshot }
        }
        if (isLast) await executor.nextEnd(until)
        else await (executor.busy ? Promise.race([rest, executor.nextEnd(until)]) : rest)
        until.throwIfAborted()
      }
    },

    async run(signal) {
      const until = AbortSignal.any([signal, ended.signal])
      source.watch(bell.ring)
      observer.start(bell.ring)
      await source.refresh(until)
      while (!until.aborted) {
        await turn(() => true, until).catch((thrown: unknown) => {
          if (thrown instanceof CorruptStore) throw thrown // the next start sets it aside
          if (!until.aborted) log.error(logFields(toProblem(thrown)), 'a pass failed')
        })
        await rest(until)
        await bell.wait(tickMilliseconds, until)
      }
      if (!signal.aborted) ended.signal.throwIfAborted()
    },

    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}

/** Whether any item of the run is made by the shell host. */
function needsCmdlets(action: Action): boolean {
  return action.kind === 'create-backup-set' && action.items.some(({ kind }) => itemCalls[kind] !== null)
}

function stopped(): Problem {
  return new Problem('interrupted', { message: 'The daemon was stopped.' })
}
