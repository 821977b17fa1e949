import { describe, expect, it } from 'vitest'
import { addSeconds } from '../../../src/base/time.ts'
import type { Action, ActionKind, Attempt } from '../../../src/domain/action.ts'
import type { SetSummary } from '../../../src/domain/backup-set.ts'
import type { Memory } from '../../../src/domain/plan.ts'
import { plan } from '../../../src/plan/plan.ts'
import { desiredState, policy } from '../../support/desired.ts'
import { memory, notSeen, readyLocation, seen, summary, world } from '../../support/observed.ts'

const now = '2026-03-10T02:30:00.000Z'
const newest = summary('2026-03-10T02:00:00.000Z')
const older = summary('2026-03-09T02:00:00.000Z')

function actions(
  kind: ActionKind,
  sets: SetSummary[],
  known: Partial<Memory> = {},
  pointer: string | null = null,
): Action[] {
  const location = seen('main', readyLocation({ pointers: { nightly: pointer } }))
  const observed = world(sets, { location: new Map([['main', location]]) })
  return plan(desired, observed, memory(known), now).actions.filter((action) => action.kind === kind)
}

const desired = desiredState({
  policies: [policy('nightly', { verification: { onCreate: 'structure', everyDays: 7, restoreTest: null } })],
})

const ended = (kind: ActionKind, subject: string, more: Partial<Attempt> = {}): Attempt => ({
  action: 'a1',
  kind,
  subject,
  slot: null,
  startedAt: '2026-03-10T02:29:30.000Z',
  endedAt: '2026-03-10T02:29:30.000Z',
  outcome: 'failed',
  message: null,
  set: null,
  request: null,
  ...more,
})

describe('the pointer', () => {
  it('moves to the newest whole, complete set', () => {
    expect(actions('point-backup', [older, newest], {}, older.id)).toMatchObject([
      { policy: 'nightly', set: newest.id, cause: 'corrective' },
    ])
    expect(actions('point-backup', [older, newest])).toMatchObject([{ set: newest.id }])
  })

  it('stays when it is right, and where no set is whole and complete', () => {
    expect(actions('point-backup', [older, newest], {}, newest.id)).toEqual([])
    for (const more of [
      { state: 'partial' },
      { state: 'damaged' },
      { state: 'in-progress' },
      { whole: false },
    ] as const)
      expect(actions('point-backup', [summary(newest.startedAt, more)])).toEqual([])
  })

  it('goes back when the set that it names was found damaged', () => {
    const damaged = summary(newest.startedAt, { state: 'damaged' })
    expect(actions('point-backup', [older, damaged], {}, damaged.id)).toMatchObject([{ set: older.id }])
  })

  it('does not move to a set dated into the future while there is another', () => {
    expect(actions('point-backup', [newest, summary('2031-01-01T00:00:00.000Z')])).toMatchObject([{ set: newest.id }])
  })

  it('is left alone while it is not known', () => {
    const observed = world([newest], { location: new Map([['main', notSeen('main', 'gone')]]) })
    const { actions: wanted, refused } = plan(desired, observed, memory(), now)
    expect([wanted, refused]).toEqual([[], []])
  })

  it('is tried again after a pause when it could not be moved, and not while it is being moved', () => {
    const failed = ended('point-backup', 'nightly', { set: newest.id })
    expect(actions('point-backup', [newest], { attempts: [failed] })).toEqual([])
    const earlier = { ...failed, endedAt: '2026-03-10T02:29:00.000Z' }
    const [again] = actions('point-backup', [newest], { attempts: [earlier] })
    const [first] = actions('point-backup', [newest])
    expect(again?.id).not.toBe(first?.id)
    expect(actions('point-backup', [newest], { inFlight: [first!] })).toEqual([])
    const future = { ...failed, endedAt: '2031-01-01T00:00:00.000Z' }
    expect(actions('point-backup', [newest], { attempts: [future] })).toHaveLength(1)
  })

  it('is moved at once when the daemon had ended in the middle of it', () => {
    const cut = ended('point-backup', 'nightly', { set: newest.id, outcome: 'interrupted' })
    const again = actions('point-backup', [newest], { attempts: [cut] })
    const [first] = actions('point-backup', [newest])
    expect(again).toMatchObject([{ set: newest.id }])
    expect(again[0]?.id).not.toBe(first?.id)
  })
})

