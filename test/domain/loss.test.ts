import { expect, test, describe } from 'vitest'
import type { OtherLosses } from '../../src/domain/loss/found.ts'
import { lossOf } from '../../src/domain/loss/loss.ts'
import { hosts } from '../../src/domain/hosts.ts'
import type { Desired } from '../../src/domain/model.ts'
import { contoso } from '../support/contoso.ts'
import { desiredState, fileStore, pool, sqlStore } from '../support/desired.ts'

const sample = await contoso()
const well: OtherLosses = { isLost: () => false, isTakenOver: () => true }
const alsoLost = (...machines: string[]): OtherLosses => ({ ...well, isLost: (host) => machines.includes(host) })

function told(subject: string, desired: Desired = sample, around = well): { scenario: string | null; items: string[] } {
  const loss = lossOf(subject, desired, around)
  if (!loss) throw new Error(`${subject} is unknown`)
  return { scenario: loss.scenario, items: loss.items.map((item) => `${item.kind} ${item.subject}`) }
}

// Which procedure, and what it needs: domain reference, sections 2.3 and 6.1 to 6.10.
describe('every host of Contoso, if it died now', () => {
  const archives = ['sql-database sql05.contoso.com/LcsCDR', 'sql-database sql05.contoso.com/QoEMetrics']
  const expected: [string, string, string[]][] = [
    ['chat01.contoso.com', 'member-server', []],
    ['chat02.contoso.com', 'member-server', []],
    ['dir01.contoso.com', 'member-server', []],
    ['edge01.contoso.com', 'member-server', []],
    ['edge02.contoso.com', 'member-server', []],
    ['fe01.contoso.com', 'member-server', []],
    ['fe02.contoso.com', 'member-server', []],
    ['fe03.contoso.com', 'member-server', []],
    ['fe11.contoso.com', 'member-server', []],
    ['fe12.contoso.com', 'member-server', []],
    ['fe13.contoso.com', 'member-server', []],
    ['fs01.contoso.com', 'file-store', [String.raw`file-store \\fs01.contoso.com\LyncShare`]],
    ['med01.contoso.com', 'member-server', []],
    ['med02.contoso.com', 'member-server', []],
    [
      'se01.contoso.com',
      'standard-edition',
      [
        'user-data se01.contoso.com',
        'response-groups se01.contoso.com',
        String.raw`file-store \\se01.contoso.com\LyncShare`,
      ],
    ],
    ['sql01.contoso.com', 'mirror-partner', []],
    ['sql02.contoso.com', 'mirror-partner', []],
    ['sql03.contoso.com', 'mirror-partner', []],
    ['sql04.contoso.com', 'persistent-chat', [String.raw`sql-database sql04.contoso.com\chat/mgc`]],
    ['sql05.contoso.com', 'archiving-monitoring', archives],
    ['sql11.contoso.com', 'mirror-partner', []],
    ['sql12.contoso.com', 'mirror-partner', []],
    ['sql13.contoso.com', 'mirror-partner', []],
  ]

  test.each(expected)('%s: %s', (host, scenario, items) => {
    expect(told(host)).toEqual({ scenario, items })
  })

  test('and no other host is there', () => {
    expect(hosts(sample).map(({ fqdn }) => fqdn)).toEqual(expected.map(([host]) => host))
  })
})

test('a database that setup makes anew leads to the procedure of its store, and brings no item', () => {
  const store = sqlStore('se01.contoso.com')
  const one = desiredState({
    pools: [pool('se01.contoso.com', 'standard-edition', { stores: { user: store } })],
    sqlStores: [store],
  })
  expect(told(String.raw`se01.contoso.com\rtc/rtcshared`, one)).toEqual({ scenario: 'standard-edition', items: [] })
  expect(told(String.raw`se01.contoso.com\rtc/rtcxds`, one)).toEqual({
    scenario: 'standard-edition',
    items: ['user-data se01.contoso.com'],
  })
})

