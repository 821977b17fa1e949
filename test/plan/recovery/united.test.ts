/** One procedure over several flags: how its steps stand, from how those of each flag do. */
import { describe, expect, it } from 'vitest'
import type { Runbook, Step, StepState } from '../../../src/domain/runbook.ts'
import { unitedSteps } from '../../../src/plan/recovery/united.ts'

const [backEnd, frontEnd, all] = ['sql01.contoso.com', 'fe01.contoso.com', 'contoso']
const [since, later] = ['2026-03-10T10:00:00.000Z', '2026-03-10T11:00:00.000Z']

const step = (id: string, subject: string, state: StepState, more: Partial<Step> = {}): Step => ({
  ...{ id, subject, state, title: '', actor: 'operator', since, isAcknowledgeable: true, ...more },
})
const runbook = (subject: string, ...steps: Step[]): Runbook => ({
  ...{ subject, scenario: 'pool', since, recovery: null, steps },
})
const name = (id: string, subject: string) => ({ id, subject })
const row = (id: string, subject: string, ...needs: ReturnType<typeof name>[]) => ({
  ...{ id, subject, needs, in: [] as { fork: ReturnType<typeof name>; branch: string }[] },
})

const check = row('check', all)
const rows = [
  check,
  row('rebuild', backEnd, name('check', all)),
  row('rebuild', frontEnd, name('check', all)),
  // Only together: the Front End waits for the Back End.
  row('start', frontEnd, name('rebuild', frontEnd), name('rebuild', backEnd)),
]
const of = (first: Runbook, second: Runbook) =>
  unitedSteps(rows, all, [first, second]).map((one) => `${one.id} ${one.subject} ${one.state}`)

describe('of two flags', () => {
  it('what is done once for all is done where each flag has it done', () => {
    const [done, open] = [step('check', backEnd, 'done'), step('check', frontEnd, 'ready')]
    expect(of(runbook(backEnd, done), runbook(frontEnd, open))[0]).toBe('check contoso ready')
    expect(of(runbook(backEnd, done), runbook(frontEnd, { ...open, state: 'blocked' }))[0]).toBe(
      'check contoso blocked',
    )
    expect(of(runbook(backEnd, done), runbook(frontEnd, { ...open, state: 'done' }))[0]).toBe('check contoso done')
  })

  it('what waits for a step of the other flag is not done before that', () => {
    const first = (state: StepState) =>
      runbook(backEnd, step('check', backEnd, 'done'), step('rebuild', backEnd, state))
    const second = runbook(
      frontEnd,
      ...['check', 'rebuild', 'start'].map((id) => step(id, frontEnd, 'done', { evidence: 'It was seen.' })),
    )
    expect(of(first('ready'), second)).toEqual([
      'check contoso done',
      'rebuild sql01.contoso.com ready',
      'rebuild fe01.contoso.com done',
      'start fe01.contoso.com waiting',
    ])
    expect(unitedSteps(rows, all, [first('ready'), second])[3]).toMatchObject({ evidence: 'It was seen.' })
    expect(of(first('done'), second)[3]).toBe('start fe01.contoso.com done')
  })

  it('has of each step what its own flag knows, and since when', () => {
    const own = step('rebuild', backEnd, 'blocked', { since: later, evidence: 'Jane says so. But it is not.' })
    const found = unitedSteps(rows, all, [
      runbook(backEnd, step('check', backEnd, 'done'), own),
      runbook(frontEnd, step('check', frontEnd, 'done')),
    ])
    expect(found[1]).toEqual(own)
    expect(found[2]).toEqual({ ...name('rebuild', frontEnd), state: 'ready', isAcknowledgeable: false })
  })
})

it('a fork ends the steps of its other ways, once it is decided', () => {
  const fork = name('fork', backEnd)
  const forked = [
    row('fork', backEnd, name('check', all)),
    { ...row('over', backEnd, fork), in: [{ fork, branch: 'over' }] },
    { ...row('anew', backEnd, fork), in: [{ fork, branch: 'anew' }] },
    row('last', backEnd, name('over', backEnd), name('anew', backEnd)),
  ]
  const states = (checked: StepState) =>
    unitedSteps([check, ...forked], all, [
      runbook(
        backEnd,
        step('check', backEnd, 'done'),
        step('fork', backEnd, 'done', { branch: 'over' }),
        step('over', backEnd, 'done'),
        step('anew', backEnd, 'ended', { endedBy: fork }),
        step('last', backEnd, 'ready'),
      ),
      runbook(frontEnd, step('check', frontEnd, checked)),
    ]).map(({ state }) => state)
  expect(states('done')).toEqual(['done', 'done', 'done', 'ended', 'ready'])
  // Nothing of a fork is decided that waits for what the other flag needs.
  expect(states('ready')).toEqual(['ready', 'waiting', 'waiting', 'waiting', 'waiting'])
})
