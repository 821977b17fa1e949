import { describe, expect, it } from 'vitest'
import type { BackupPolicy, Desired } from '../../../src/domain/model.ts'
import type { ItemKind } from '../../../src/domain/words.ts'
import { difference } from '../../../src/plan/difference/difference.ts'
import {
  desiredState,
  fileStore,
  keptElsewhere,
  location,
  policy,
  pool,
  schedule,
  sqlStore,
} from '../../support/desired.ts'
import { notSeen, summary, world } from '../../support/observed.ts'

const now = '2026-03-10T12:00:00.000Z'
const base = desiredState()

it('is empty between equal revisions', () => {
  expect(difference(base, { ...base, revision: 'other' }, world(), now)).toEqual({
    revision: base.revision,
    added: [],
    removed: [],
    changed: [],
    summary: 'This change touches no resource, run, item or retention.',
    expired: [],
    notSeen: [],
  })
})

describe('items and resources', () => {
  const head = desiredState({
    pools: [
      pool('SE01.contoso.com', 'standard-edition'),
      pool('se02.contoso.com', 'standard-edition', { applications: ['response-group'] }),
    ],
    fileStores: [fileStore('\\\\fs01.contoso.com\\Share', { name: 'fs01' })],
  })

  it('of a new pool and a new store are added', () => {
    expect(difference(base, head, world(), now).added).toEqual([
      { what: 'pool', subject: 'se02.contoso.com' },
      { what: 'file-store', subject: 'fs01' },
      { what: 'item', policy: 'nightly', kind: 'user-data', subject: 'se02.contoso.com' },
      { what: 'item', policy: 'nightly', kind: 'response-groups', subject: 'se02.contoso.com' },
      { what: 'item', policy: 'nightly', kind: 'file-store', subject: '\\\\fs01.contoso.com\\Share' },
    ])
  })

  it('are removed the other way round', () => {
    expect(difference(head, base, world(), now).removed.map(({ what, subject }) => `${what} ${subject}`)).toEqual([
      'pool se02.contoso.com',
      'file-store fs01',
      'item se02.contoso.com',
      'item se02.contoso.com',
      'item \\\\fs01.contoso.com\\Share',
    ])
  })

  it('that changed are told field by field, with references as names', () => {
    const store = sqlStore('sql01.contoso.com', 'rtc', { name: 'sql01' })
    const changed = desiredState({
      pools: [pool('se01.contoso.com', 'standard-edition', { site: 'Berlin', stores: { user: store } })],
    })
    expect(difference(base, changed, world(), now).changed).toEqual([
      { what: 'pool', subject: 'se01.contoso.com', field: 'site', before: 'Seattle', after: 'Berlin' },
      { what: 'pool', subject: 'se01.contoso.com', field: 'userStore', before: 'none', after: 'sql01' },
    ])
  })
})

describe('values are told in words', () => {
  it('of a list with what came and what went', () => {
    const before = desiredState({ pools: [pool('p1.contoso.com', 'front-end', { servers: ['fe01', 'fe02'] })] })
    const after = desiredState({ pools: [pool('p1.contoso.com', 'front-end', { servers: ['fe02', 'fe03'] })] })
    expect(difference(before, after, world(), now).changed).toEqual([
      {
        ...{ what: 'pool', subject: 'p1.contoso.com', field: 'servers', before: 'fe01, fe02', after: 'fe02, fe03' },
        ...{ gained: ['fe03'], lost: ['fe01'] },
      },
    ])
  })

  it('of stores, locations and the deployment', () => {
    const before = desiredState({ sqlStores: [sqlStore('sql01.contoso.com', 'rtc', { name: 'sql01' })] })
    const partner = { host: 'sql02.contoso.com', instance: 'rtc' }
    const after = desiredState({
      deployment: { ...base.deployment, graceSeconds: 3600, keptElsewhere: [keptElsewhere('certificates')] },
      sqlStores: [
        sqlStore('sql01.contoso.com', '', {
          ...{ name: 'sql01', port: 1433, highAvailability: { kind: 'mirror', partner, witness: null } },
        }),
      ],
      locations: [location('main', { minimumFree: 1500 * 1024 ** 2 })],
    })
    const { changed } = difference(before, after, world(), now)
    expect(changed.map(({ field, before, after }) => [field, before, after])).toEqual([
      ['keptElsewhere', 'none', 'certificates (the safe; Directory team; checked on 2026-03-01)'],
      ['grace', '15m', '1h'],
      ['port', 'none', '1433'],
      ['instance', 'rtc', 'the default one'],
      ['highAvailability', 'none', String.raw`mirror with sql02.contoso.com\rtc, no witness`],
      ['minimumFree', '0B', '1500MiB'],
    ])
  })

  it('of what a commit asks for: a hold, a suspension, a recovery', () => {
    const head = desiredState({
      holds: [{ name: 'audit', sets: ['nightly/x'], reason: 'Audit', until: null }],
      recoveries: [
        {
          name: 'r',
          file: 'r.yaml',
          server: 's',
          scenario: 'pool',
          from: 'latest',
          run: 'guide',
          accept: [],
          acknowledge: [],
          choose: [],
          finished: null,
        },
      ],
    })
    expect(difference(base, head, world(), now).added).toEqual([
      { what: 'recovery', subject: 'r' },
      { what: 'hold', subject: 'audit' },
    ])
  })
})