describe('verification by the calendar', () => {
  const overdue = summary('2026-03-01T02:00:00.000Z')
  const proved = summary('2026-02-01T02:00:00.000Z', { verified: { checksum: '2026-03-08T00:00:00.000Z' } })

  it('is due for the set that was not proved for longest, one at a time', () => {
    const oldest = summary('2026-02-02T02:00:00.000Z', { verified: { content: '2026-02-20T00:00:00.000Z' } })
    expect(actions('verify-backup-set', [newest, overdue, proved, oldest])).toMatchObject([
      { set: oldest.id, level: 'checksum', cause: 'scheduled', reason: 'It was last proved more than 7 days ago.' },
    ])
    expect(actions('verify-backup-set', [newest, overdue, proved])).toMatchObject([{ set: overdue.id }])
    expect(actions('verify-backup-set', [newest, proved])).toEqual([])
  })

  it('counts a lower level for nothing', () => {
    const shallow = summary('2026-03-01T02:00:00.000Z', { verified: { structure: now } })
    expect(actions('verify-backup-set', [shallow])).toHaveLength(1)
  })

  it('is not made of sets without a commit record or known as damaged', () => {
    for (const state of ['in-progress', 'interrupted', 'damaged'] as const)
      expect(actions('verify-backup-set', [summary(overdue.startedAt, { state })])).toEqual([])
  })

  it('goes on with the next set while one could not be checked, and tries that again later', () => {
    const next = summary('2026-03-02T02:00:00.000Z')
    const attempts = [ended('verify-backup-set', overdue.id)]
    expect(actions('verify-backup-set', [overdue, next], { attempts })).toMatchObject([{ set: next.id }])
    const later = [ended('verify-backup-set', overdue.id, { endedAt: '2026-03-10T02:00:00.000Z' })]
    expect(actions('verify-backup-set', [overdue, next], { attempts: later })).toMatchObject([{ set: overdue.id }])
    const killed = [ended('verify-backup-set', overdue.id, { outcome: 'interrupted' })]
    expect(actions('verify-backup-set', [overdue, next], { attempts: killed })).toMatchObject([{ set: overdue.id }])
  })

  it('is never due by itself where the policy does not ask for it', () => {
    const { actions: wanted } = plan(desiredState(), world([overdue]), memory(), now)
    expect(wanted.filter(({ kind }) => kind === 'verify-backup-set')).toEqual([])
  })
})

describe('verification of a new set', () => {
  const strict = desiredState({
    policies: [policy('nightly', { verification: { onCreate: 'content', everyDays: null, restoreTest: null } })],
  })
  const verifications = (sets: SetSummary[], known: Partial<Memory> = {}): Action[] =>
    plan(strict, world(sets), memory(known), now).actions.filter(({ kind }) => kind === 'verify-backup-set')
  const proved = (level: 'checksum' | 'content') => summary(newest.startedAt, { verified: { [level]: now } })

  it('is made up for where the run could not make it, of the newest complete set only', () => {
    expect(verifications([older, newest])).toMatchObject([{ set: newest.id, level: 'content', cause: 'corrective' }])
    expect(verifications([older, proved('checksum')])).toMatchObject([{ set: newest.id, level: 'content' }])
    expect(verifications([older, proved('content')])).toEqual([])
  })

  it('is left to the run while one is in flight', () => {
    const { actions: runs } = plan(strict, world([]), memory(), now)
    const run = runs.find(({ kind }) => kind === 'create-backup-set')
    expect(verifications([newest], { inFlight: [run!] })).toEqual([])
  })

  it('is tried again after a pause when it cannot be made', () => {
    const attempts = [ended('verify-backup-set', newest.id)]
    expect(verifications([newest], { attempts })).toEqual([])
    expect(
      verifications([newest], { attempts: [{ ...attempts[0]!, endedAt: '2026-03-10T02:20:00.000Z' }] }),
    ).toHaveLength(1)
  })
})

