import { describe, expect, it } from 'vitest'
import { difference } from '../../../src/plan/difference/difference.ts'
import { desiredState, fileStore, location, policy, pool, schedule, sqlStore } from '../../support/desired.ts'
import { summary } from '../../support/observed.ts'

const now = '2026-03-10T12:00:00.000Z'
const base = desiredState()

it('is empty between equal revisions', () => {
  expect(difference(base, { ...base, revision: 'other' }, [], now)).toEqual({
    revision: base.revision,
    added: [],
    removed: [],
    changed: [],
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
    expect(difference(base, head, [], now).added).toEqual([
      { what: 'pool', subject: 'se02.contoso.com' },
      { what: 'file-store', subject: 'fs01' },
      { what: 'item', policy: 'nightly', kind: 'user-data', subject: 'se02.contoso.com' },
      { what: 'item', policy: 'nightly', kind: 'response-groups', subject: 'se02.contoso.com' },
      { what: 'item', policy: 'nightly', kind: 'file-store', subject: '\\\\fs01.contoso.com\\Share' },
    ])
  })

  it('are removed the other way round', () => {
    expect(difference(head, base, [], now).removed.map(({ what, subject }) => `${what} ${subject}`)).toEqual([
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
    expect(difference(base, changed, [], now).changed).toEqual([
      { what: 'pool', subject: 'se01.contoso.com', before: 'site: Seattle', after: 'site: Berlin' },
      { what: 'pool', subject: 'se01.contoso.com', before: 'stores: {}', after: 'stores: {"user":"sql01"}' },
    ])
  })
})

describe('policies', () => {
  it('are added with their next run, and removed', () => {
    const head = desiredState({ policies: [policy(), policy('often', { schedule: schedule('0 */4 * * *') })] })
    expect(difference(base, head, [], now).added).toEqual([
      { what: 'policy', subject: 'often', after: '4 items, next run 2026-03-10T16:00:00.000Z' },
    ])
    expect(difference(head, base, [], now).removed).toEqual([{ what: 'policy', subject: 'often', before: '4 items' }])
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
            restoreTest: { sqlStore: sqlStore('test.contoso.com', '', { name: 'test' }), folder: 'D:\\Test' },
          },
          retention: { ...one.retention, daily: 3, keepWithinSeconds: 86_400, enforce: true },
        }),
      ],
    })
    const { changed } = difference(base, head, sets, now)
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
        'content when made, again every 7 days, restore test on test',
      ],
      retention: ['only shown', 'daily 3, keepWithin 1d, enforced'],
      run: ['2026-03-11T02:00:00.000Z', '2026-03-11T04:00:00.000Z'],
      'sets-kept': ['1 of 5', '3 of 5'],
    })
  })

  it('that never run say so', () => {
    const head = desiredState({ policies: [policy('nightly', { schedule: schedule('0 0 30 2 *') })] })
    expect(difference(base, head, [], now).changed).toContainEqual(
      expect.objectContaining({ what: 'run', after: 'never' }),
    )
  })
})
