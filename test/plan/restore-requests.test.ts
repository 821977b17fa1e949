/** Somebody asks for a restore: it is served, it waits, or it is refused with every reason at once. */
import { describe, expect, it } from 'vitest'
import type { Attempt, Request } from '../../src/domain/action.ts'
import { database, good, lost, planned, restoring, run, server, together, type Change } from './recovery/rebuilt.ts'

const asked = (subject = server, change: Change = {}) => {
  const request: Request = { id: 'r1', at: '2026-03-10T11:59:00.000Z', actor: 'alex', wish: { restore: subject } }
  return planned(together([change, { memory: { ...change.memory, requests: [request] } }]))
}
const unproved: Change = { set: { verified: {} } }
const done: Attempt = {
  ...{
    action: run(planned()).action,
    kind: 'recovery-step',
    subject: database,
    slot: null,
    outcome: 'done',
    set: good,
  },
  ...{ startedAt: lost, endedAt: '2026-03-10T11:58:00.000Z', message: 'It came back.', request: null },
}

describe('a request for a restore is refused', () => {
  it('of what is not flagged', () => {
    expect(asked('pool01.contoso.com').refused).toEqual([
      {
        ...{ guard: 'not-flagged', actions: [], requests: ['r1'], override: 'See holdfast status.' },
        message:
          'pool01.contoso.com is not flagged: nothing of it is to be restored. Only what Holdfast itself saw lost is, once that has lasted. Where it is lost, the daemon will say so; without one, run holdfast run --once first, now, and again 15 min later.',
      },
    ])
    expect(asked(server, { flags: null, database: { createdAt: '2025-01-01T00:00:00.000Z' } }).refused).toMatchObject([
      { guard: 'not-flagged', requests: ['r1'] },
    ])
  })

  it('where its gate is closed, with all reasons', () => {
    const made = asked(server, { recovery: { run: 'guide' }, database: { replicaRole: 'PRIMARY' }, set: unproved.set! })
    expect(restoring(made)).toEqual([])
    const of = `restore-databases of ${database}`
    expect(made.refused).toEqual([
      {
        ...{ guard: 'gate', actions: [], requests: ['r1'], override: `See holdfast restore ${server} --dry-run.` },
        message: [
          `${of}: Recovery r says run: guide.`,
          `${of}: ${database} is in an availability group, and a restore comes before that. Take the database out first.`,
          `${of}: ${good} is not verified at level content yet.`,
        ].join(' '),
      },
    ])
  })

  it('where all was run that Holdfast runs, also where a later look does not show it', () => {
    expect(asked(server, { memory: { ranSteps: [done] } }).refused).toMatchObject([
      { guard: 'nothing-to-run', requests: ['r1'], message: `Holdfast has no step of ${server} to run.` },
    ])
  })
})

describe('a request for a restore waits', () => {
  it('for the verification that it needs, also while that is not begun', () => {
    const made = asked(server, unproved)
    expect(made.refused).toEqual([])
    expect(restoring(made)).toEqual([])
    const verifying = made.actions.filter(({ kind }) => kind === 'verify-backup-set')
    expect(verifying).toHaveLength(1)
    expect(asked(server, { ...unproved, memory: { inFlight: verifying } }).refused).toEqual([])
  })

  it('for that too where further steps wait for the first one', () => {
    // Of the pool, the import waits for a person; of the archive, the restore waits for the verification alone.
    expect(asked(server, { ...unproved, role: 'user' }).refused).toEqual([])
  })

  it('while a step is under way', () => {
    expect(asked(server, { memory: { inFlight: restoring(planned()) } }).refused).toEqual([])
  })
})

it('a request for a restore is served by each step whose gate is open', () => {
  const made = asked(server, { role: 'user' })
  expect(restoring(made)).toMatchObject([{ subject: database, cause: 'manual', request: { id: 'r1', actor: 'alex' } }])
  expect(made.refused).toEqual([])
})