describe('what else is lost decides', () => {
  const central = ['configuration contoso', 'location-information contoso']
  const users = ['user-data pool01.contoso.com', 'response-groups pool01.contoso.com']

  test('both partners of the store that holds Central Management: everything in it', () => {
    const around = alsoLost('sql02.contoso.com')
    expect(told('sql01.contoso.com', sample, around)).toEqual({
      scenario: 'central-management',
      items: [...central, ...users],
    })
  })

  test('a mirror that nobody makes principal does not bring Central Management back', () => {
    const around = { ...well, isTakenOver: () => false }
    expect(told('sql01.contoso.com', sample, around).scenario).toBe('central-management')
    expect(told('sql11.contoso.com', sample, around).scenario).toBe('mirror-partner')
  })

  test('both partners of a Back End without it: the data of its pool', () => {
    expect(told('sql11.contoso.com', sample, alsoLost('sql12.contoso.com'))).toEqual({
      scenario: 'back-end',
      items: ['user-data pool02.contoso.com', 'response-groups pool02.contoso.com'],
    })
  })

  test('a user store without a mirror counts before one whose partner lives on, and an archive does not', () => {
    const mirror = { kind: 'mirror', partner: { host: 'sql02.contoso.com', instance: 'rtc' }, witness: null } as const
    const [mirrored, single] = [
      sqlStore('sql01.contoso.com', 'rtc', { highAvailability: mirror }),
      sqlStore('sql01.contoso.com', 'other'),
    ]
    const first = pool('pool01.contoso.com', 'front-end', { servers: ['fe01.contoso.com'], stores: { user: mirrored } })
    const second = (role: 'user' | 'monitoring') =>
      desiredState({
        sqlStores: [mirrored, single],
        pools: [
          first,
          pool('pool02.contoso.com', 'front-end', { servers: ['fe11.contoso.com'], stores: { [role]: single } }),
        ],
      })
    expect(told('sql01.contoso.com', second('user'))).toEqual({
      scenario: 'back-end',
      items: ['user-data pool02.contoso.com'],
    })
    expect(told('sql01.contoso.com', second('monitoring')).scenario).toBe('mirror-partner')
    expect(told('sql02.contoso.com', second('user')).scenario).toBe('mirror-partner')
  })

  test('a whole pool counts its Back End, unless it is seen that it lives', () => {
    expect(told('pool02.contoso.com').items).toHaveLength(2)
    const seen = alsoLost('fe11.contoso.com', 'fe12.contoso.com', 'fe13.contoso.com')
    expect(told('pool02.contoso.com', sample, seen)).toEqual({ scenario: 'pool', items: [] })
  })
})

describe('single databases and shares', () => {
  test.each([
    [String.raw`sql01.contoso.com\rtc/xds`, 'mirror-partner', []],
    [String.raw`sql04.contoso.com\chat/mgc`, 'persistent-chat', [String.raw`sql-database sql04.contoso.com\chat/mgc`]],
    ['sql05.contoso.com/LcsCDR', 'archiving-monitoring', ['sql-database sql05.contoso.com/LcsCDR']],
    [String.raw`se01.contoso.com\rtc/rgsconfig`, 'standard-edition', ['response-groups se01.contoso.com']],
    [String.raw`\\CONTOSO.com\lync`, 'file-store', [String.raw`file-store \\contoso.com\Lync`]],
  ])('%s: %s', (subject, scenario, items) => {
    expect(told(subject)).toEqual({ scenario, items })
  })

  test('a Central Management database without another copy', () => {
    const store = sqlStore('sql01.contoso.com')
    const { deployment } = desiredState()
    const alone = desiredState({ deployment: { ...deployment, centralManagementStore: store }, sqlStores: [store] })
    expect(told(String.raw`sql01.contoso.com\rtc/lis`, alone)).toEqual({
      scenario: 'central-management',
      items: ['location-information contoso'],
    })
  })

  test('nothing is known of what the topology does not name', () => {
    expect(lossOf('fs99.contoso.com', sample, well)).toBeNull()
    expect(lossOf('contoso.com', sample, well)).toBeNull() // a DFS namespace, no machine
    expect(lossOf(String.raw`\\fs01.contoso.com\Other`, sample, well)).toBeNull()
    expect(lossOf('sql99.contoso.com/LcsCDR', sample, well)).toBeNull()
  })
})

describe('what this product has no procedure for', () => {
  const store = sqlStore('sqlcluster.contoso.com', 'rtc', {
    highAvailability: { kind: 'failover-cluster', nodes: ['node1.contoso.com', 'node2.contoso.com'] },
  })
  const desired = desiredState({
    sqlStores: [store],
    pools: [
      pool('pool01.contoso.com', 'front-end', { servers: ['fe01.contoso.com'], stores: { user: store } }),
      pool('old.contoso.com', 'unsupported', { servers: ['old01.contoso.com'] }),
      pool('sba.contoso.com', 'survivable-branch', { servers: ['sba.contoso.com'] }),
    ],
  })

  test.each(['old01.contoso.com', 'sba.contoso.com', 'node1.contoso.com'])('%s', (host) => {
    expect(told(host, desired)).toEqual({ scenario: null, items: [] })
    expect(lossOf(host, desired, well)?.why).not.toBe('')
  })

  test('but all nodes of a cluster are a Back End', () => {
    expect(told('node1.contoso.com', desired, alsoLost('node2.contoso.com'))).toEqual({
      scenario: 'back-end',
      items: ['user-data pool01.contoso.com'],
    })
  })
})

test('Persistent Chat that every policy keeps by cmdlet comes back by cmdlet', () => {
  const policies = sample.policies.map((one) => ({ ...one, persistentChat: 'cmdlet' as const }))
  expect(told('sql04.contoso.com', { ...sample, policies }).items).toEqual([
    String.raw`persistent-chat sql04.contoso.com\chat/mgc`,
  ])
})

test('an old pool that uses a share keeps no item of its own', () => {
  const share = fileStore(String.raw`\\fs01.contoso.com\Lync`)
  const desired = desiredState({ pools: [], fileStores: [share] })
  expect(told('fs01.contoso.com', desired)).toEqual({
    scenario: 'file-store',
    items: [String.raw`file-store \\fs01.contoso.com\Lync`],
  })
})