describe('items that a policy drops', () => {
  const [users, settings] = ['user-data', 'configuration'] as const
  const only = (kinds: BackupPolicy['include'] & object) => ({ include: kinds })
  const kinds = (...names: ItemKind[]) => only({ kinds: names, pools: [], stores: [] })
  const everything = kinds('configuration', 'location-information', 'user-data')

  it('are told apart: still backed up by another, or by nobody any more', () => {
    const before = desiredState({ policies: [policy('nightly', everything), policy('hourly', kinds(users))] })
    const after = desiredState({
      policies: [policy('nightly', kinds('location-information')), policy('hourly', kinds(users))],
    })
    const { removed, summary } = difference(before, after, world(), now)
    expect(removed).toEqual([
      { what: 'item', policy: 'nightly', kind: settings, subject: 'contoso', orphaned: true },
      { what: 'item', policy: 'nightly', kind: users, subject: 'se01.contoso.com', stillIn: ['hourly'] },
    ])
    expect(summary).toBe(
      'This change removes 1 item that nobody backs up any more, takes 1 item out of nightly that is still backed up and alters include of nightly.',
    )
  })

  it('with a whole policy are named where nobody else backs them up', () => {
    const before = desiredState({ policies: [policy('nightly', everything), policy('hourly', kinds(settings))] })
    const after = desiredState({ policies: [policy('hourly', kinds(settings))] })
    const { removed, summary } = difference(before, after, world(), now)
    expect(removed).toEqual([
      { what: 'policy', subject: 'nightly', before: '4 items' },
      { what: 'item', policy: 'nightly', kind: 'location-information', subject: 'contoso', orphaned: true },
      { what: 'item', policy: 'nightly', kind: users, subject: 'se01.contoso.com', orphaned: true },
    ])
    expect(summary).toBe('This change removes 2 items that nobody backs up any more and removes the policy nightly.')
  })

  it('are backed up by the same policy when only the way changes', () => {
    const chat = sqlStore('sql01.contoso.com', 'chat', { name: 'chat' })
    const pools = [pool('pc.contoso.com', 'persistent-chat', { stores: { persistentChat: chat } })]
    const before = desiredState({ pools, sqlStores: [chat] })
    const after = { ...before, policies: [policy('nightly', { persistentChat: 'cmdlet' })] }
    expect(difference(before, after, world(), now).removed).toMatchObject([
      { kind: 'sql-database', stillIn: ['nightly'] },
    ])
  })
})

describe('sets that would expire', () => {
  const { retention } = policy()
  const days = [1, 2, 3, 4, 5].map((n) => summary(`2026-03-0${n}T02:00:00.000Z`))
  const keeping = (daily: number, enforce: boolean) =>
    desiredState({ policies: [policy('nightly', { retention: { ...retention, daily, enforce } })] })
  const expiredBy = (before: Desired, after: Desired) => difference(before, after, world(days), now)

  it('are told by name, newest first', () => {
    const { expired, summary } = expiredBy(keeping(5, true), keeping(3, true))
    expect(expired).toEqual([
      { policy: 'nightly', set: 'nightly/2026-03-02T02:00:00.000Z', enforced: true },
      { policy: 'nightly', set: 'nightly/2026-03-01T02:00:00.000Z', enforced: true },
    ])
    expect(summary).toBe('This change lets 2 sets expire and alters retention of nightly.')
  })

  it('stay while the retention is not enforced', () => {
    const { expired, summary } = expiredBy(keeping(5, false), keeping(4, false))
    expect(expired).toEqual([{ policy: 'nightly', set: 'nightly/2026-03-01T02:00:00.000Z', enforced: false }])
    expect(summary).toContain('leaves 1 set that would expire if the retention were enforced')
  })

  it('are all that no rule keeps, once it is enforced; none, once it no longer is', () => {
    expect(expiredBy(keeping(3, false), keeping(3, true)).expired).toHaveLength(2)
    expect(expiredBy(keeping(3, true), keeping(1, false)).expired).toEqual([])
  })
})

it('names the locations that were not seen', () => {
  const blind = world([], { location: new Map([['main', notSeen('main', 'no route')]]) })
  expect(difference(base, base, blind, now).notSeen).toEqual(['main'])
})

