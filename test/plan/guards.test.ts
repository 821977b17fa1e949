import { describe, expect, it } from 'vitest'
import type { Facts } from '../../src/domain/facts.ts'
import type { Desired, Pool, RestoreTest, SqlStore } from '../../src/domain/model.ts'
import type { Attempt } from '../../src/domain/action.ts'
import type { SetSummary } from '../../src/domain/backup-set.ts'
import type { Observation } from '../../src/domain/observation.ts'
import type { PublishedTopology } from '../../src/domain/published.ts'
import { plan } from '../../src/plan/plan.ts'
import { desiredState, fileStore, location, policy, pool, sqlStore } from '../support/desired.ts'
import { memory, notSeen, publishedAs, readyLocation, seen, summary, world } from '../support/observed.ts'

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

type Sights = NonNullable<Parameters<typeof world>[1]>

describe('a restore test', () => {
  const set = summary('2026-03-09T02:00:00.000Z')
  const asked = (
    databases: RestoreTest['databases'],
    level: 'sql' | 'restore' = 'restore',
    { files = null, more = {}, facts = {} }: { files?: string | null; more?: Partial<Desired>; facts?: Sights } = {},
  ) => {
    const restoreTest =
      databases || files !== null ? { databases, files, imports: false, everyDays: null, validDays: null } : null
    const verification = { onCreate: 'structure' as const, everyDays: null, restoreTest }
    const desired = desiredState({ policies: [policy('nightly', { verification })], ...more })
    const observed = world([set], { location: new Map([['main', ready()]]), ...facts })
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

  const store = sqlStore('sql05.contoso.com', '', { port: null })
  const given = (of: Partial<SqlStore>) => ({ sqlStore: { ...store, ...of }, folder: 'D:\\Test' })
  const using = (stores: Pool['stores']): Partial<Desired> => ({
    pools: [pool('pool01.contoso.com', 'front-end', { stores })],
  })

  it.each<[string, RestoreTest['databases'], Partial<Desired>]>([
    ['of a pool', given({}), using({ monitoring: store })],
    [
      'of a pool, in another case',
      given({ host: 'SQL05.contoso.com', instance: 'MSSQLSERVER' }),
      using({ user: store }),
    ],
    ['that is told by its port', given({ port: 1433 }), using({ monitoring: store })],
    [
      'that mirrors one',
      given({ host: 'sql15.contoso.com' }),
      using({
        monitoring: {
          ...store,
          highAvailability: { kind: 'mirror', partner: { host: 'sql15.contoso.com', instance: '' }, witness: null },
        },
      }),
    ],
    [
      'of the Central Management store',
      given({}),
      { deployment: { ...desiredState().deployment, centralManagementStore: store } },
    ],
  ])('is refused on an instance %s', (_, databases, more) => {
    const { kinds, refused } = asked(databases, 'restore', { more })
    expect(kinds).toEqual([])
    expect(refused).toMatchObject([{ guard: 'restore-test', requests: ['r1'] }])
    expect(refused[0]?.message.toLowerCase()).toContain(databases?.sqlStore.host.toLowerCase())
  })

  it('is refused on an instance that the published topology alone uses, and not where no pool uses it', () => {
    const topology = publishedAs(desiredState({ ...using({ monitoring: store }), sqlStores: [store] }))
    const seenAs = (of: PublishedTopology): Sights => ({
      publishedTopology: new Map([['contoso', seen('contoso', { signature: 'S', topology: of })]]),
    })
    const refused = asked(given({}), 'restore', { facts: seenAs(topology) })
    expect(refused).toMatchObject({ kinds: [], refused: [{ guard: 'restore-test' }] })
    expect(refused.refused[0]?.message).toContain('sql05.contoso.com')
    const idle = { ...topology, pools: topology.pools.map((one) => ({ ...one, stores: {} })) }
    expect(asked(given({}), 'restore', { facts: seenAs(idle) }).kinds).toHaveLength(1)
  })

  it.each([
    '\\\\FS01.contoso.com\\Lync',
    '\\\\fs01.contoso.com\\lync\\scratch',
    '\\\\backup01.contoso.com\\LyncBackup\\x',
  ])('is refused in a folder where the deployment works: %s', (files) => {
    const more = { fileStores: [fileStore('\\\\fs01.contoso.com\\Lync')] }
    expect(asked(null, 'restore', { files, more })).toMatchObject({ kinds: [], refused: [{ guard: 'restore-test' }] })
    expect(asked(null, 'restore', { files: '\\\\fs01.contoso.com\\LyncTests', more }).kinds).toHaveLength(1)
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
