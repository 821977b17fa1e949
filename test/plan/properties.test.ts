import fc from 'fast-check'
import { expect, it } from 'vitest'
import { addSeconds, timeOf } from '../../src/base/time.ts'
import type { Desired } from '../../src/domain/model.ts'
import { lastSlot } from '../../src/domain/schedule.ts'
import type { Action, Attempt } from '../../src/domain/action.ts'
import type { SetSummary } from '../../src/domain/backup-set.ts'
import type { Observed } from '../../src/domain/observation.ts'
import type { Memory, Plan } from '../../src/domain/plan.ts'
import { plan } from '../../src/plan/plan.ts'
import { desiredState, policy, schedule } from '../support/desired.ts'
import { memory, summary, world } from '../support/observed.ts'

// Any history of three policies: sets of all states on and off their slots, failures, requests, runs in flight.
const policies = [
  policy('nightly', { schedule: schedule('0 2 * * *', 'Europe/Berlin', { jitterSeconds: 900 }) }),
  policy('often', {
    schedule: schedule('*/30 * * * *', 'UTC', { windowSeconds: 600, catchUp: false }),
    verification: { onCreate: 'structure', everyDays: 1, restoreTest: null },
  }),
  policy('weekly', { schedule: schedule('0 5 * * 1', 'America/New_York', { windowSeconds: 3600, catchUp: true }) }),
]
const names = policies.map(({ name }) => name)
const start = '2026-03-20T00:00:00.000Z'

const anySet = fc.record({
  name: fc.constantFrom(...names),
  minutes: fc.integer({ min: -3000, max: 20_000 }),
  state: fc.constantFrom('complete', 'partial', 'interrupted', 'damaged', 'in-progress'),
  whole: fc.boolean(),
  hasSlot: fc.boolean(),
})
const anyAttempt = fc.record({
  name: fc.constantFrom(...names),
  minutes: fc.integer({ min: -100, max: 500 }),
  outcome: fc.constantFrom('failed', 'partial', 'interrupted', 'refused'),
})

interface Situation {
  desired: Desired
  observed: Observed
  known: Memory
  now: string
}

const situation = fc
  .record({
    now: fc.integer({ min: 0, max: 15_000 }).map((minutes) => addSeconds(start, minutes * 60)),
    sets: fc.array(anySet, { maxLength: 12 }),
    attempts: fc.array(anyAttempt, { maxLength: 8 }),
    requests: fc.array(fc.constantFrom(...names), { maxLength: 4 }),
    running: fc.subarray(names),
  })
  .map(({ now, sets, attempts, requests, running }): Situation => {
    const slotOf = (name: string, at: string) =>
      lastSlot(
        policies.find((one) => one.name === name)!,
        at,
      )
    const desired = desiredState({ policies })
    const inFlight = plan(desired, world(), memory(), now).actions.filter(({ subject }) => running.includes(subject))
    return {
      now,
      desired,
      observed: world(
        sets.map(({ name, minutes, state, whole, hasSlot }, n): SetSummary => {
          const startedAt = addSeconds(now, -60 * minutes)
          const slot = hasSlot ? slotOf(name, startedAt) : null
          return summary(startedAt, { id: `${name}/${n}`, policy: name, state, whole, slot })
        }),
      ),
      known: memory({
        inFlight,
        attempts: attempts.map(({ name, minutes, outcome }, n): Attempt => {
          const endedAt = addSeconds(now, -60 * minutes)
          return {
            action: `a${n}`,
            kind: 'create-backup-set',
            subject: name,
            slot: slotOf(name, endedAt),
            startedAt: endedAt,
            endedAt,
            outcome,
            message: null,
            set: null,
            request: null,
          }
        }),
        requests: requests.map((name, n) => ({
          id: `r${n}`,
          at: addSeconds(now, -n),
          actor: 'alex',
          wish: { backup: name },
        })),
      }),
    }
  })

const planned = ({ desired, observed, known, now }: Situation): Plan => plan(desired, observed, known, now)
const runs = ({ actions }: Plan): Extract<Action, { kind: 'create-backup-set' }>[] =>
  actions.filter((action) => action.kind === 'create-backup-set')

it('the same inputs give the same plan, in whatever order they come', () => {
  fc.assert(
    fc.property(situation, fc.integer({ min: 1, max: 11 }), (one, turn) => {
      const turned = <T>(list: readonly T[]): T[] => [...list.slice(turn), ...list.slice(0, turn)].reverse()
      const { attempts, requests, inFlight } = one.known
      const known = { ...one.known, attempts: turned(attempts), requests: turned(requests), inFlight: turned(inFlight) }
      const other = { ...one, known, observed: { ...one.observed, sets: turned(one.observed.sets) } }
      const [first, second] = [planned(one), planned(other)]
      expect(second.actions).toEqual(first.actions)
      expect(second.hash).toBe(first.hash)
      expect(second.conditions).toEqual(first.conditions)
      expect(second.findings).toEqual(first.findings)
    }),
    { numRuns: 150 },
  )
})

it('a slot whose set is complete is never run again', () => {
  fc.assert(
    fc.property(situation, (one) => {
      for (const run of runs(planned(one)))
        if (run.cause === 'scheduled') {
          const own = one.observed.sets.filter(
            (set) => set.policy === run.policy && set.whole && set.state === 'complete',
          )
          expect(own.filter(({ slot }) => slot !== null && slot === run.slot)).toEqual([])
        }
    }),
    { numRuns: 150 },
  )
})

it('a policy has at most one run, in flight or wanted, and no id is wanted twice', () => {
  fc.assert(
    fc.property(situation, (one) => {
      const result = planned(one)
      const subjects = [...one.known.inFlight.filter(({ kind }) => kind === 'create-backup-set'), ...runs(result)].map(
        ({ subject }) => subject,
      )
      expect(new Set(subjects).size).toBe(subjects.length)
      const ids = [...one.known.inFlight, ...result.actions].map(({ id }) => id)
      expect(new Set(ids).size).toBe(ids.length)
    }),
    { numRuns: 150 },
  )
})

it('whatever happens, a run whose set is complete stops being wanted', () => {
  fc.assert(
    fc.property(situation, (one) => {
      const [run] = runs(planned({ ...one, known: { ...one.known, requests: [] } }))
      if (!run) return
      const made = summary(one.now, { id: `${run.policy}/made`, policy: run.policy, slot: run.slot })
      const observed = { ...one.observed, sets: [...one.observed.sets, made] }
      const after = planned({ ...one, observed, known: { ...one.known, requests: [] } })
      expect(runs(after).map(({ policy: name }) => name)).not.toContain(run.policy)
    }),
    { numRuns: 150 },
  )
})

it('after weeks of downtime one run makes up for all that was missed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 86_399 }), (days, seconds) => {
      const nightly = policy('nightly', { schedule: schedule('0 2 * * *', 'Europe/Berlin') })
      const now = timeOf(Date.parse(start) + (days * 86_400 + seconds) * 1000)
      const before = summary(start, { slot: lastSlot(nightly, start) })
      const desired = desiredState({ policies: [nightly] })
      const [run, ...others] = runs(plan(desired, world([before]), memory(), now))
      expect(others).toEqual([])
      if (!run) return
      const made = summary(now, { id: 'nightly/made', slot: run.slot })
      expect(runs(plan(desired, world([before, made]), memory(), now))).toEqual([])
    }),
  )
})