describe('verification that somebody asked for', () => {
  const request = (verify: string | null) => ({
    id: 'r1',
    at: addSeconds(now, -5),
    actor: 'alex',
    wish: { verify, level: 'content' as const },
  })

  it('is made of that set, also when it was proved a moment ago', () => {
    const set = summary(newest.startedAt, { verified: { content: now } })
    expect(actions('verify-backup-set', [older, set], { requests: [request(set.id)] })).toMatchObject([
      { set: set.id, level: 'content', cause: 'manual', request: { id: 'r1', actor: 'alex' } },
    ])
  })

  it('without a set is made of each that has a commit record and was not proved since', () => {
    const sets = [
      newest,
      summary(older.startedAt, { state: 'damaged' }),
      summary('2026-03-08T02:00:00.000Z', { state: 'partial' }),
      summary('2026-03-07T02:00:00.000Z', { state: 'interrupted' }),
      summary('2026-03-06T02:00:00.000Z', { verified: { content: now } }),
    ]
    const checked = actions('verify-backup-set', sets, { requests: [request(null)] }).map(({ subject }) => subject)
    expect(checked).toEqual(
      sets
        .slice(0, 3)
        .map(({ id }) => id)
        .toSorted(),
    )
  })

  it('fault S19: of the same set by two requests is one action for both', () => {
    const requests = [request(newest.id), { ...request(newest.id), id: 'r2' }]
    const [first, ...others] = actions('verify-backup-set', [newest], { requests })
    expect(others).toEqual([])
    expect(first).toMatchObject({ request: { id: 'r1' }, alsoFor: ['r2'] })
  })

  it.each([
    ['is unknown', 'nightly/nothing', [newest], 'set-unknown'],
    ['has no commit record', older.id, [summary(older.startedAt, { state: 'interrupted' })], 'set-not-committed'],
    ['is none, as there is no set', null, [], 'set-unknown'],
  ])('of a set that %s is refused', (_name, verify, sets, guard) => {
    const { refused } = plan(desired, world(sets), memory({ requests: [request(verify)] }), now)
    expect(refused).toMatchObject([{ guard, requests: ['r1'] }])
  })
})

describe('a take-over', () => {
  const request = { id: 'r1', at: now, actor: 'alex', wish: { takeOver: 'MAIN' } }
  const foreign = world([], {
    location: new Map([
      ['main', seen('main', readyLocation({ identity: { id: 'l', deployment: 'contoso', owner: 'somebody else' } }))],
    ]),
  })

  it('is allowed for a location of another owner, and waits for nothing else', () => {
    const { actions: wanted } = plan(desired, foreign, memory({ requests: [request] }), now)
    expect(wanted).toMatchObject([{ kind: 'take-over-location', location: 'main', cause: 'manual' }])
    const again = plan(desired, foreign, memory({ requests: [request], inFlight: wanted }), now)
    expect(again.actions).toEqual([])
  })

  it('that two people asked for is one after the other', () => {
    const { actions: wanted } = plan(desired, foreign, memory({ requests: [request, { ...request, id: 'r2' }] }), now)
    expect(wanted).toMatchObject([{ request: { id: 'r1' } }])
  })

  it('of an unknown location is refused', () => {
    const requests = [{ ...request, wish: { takeOver: 'elsewhere' } }]
    const { refused } = plan(desired, foreign, memory({ requests }), now)
    expect(refused).toContainEqual(expect.objectContaining({ guard: 'unknown-location', requests: ['r1'] }))
  })
})
