import { expect, test } from 'vitest'
import type { Flag } from '../../../src/domain/statement.ts'
import { plan } from '../../../src/plan/plan.ts'
import { runbookView } from '../../../src/views/runbook.ts'
import { cases } from '../../domain/procedures/cases.ts'
import { memory, world } from '../../support/observed.ts'

const now = '2026-03-10T12:00:00.000Z'

// Whatever is lost: a pass is made, nothing counts as done while nobody looks, and every step that is shown has its state.
test.each(cases.map((one) => [one.name, one] as const))('%s', (_name, { desired, lost }) => {
  const flags = lost.map((subject): Flag => ({
    ...{ subject, scenario: 'back-end', reason: 'It is lost.', since: '2026-03-10T11:00:00.000Z' },
    ...{ evidence: [], seen: ['absent'] },
  }))
  const known = memory({ standing: { conditions: [], findings: [], flags, runbooks: [] } })
  const observed = world()
  const made = plan(desired, observed, known, now)
  expect(made.flags.length).toBeGreaterThan(0)
  expect(made.runbooks.map(({ subject }) => subject)).toEqual(made.flags.map(({ subject }) => subject))
  for (const { subject, steps } of made.runbooks) {
    expect(steps.filter(({ state }) => state === 'done' || state === 'ended')).toEqual([])
    const view = runbookView({ desired, observed, memory: known, plan: made, now, sets: [] }, [subject])
    expect(view?.steps.map(({ id, state }) => [id, state])).toEqual(steps.map(({ id, state }) => [id, state]))
  }
  const flagged = made.flags.map(({ subject }) => subject)
  const together = runbookView({ desired, observed, memory: known, plan: made, now, sets: [] }, flagged)
  const states = together?.steps.map(({ state }) => state)
  expect(states?.filter((state) => state !== 'ready' && state !== 'waiting')).toEqual([])
})
