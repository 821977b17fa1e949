import { describe, expect, it } from 'vitest'
import type { Facts } from '../../src/domain/facts.ts'
import type { Desired, SqlStore } from '../../src/domain/model.ts'
import type { Attempt } from '../../src/domain/action.ts'
import type { SetSummary } from '../../src/domain/backup-set.ts'
import type { Observation } from '../../src/domain/observation.ts'
import { plan } from '../../src/plan/plan.ts'
import { desiredState, location, policy, sqlStore } from '../support/desired.ts'
import { memory, notSeen, readyLocation, seen, summary, world } from '../support/observed.ts'

const now = '2026-03-10T14:00:00.000Z'
const request = { id: 'r1', at: now, actor: 'alex', wish: { backup: 'nightly' } }

function planned(
  fact: Observation<Facts['location']> | null,
  desired: Desired = desiredState(),
  sets: readonly SetSummary[] = [],
) {
  const observed = world(sets, { location: new Map(fact ? [['main', fact]] : []) })
  return plan(desired, observed, memory({ requests: [request] }), now)
}

const ready = (more: Partial<Facts['location']> = {}) => seen('main', readyLocation(more))

describe('a run is refused', () => {
  it.each([
    [
      'while the share does not answer',
      notSeen('main', 'no route to host'),
      'location-unreachable',
      'no route to host',
    ],
    [
      'on a share of another deployment',
      ready({ identity: { id: 'l', deployment: 'fabrikam', owner: 'owner-1' } }),
      'location-foreign-deployment',
      'fabrikam',
    ],
    [
      'on a share of another daemon',
      ready({ identity: { id: 'l', deployment: 'contoso', owner: 'owner-2' } }),
      'location-foreign-owner',
      'owner-2',
    ],
    [
      'on a share where another daemon with our id is at work',
      ready({ usedBy: { host: 'backup02', process: 4711 } }),
      'location-in-use',
      'process 4711 on backup02',
    ],
    [
      'on a share where nobody knows who is at work',
      ready({ usedBy: { host: null, process: null } }),
      'location-in-use',
      'Another daemon',
    ],
  ])('%s, and who asked is told', (_name, fact, guard, word) => {
    const { actions, refused } = planned(fact)
    expect(actions).toEqual([])
    expect(refused).toMatchObject([{ guard, requests: ['r1'] }])
    expect(refused[0]?.actions).toHaveLength(1)
    expect(refused[0]?.message).toContain(word)
    expect(refused[0]?.override).not.toBe('')
  })

  it('on a share that lost its identity while sets of it are known; a share that never had any is fine', () => {
    const known = [summary('2026-03-09T02:00:00.000Z')]
    expect(planned(ready({ identity: null }), undefined, known).refused).toMatchObject([
      { guard: 'location-unclaimed', requests: ['r1'] },
    ])
    expect(planned(ready({ identity: null })).actions).toHaveLength(1)
  })

  it('without enough room', () => {
    const small = desiredState({ locations: [location('main', { minimumFree: 500 * 1024 ** 2 })] })
    expect(planned(ready({ freeBytes: 500 * 1024 ** 2 - 1 }), small).refused).toMatchObject([
      { guard: 'location-full' },
    ])
    expect(planned(ready({ freeBytes: 500 * 1024 ** 2 }), small).actions).toHaveLength(1)
  })

  it('by a revision that names nothing to back up', () => {
    expect(planned(ready(), desiredState({ pools: [] })).refused).toMatchObject([{ guard: 'empty-desired-state' }])
  })

  it('to a location that the revision does not name', () => {
    expect(planned(ready(), desiredState({ locations: [] })).refused).toMatchObject([{ guard: 'unknown-location' }])
  })

  it('before anybody looked at the share, but then who asked goes on waiting', () => {
    expect(planned(null).refused).toMatchObject([{ guard: 'location-not-seen', requests: [] }])
  })
})

it('a share without an identity is claimed by the first run', () => {
  expect(planned(ready({ identity: null })).actions).toMatchObject([{ kind: 'create-backup-set' }])
})

it('the override of a foreign owner is the exact command', () => {
  const { refused } = planned(ready({ identity: { id: 'l', deployment: 'contoso', owner: 'owner-2' } }))
  expect(refused[0]?.override).toContain('holdfast take-over main')
})

describe('a restore test', () => {
  const set = summary('2026-03-09T02:00:00.000Z')
  const asked = (restoreTest: { sqlStore: SqlStore; folder: string } | null, level: 'sql' | 'restore' = 'restore') => {
    const verification = { onCreate: 'structure' as const, everyDays: null, restoreTest }
    const desired = desiredState({ policies: [policy('nightly', { verification })] })
    const observed = world([set], { location: new Map([['main', ready()]]) })
    const wish = { verify: set.id, level }
    const { actions, refused } = plan(desired, observed, memory({ requests: [{ ...request, wish }] }), now)
    const kinds = actions.filter(({ kind }) => kind === 'verify-backup-set')
    return { kinds, refused }
  }

  it('is refused where the policy names no instance for it', () => {
    expect(asked(null)).toMatchObject({ kinds: [], refused: [{ guard: 'restore-test', requests: ['r1'] }] })
  })

  it('is allowed where it does, and no other level needs one', () => {
    const instance = { sqlStore: sqlStore('test.contoso.com'), folder: 'D:\\Test' }
    expect(asked(instance)).toMatchObject({ kinds: [{ level: 'restore' }], refused: [] })
    expect(asked(null, 'sql')).toMatchObject({ kinds: [{ level: 'sql' }], refused: [] })
  })
})

describe('what is done again and again', () => {
  const [older, newer] = [summary('2026-03-09T02:00:00.000Z'), summary('2026-03-10T02:00:00.000Z')]
  const moved = (endedAt: string, more: Partial<Attempt> = {}): Attempt => ({
    ...{ action: 'a', kind: 'point-backup', subject: 'NIGHTLY', slot: null, startedAt: endedAt, endedAt },
    ...{ outcome: 'done', message: null, set: newer.id, request: null },
    ...more,
  })
  const times = (count: number, at = '2026-03-10T13:30:00.000Z', more?: Partial<Attempt>): Attempt[] =>
    Array.from({ length: count }, () => moved(at, more))
  const move = (doneLately: Attempt[], attempts: Attempt[] = []) => {
    const location = new Map([['main', ready({ pointers: { nightly: older.id } })]])
    const observed = world([older, newer], { location })
    const { actions, refused } = plan(desiredState(), observed, memory({ doneLately, attempts }), now)
    return { moves: actions.filter(({ kind }) => kind === 'point-backup').length, refused }
  }

  it('is refused after ten times in an hour: somebody else writes there', () => {
    expect(move(times(10))).toMatchObject({ moves: 1, refused: [] })
    expect(move(times(11))).toMatchObject({
      moves: 0,
      refused: [
        {
          guard: 'fighting',
          message: 'point-backup of nightly was done more than 10 times in an hour, and something undoes it each time.',
          override: 'Find out who else writes to main; Holdfast tries again by itself within the hour.',
        },
      ],
    })
  })

  it.each([
    ['an hour ago', '2026-03-10T13:00:00.000Z', {}],
    ['by a clock that was ahead', '2026-03-10T15:00:00.000Z', {}],
    ['of another policy', '2026-03-10T13:30:00.000Z', { subject: 'weekly' }],
  ])('is not what was done %s', (_, at, more) => {
    expect(move(times(11, at, more))).toMatchObject({ moves: 1, refused: [] })
  })
})
