/** The state store of a process that acts: opened, its lease taken, and waited for when it refuses. */
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { createPatience, type Patience } from '../base/patience.ts'
import { logFields, Problem, toProblem } from '../base/problem.ts'
import type { Random } from '../base/random.ts'
import type { Time } from '../base/time.ts'
import type { Config } from '../config/config.ts'
import type { Observed } from '../domain/observation.ts'
import { openOrReplace } from '../store/set-aside.ts'
import { openStore, type Store } from '../store/store.ts'

/** How long one call on the store may block the loop while another program holds the file. */
const busyMilliseconds = 100
/** At a start, and once nothing is under way, nobody waits longer for the store. */
export const storePatienceMilliseconds = 10_000
/** A daemon that still works with a file that was set aside sees within this time that it is not in its place. */
const othersNoticeMilliseconds = 2000

export interface StoreOptions {
  clock: Clock
  random: Random
  log: Log
  /** A damaged store is set aside and a new one begun; left out: it is an error. */
  replacesStore?: boolean
  /** Ends the wait for a store that another program holds at the start. */
  signal?: AbortSignal
}

interface TakenStore {
  store: Store
  /** The last observations of a former process. */
  before: Observed['facts'] | null
  /** The one last applied; null before the first. */
  revision: string | null
}

/** Throws Problem `another-daemon` or `state-store-...`. */
export async function takeStore({ state }: Config, options: StoreOptions): Promise<TakenStore> {
  const { clock, random, log, signal = new AbortController().signal } = options
  const begun = clock.now()
  const patiently = createPatience({ clock, log })
  const unlessHeld = <T>(work: () => T): Promise<T> => patiently(work, signal, givesUp)
  using opened = new DisposableStack()
  const store = opened.use(
    await unlessHeld(() =>
      options.replacesStore === true
        ? openOrReplace(state, clock, random, busyMilliseconds)
        : openStore(state, 'act', clock, random, busyMilliseconds),
    ),
  )
  const { before, memory } = await unlessHeld(() => {
    if (!store.lease.take()) throw anotherDaemon(store.lease.holder()?.pid ?? null)
    return { before: store.lastObserved(), memory: store.memory() }
  })
  for (const damaged of memory.replaced)
    log.warn(
      { code: 'state-store-replaced', ...damaged },
      'the state store was damaged: it was set aside, and a new one begun',
    )
  if (memory.replaced.some(({ at }) => at >= begun)) await clock.sleep(othersNoticeMilliseconds, signal)
  opened.move()
  return { store, before, revision: memory.applied?.revision ?? null }
}

/** What is only held passes; room and rights do not come by themselves while nothing is under way. */
function givesUp(waitedMilliseconds: number, { code }: Problem): boolean {
  return code !== 'state-store-busy' || waitedMilliseconds >= storePatienceMilliseconds
}

function anotherDaemon(pid: number | null): Problem {
  return new Problem('another-daemon', {
    message: `Another daemon holds the lease of this state store${pid === null ? '' : ` (process ${pid})`}.`,
    hint: 'Only one daemon may act. Stop the other one first, or let it do the work: holdfast backup and holdfast verify ask it.',
  })
}

/** Waits for the store while the process works; a wait that was long stands in the journal. */
export function waitFor(store: Store, { clock, log }: StoreOptions, onOver: () => void): Patience {
  return createPatience({
    clock,
    log,
    onOver({ code, since }) {
      try {
        store.journal.append(entryOf(code, since, store.memory().applied?.revision ?? ''))
      } catch (thrown) {
        log.warn(logFields(toProblem(thrown)), 'a wait for the state store was not recorded')
      }
      onOver()
    },
  })
}

function entryOf(code: string, since: Time, revision: string): Parameters<Store['journal']['append']>[0] {
  return {
    ...{ actor: 'holdfast', cause: 'observed', revision, type: 'state-store-waited', subject: 'state-store' },
    message: `${code}: it took nothing since ${since}; what was under way waited, and goes on.`,
  }
}
