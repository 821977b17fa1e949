/** A year with driven time: the real planner, pass and store over a healthy world that is told. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addSeconds, type Time } from '../../src/base/time.ts'
import type { Source } from '../../src/desired/source.ts'
import type { Action, Attempt } from '../../src/domain/action.ts'
import type { SetSummary } from '../../src/domain/backup-set.ts'
import { requiredItems } from '../../src/domain/inventory.ts'
import type { Desired } from '../../src/domain/model.ts'
import type { Observed } from '../../src/domain/observation.ts'
import type { Plan } from '../../src/domain/plan.ts'
import { testedKinds } from '../../src/domain/restore-proofs.ts'
import type { Observer } from '../../src/observed/observer.ts'
import type { Executor } from '../../src/reconcile/executor.ts'
import { pass } from '../../src/reconcile/pass.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { readyLocation, seen } from '../support/observed.ts'
import { healthyServers, observe } from '../support/servers.ts'
import { TestClock } from '../support/test-clock.ts'

const start = '2026-01-01T12:00:00.000Z'
export const day = 86_400

/** Somebody clears away what is older, since nothing expires yet. */
const keptDays = 20

type Done = Pick<Attempt, 'set'> & Partial<Pick<Attempt, 'problems' | 'proved'>>

/** Sets and pointers as they would stand on the share; what is started ends before the next pass. */
export class Share {
  sets: SetSummary[] = []
  pointers: Record<string, string> = {}
  /** Sets whose bytes are not what they were: only a check that reads them sees it. */
  rotten = new Set<string>()

  done(action: Action, desired: Desired, at: Time): Done {
    switch (action.kind) {
      case 'create-backup-set': {
        const set = setOf(action, desired, at)
        this.sets = [set, ...this.sets.filter(({ startedAt }) => startedAt > addSeconds(at, -keptDays * day))]
        return { set: set.id }
      }
      case 'point-backup':
        if (action.set !== null) this.pointers = { ...this.pointers, [action.policy]: action.set }
        return { set: action.set }
      case 'verify-backup-set':
        return this.rotten.has(action.set) ? this.#damaged(action.set, at) : this.#proved(action, desired, at)
      case 'take-over-location':
      case 'recovery-step':
      case 'restore-user':
        throw new Error('nobody asked for it')
    }
  }

  #damaged(id: string, at: Time): Done {
    this.#change(id, () => ({ state: 'damaged', ok: [], damagedAt: at }))
    return { set: id, problems: [{ file: 'data/x', kind: 'checksum', message: 'it is another one' }], proved: [] }
  }

  #proved({ set: id, level }: Extract<Action, { kind: 'verify-backup-set' }>, desired: Desired, at: Time): Done {
    this.#change(id, ({ verified }) => ({ verified: { ...verified, [level]: at } }))
    if (level !== 'restore') return { set: id }
    const set = this.sets.find((one) => one.id === id)!
    const { verification } = desired.policies.find(({ name }) => name === set.policy)!
    const kinds = testedKinds(verification.restoreTest)
    const items = set.ok.filter(({ kind }) => kinds.includes(kind))
    return { set: id, problems: [], proved: items.map(({ kind }) => ({ kind, bytes: 100, seconds: 2 })) }
  }

  #change(id: string, change: (set: SetSummary) => Partial<SetSummary>): void {
    this.sets = this.sets.map((set) => (set.id === id ? { ...set, ...change(set) } : set))
  }
}

const itemsOf = new Map<string, SetSummary['ok']>()

function setOf(action: Extract<Action, { kind: 'create-backup-set' }>, desired: Desired, at: Time): SetSummary {
  const policy = desired.policies.find(({ name }) => name === action.policy)!
  const ok = itemsOf.get(policy.name) ?? requiredItems(desired, policy)
  itemsOf.set(policy.name, ok)
  return {
    ...{ id: `${policy.name}/${at.replace(/[-:]|\.\d+/g, '')}-aaaa`, policy: policy.name, location: 'backup01' },
    ...{ state: 'complete', whole: action.whole, slot: action.slot, startedAt: addSeconds(at, -600), finishedAt: at },
    ...{ bytes: 1000, ok, verified: { structure: at, checksum: at } },
  }
}

/** The same world at another time: every probe has looked again and seen the same. */
function lookedAgain(world: Observed, share: Share, at: Time): Observed {
  const facts = Object.fromEntries(
    Object.entries(world.facts).map(([fact, observations]) => [
      fact,
      new Map([...observations].map(([subject, observation]) => [subject, { ...observation, at }])),
    ]),
  ) as unknown as Observed['facts']
  const location = { ...seen('backup01', readyLocation({ pointers: share.pointers }), at), since: start }
  return { facts: { ...facts, location: new Map([['backup01', location]]) }, sets: share.sets }
}

export interface Year extends Disposable {
  store: Store
  clock: TestClock
  /** Passes until the year has so many days. */
  until: (days: number) => Promise<Plan>
}

/** `stepAt`: seconds from a pass to the next. */
export function openYear(desired: Desired, share: Share, stepAt: (now: Time) => number): Year {
  // In memory where there is room for files: each entry of the journal is flushed to the disk.
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'holdfast-year-'))
  const clock = new TestClock(start)
  const store = openStore(join(folder, 'state.db'), 'act', clock)
  const seenFirst = observe(healthyServers(desired), start)
  const underWay: { action: Action; startedAt: Time }[] = []
  const source = {
    lastGood: () => desired,
    fact: () => ({
      ...seen('contoso', { head: 'a', lastGood: 'a', fetchedAt: clock.now(), unreachable: null, invalid: [] }, start),
      at: clock.now(),
    }),
  } as unknown as Source
  const observer = {
    follow: () => {},
    report: () => {},
    snapshot: () => {
      const snapshot = lookedAgain(seenFirst, share, clock.now())
      return { ...snapshot, facts: { ...snapshot.facts, source: new Map([['contoso', source.fact()]]) } }
    },
  } as unknown as Observer
  const executor = {
    heed: () => {},
    start(action: Action) {
      if (!store.intents.open(action)) return false
      underWay.push({ action, startedAt: clock.now() })
      return true
    },
  } as unknown as Executor
  return {
    store,
    clock,
    async until(days) {
      for (;;) {
        for (const { action, startedAt } of underWay.splice(0)) {
          const { id, kind, subject } = action
          const slot = kind === 'create-backup-set' ? action.slot : null
          const times = { startedAt, endedAt: clock.now() }
          const done = share.done(action, desired, clock.now())
          store.intents.close(id, {
            ...{ action: id, kind, subject, slot, ...times, outcome: 'done', message: null, request: null, ...done },
          })
        }
        const {
          snapshot: { plan },
        } = pass({ source, observer, store, executor, clock }, () => true)!
        if (clock.monotonic() >= days * day * 1000) return plan
        await clock.advance(stepAt(clock.now()))
      }
    },
    [Symbol.dispose]() {
      store[Symbol.dispose]()
      rmSync(folder, { recursive: true })
    },
  }
}
