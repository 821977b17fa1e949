/** Two days with driven time, in which items fail and come again: what a retry takes, and when. */
import { assert, constantFrom, integer, property, tuple } from 'fast-check'
import { expect, test } from 'vitest'
import { addSeconds, secondsBetween, type Time } from '../../../src/base/time.ts'
import type { ActionOf, Attempt } from '../../../src/domain/action.ts'
import type { FlawedItem, SetSummary } from '../../../src/domain/backup-set.ts'
import { itemKey } from '../../../src/domain/subject.ts'
import type { Item } from '../../../src/domain/words.ts'
import { plan } from '../../../src/plan/plan.ts'
import { desiredState, policy, schedule } from '../../support/desired.ts'
import { memory, summary, world } from '../../support/observed.ts'

const hour = 3600
const slot = '2026-03-10T02:00:00.000Z'
const start = addSeconds(slot, -1)
/** Between two passes: fewer where nothing can be due, for the sake of time. */
const step = (at: Time): number => (secondsBetween(slot, at) % (24 * hour) < hour ? 120 : 600)

interface Lock {
  kind: Item['kind']
  /** Seconds after the first slot. */
  from: number
  to: number
}

interface Taken {
  at: Time
  whole: boolean
  set: SetSummary
}

/** All runs of two days, in which each locked item fails. */
function runsUnder(locks: readonly Lock[], windowSeconds: number | null): Taken[] {
  const nightly = policy('nightly', { schedule: schedule('0 2 * * *', 'UTC', { windowSeconds, catchUp: false }) })
  const desired = desiredState({ policies: [nightly] })
  const isLocked = ({ kind }: Item, at: Time): boolean =>
    locks.some((lock) => lock.kind === kind && at >= addSeconds(slot, lock.from) && at < addSeconds(slot, lock.to))
  const first = plan(desired, world([]), memory(), start).actions.find(({ kind }) => kind === 'create-backup-set')
  let sets = [summary(addSeconds(slot, -24 * hour), { ok: (first as ActionOf<'create-backup-set'>).items })]
  const attempts: Attempt[] = []
  const taken: Taken[] = []
  for (let at = start; at < addSeconds(slot, 48 * hour); at = addSeconds(at, step(at))) {
    const { actions } = plan(desired, world(sets), memory({ attempts }), at)
    for (const action of actions) {
      if (action.kind !== 'create-backup-set') continue
      const flawed = action.items
        .filter((item) => isLocked(item, at))
        .map((item): FlawedItem => ({ ...item, outcome: 'failed' }))
      const ok = action.items.filter((item) => !isLocked(item, at))
      const set = summary(at, {
        ...{ slot: action.slot, whole: action.whole, ok, finishedAt: addSeconds(at, 60) },
        ...(flawed.length > 0 && { flawed, state: 'partial' as const }),
      })
      sets = [set, ...sets]
      taken.push({ at, whole: action.whole, set })
      attempts.push({
        ...{ action: action.id, kind: action.kind, subject: 'nightly', slot: action.slot, startedAt: at },
        ...{ endedAt: addSeconds(at, 60), outcome: flawed.length > 0 ? 'partial' : 'done', message: null },
        ...{ set: set.id, request: null },
      })
    }
  }
  return taken
}

const kinds = ['configuration', 'location-information', 'user-data'] as const
const lock = tuple(constantFrom(...kinds), integer({ min: 0, max: 30 * hour }), integer({ min: 60, max: 30 * hour }))

test('nothing that came well is taken again for its slot, a whole set is made once a slot, and the window counts', () => {
  assert(
    property(tuple(lock, lock), constantFrom(null, 2 * hour, 6 * hour), (drawn, windowSeconds) => {
      const locks = drawn.map(([kind, from, length]): Lock => ({ kind, from, to: from + length }))
      const taken = runsUnder(locks, windowSeconds)
      expect(taken.filter(({ whole }) => whole)).toHaveLength(2)
      const came = new Set<string>()
      for (const { at, set } of taken) {
        const since = secondsBetween(set.slot!, at)
        expect(since).toBeLessThanOrEqual(windowSeconds === null ? 24 * hour : windowSeconds + 600)
        for (const item of set.ok.filter(({ kind }) => kind !== 'environment')) {
          const key = `${set.slot} ${itemKey(item)}`
          expect(came).not.toContain(key)
          came.add(key)
        }
      }
    }),
    { numRuns: 12 },
  )
})

test('an item that is locked for twenty minutes comes soon after, alone; one that stays locked is tried hourly', () => {
  const short = runsUnder([{ kind: 'user-data', from: 0, to: 1200 }], null).filter(({ set }) => set.slot === slot)
  expect(short.map(({ whole, set }) => [whole, set.ok.length])).toEqual([
    [true, 4],
    [false, 1],
    [false, 1],
    [false, 2],
  ])
  const long = runsUnder([{ kind: 'user-data', from: 0, to: 24 * hour }], 4 * hour)
  expect(long.filter(({ set }) => set.slot === slot).map(({ whole }) => whole)).toHaveLength(7)
})