describe('the sentence', () => {
  const at = (cron: string) => desiredState({ policies: [policy('nightly', { schedule: schedule(cron) })] })

  it.each([
    ['0 3 * * *', 'moves the next run of nightly from 02:00 to 03:00 UTC'],
    ['0 3 * * 0', 'moves the next run of nightly from 2026-03-11 02:00 UTC to 2026-03-15 03:00 UTC'],
    ['0 0 30 2 *', 'ends the runs of nightly'],
  ])('tells of a schedule %s that it %s', (cron, words) => {
    expect(difference(at('0 2 * * *'), at(cron), world(), now).summary).toBe(`This change ${words}.`)
  })

  it('tells of runs that begin', () => {
    expect(difference(at('0 0 30 2 *'), at('0 2 * * *'), world(), now).summary).toBe(
      'This change lets nightly run again, next at 2026-03-11 02:00 UTC.',
    )
  })

  it('counts many, and names one', () => {
    const more = [pool('se02.contoso.com', 'standard-edition'), pool('se03.contoso.com', 'standard-edition')]
    const head = desiredState({
      pools: [...base.pools, ...more],
      fileStores: [fileStore('\\\\fs01.contoso.com\\Share', { name: 'fs01' })],
    })
    expect(difference(base, head, world(), now).summary).toBe(
      'This change adds 3 items to nightly and adds 2 pools and the file store fs01.',
    )
    expect(difference(head, base, world(), now).summary).toBe(
      'This change removes 3 items that nobody backs up any more and removes 2 pools and the file store fs01.',
    )
  })
})

describe('policies', () => {
  it('are added with their next run, and removed', () => {
    const head = desiredState({ policies: [policy(), policy('often', { schedule: schedule('0 */4 * * *') })] })
    expect(difference(base, head, world(), now).added).toEqual([
      { what: 'policy', subject: 'often', after: '4 items, next run 2026-03-10 16:00 UTC' },
    ])
    expect(difference(head, base, world(), now).removed).toEqual([
      { what: 'policy', subject: 'often', before: '4 items' },
    ])
  })

  it('with other settings tell each, the next run, and how many sets would be kept', () => {
    const one = policy()
    const sets = Array.from({ length: 5 }, (_, n) => summary(`2026-03-0${n + 1}T02:00:00.000Z`))
    const head = desiredState({
      policies: [
        policy('nightly', {
          location: location('second', { share: '\\\\backup02.contoso.com\\Sets' }),
          include: { kinds: ['configuration'], pools: [], stores: ['fs01'] },
          persistentChat: 'cmdlet',
          schedule: schedule('0 4 * * *', 'UTC', { windowSeconds: 3600, jitterSeconds: 0, catchUp: false }),
          recoveryPointObjectiveSeconds: 86_400,
          afterConfigurationChange: true,
          verification: {
            onCreate: 'content',
            everyDays: 7,
            restoreTest: {
              databases: { sqlStore: sqlStore('test.contoso.com', '', { name: 'test' }), folder: 'D:\\Test' },
              ...{ files: '\\\\scratch01.contoso.com\\Restore', imports: false, everyDays: 30, validDays: 60 },
            },
          },
          retention: { ...one.retention, daily: 3, keepWithinSeconds: 86_400, enforce: true },
        }),
      ],
    })
    const { changed } = difference(base, head, world(sets), now)
    expect(Object.fromEntries(changed.map(({ what, before, after }) => [what, [before, after]]))).toEqual({
      location: ['main (\\\\backup01.contoso.com\\LyncBackup)', 'second (\\\\backup02.contoso.com\\Sets)'],
      include: ['all', 'kinds configuration, stores fs01'],
      'persistent-chat': ['sql', 'cmdlet'],
      schedule: [
        '0 2 * * * UTC, no window, jitter 0s, a missed slot is made up for',
        '0 4 * * * UTC, window 1h, jitter 0s, a missed slot is left out',
      ],
      objective: ['none', '1d'],
      'after-configuration-change': ['no run of its own', 'a run of its own'],
      verification: [
        'structure when made, not again, no restore test',
        'content when made, again every 7 days, restore test on test and \\\\scratch01.contoso.com\\Restore, each 30 days, a proof holds for 60 days',
      ],
      retention: ['only shown', 'daily 3, keepWithin 1d, enforced'],
      run: ['2026-03-11T02:00:00.000Z', '2026-03-11T04:00:00.000Z'],
      'sets-kept': ['1 of 5', '3 of 5'],
    })
  })

  it('that never run say so', () => {
    const head = desiredState({ policies: [policy('nightly', { schedule: schedule('0 0 30 2 *') })] })
    expect(difference(base, head, world(), now).changed).toContainEqual(
      expect.objectContaining({ what: 'run', after: 'never' }),
    )
  })
})
