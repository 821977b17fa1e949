/** A year of the Contoso sample with driven time: the real planner, pass and store over a healthy world that is told. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { addSeconds, secondsBetween, type Time } from '../../src/base/time.ts'
import type { Source } from '../../src/desired/source.ts'
import { requiredItems } from '../../src/domain/inventory.ts'
import type { Desired } from '../../src/domain/model.ts'
import type { Action } from '../../src/domain/action.ts'
import type { SetSummary } from '../../src/domain/backup-set.ts'
import type { Observed } from '../../src/domain/observation.ts'
import type { Plan } from '../../src/domain/plan.ts'
import type { Observer } from '../../src/observed/observer.ts'
import type { Executor } from '../../src/reconcile/executor.ts'
import { pass } from '../../src/reconcile/pass.ts'
import { openStore } from '../../src/store/store.ts'
import { contoso } from '../support/contoso.ts'
import { readyLocation, seen } from '../support/observed.ts'
import { healthyServers, observe } from '../support/servers.ts'
import { TestClock } from '../support/test-clock.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const start = '2026-01-01T12:00:00.000Z'
const day = 86_400
/** The weeks in which Berlin begins and ends its summer time, in 2026 on 29 March and 25 October. */
const changes: readonly [from: Time, to: Time][] = [
  ['2026-03-25', '2026-04-01'],
  ['2026-10-21', '2026-10-28'],
]

/** A pass each half hour in those weeks, and otherwise fewer, for the sake of time. */
function stepAt(now: Time): number {
  return changes.some(([from, to]) => from <= now && now < to) ? 1800 : 7200
}

/** Somebody clears away what is older, since nothing expires yet. */
const keptDays = 20

/** Sets and pointers as they would stand on the share; what is started ends before the next pass. */
class Share {
  sets: SetSummary[] = []
  pointers: Record<string, string> = {}

  done(action: Action, desired: Desired, at: Time): string | null {
    switch (action.kind) {
      case 'create-backup-set': {
        const set = setOf(action, desired, at)
        this.sets = [set, ...this.sets.filter(({ startedAt }) => startedAt > addSeconds(at, -keptDays * day))]
        return set.id
      }
      case 'point-backup':
        if (action.set !== null) this.pointers = { ...this.pointers, [action.policy]: action.set }
        return action.set
      case 'verify-backup-set':
        this.sets = this.sets.map((set) =>
          set.id === action.set ? { ...set, verified: { ...set.verified, [action.level]: at } } : set,
        )
        return action.set
      case 'take-over-location':
      case 'recovery-step':
      case 'restore-user':
        throw new Error('nobody asked for it')
    }
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

test('a year in which nothing happens but the runs: they alone are in the journal, and no memory is kept', async () => {
  const sample = await contoso()
  const desired: Desired = {
    ...sample,
    deployment: { ...sample.deployment, keptElsewhere: [] }, // what nobody looks at for a year is a finding
    policies: sample.policies.filter(({ name }) => name === 'nightly'), // at two in Berlin, the hour that comes twice
  }
  // In memory where there is room for files: each entry of the journal is flushed to the disk.
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'holdfast-year-'))
  const clock = new TestClock(start)
  const store = openStore(join(folder, 'state.db'), 'act', clock)
  try {
    const share = new Share()
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

    /** Passes until the year has so many days. */
    const until = async (days: number): Promise<Plan> => {
      for (;;) {
        for (const { action, startedAt } of underWay.splice(0)) {
          const { id, kind, subject } = action
          const set = share.done(action, desired, clock.now())
          const slot = kind === 'create-backup-set' ? action.slot : null
          const times = { startedAt, endedAt: clock.now() }
          store.intents.close(id, {
            ...{ action: id, kind, subject, slot, ...times, outcome: 'done', message: null, set, request: null },
          })
        }
        const {
          snapshot: { plan },
        } = pass({ source, observer, store, executor, clock }, () => true)!
        if (clock.monotonic() >= days * day * 1000) return plan
        await clock.advance(stepAt(clock.now()))
      }
    }
    const heapAfter = async (days: number): Promise<number> => {
      await until(days)
      collectGarbage()
      return process.memoryUsage().heapUsed
    }

    const settled = await until(1)
    const before = store.journal.head().sequence
    const second = await heapAfter(59)
    const twelfth = await heapAfter(365)
    const last = await until(365)

    const types = Map.groupBy(store.journal.list({ after: before }), ({ type }) => type)
    expect([...types.keys()].sort()).toEqual(['action-done', 'action-started', 'condition-changed'])
    const started = types.get('action-started')!
    const kinds = Map.groupBy(started, ({ message }) => message.slice(0, message.indexOf(':')))
    expect(kinds.get('create-backup-set')).toHaveLength(364)
    expect(kinds.get('point-backup')).toHaveLength(364)
    // A set is never proved again for the same reason before its seven days are over.
    for (const checks of Map.groupBy(
      kinds.get('verify-backup-set')!,
      ({ subject, message }) => subject + message,
    ).values())
      for (const [index, { at }] of checks.entries())
        if (index > 0) expect(secondsBetween(checks[index - 1]!.at, at)).toBeGreaterThan(7 * day)
    expect(kinds.size).toBe(3)
    expect(types.get('action-done')).toHaveLength(started.length)
    const told = types.get('condition-changed')!.map(({ message }) => message.replace(/nightly\/\S+/, 'SET'))
    expect(new Set(told)).toEqual(new Set(['Verified true (Verified): SET was verified at level checksum.']))
    expect(told).toHaveLength(364)

    expect(last).toMatchObject({ findings: [], flags: [] })
    expect(statusesOf(last)).toEqual(statusesOf(settled))
    expect(twelfth - second).toBeLessThan(4 * 1024 * 1024)
  } finally {
    store[Symbol.dispose]()
    rmSync(folder, { recursive: true })
  }
}, 120_000)

/** Since when each condition has been as it is. */
function statusesOf({ conditions }: Plan): string[] {
  return conditions.map(({ type, subject, status, since }) => `${type} ${subject} ${status} ${since}`)
}
