import { describe, expect, test } from 'vitest'
import type { Desired } from '../../src/domain/model.ts'
import type { Facts } from '../../src/domain/facts.ts'
import type { CallName, CallResult } from '../../src/drivers/shell/host.ts'
import { desiredState, pool, sqlStore } from '../support/desired.ts'
import { bench, returned, settled } from './bench.ts'

const fe01 = 'fe01.contoso.com'
const fe02 = 'fe02.contoso.com'
const running = returned({ Name: 'RTCSRV', Status: 'Running' })

function onePool(more: Partial<Desired> = {}): Desired {
  return desiredState({
    pools: [pool('pool01.contoso.com', 'front-end', { servers: [fe01, fe02] })],
    sqlStores: [],
    fileStores: [],
    locations: [],
    policies: [],
    ...more,
  })
}

/** What each call answers; the others have no answer. */
function answering(answers: Partial<Record<CallName, CallResult>>) {
  return (name: CallName): Promise<CallResult> =>
    answers[name] ? Promise.resolve(answers[name]) : Promise.reject(new Error('not in this test'))
}

const healthy: Partial<Record<CallName, CallResult>> = {
  services: running,
  replication: returned({ ReplicaFqdn: fe01, UpToDate: true, ProductVersion: '5.0.8308.866' }),
  'configuration-store-location': returned({ BackEndServer: null }),
  'configuration-store-location-as-text': returned('sql01.contoso.com\\rtc'),
  'central-management-status': returned({ ActiveMasterFqdn: fe01, ActiveFileTransferAgents: [fe01] }),
  fabric: returned('Routing group: 1\n  Primary: fe01.contoso.com\n  Secondary: fe02.contoso.com'),
  'pool-pairing': returned({ PoolFqdn: 'pool01.contoso.com', BackupPoolFqdn: 'pool02.contoso.com' }),
  'backup-service-status': returned({ BackupModules: ['ConfServices.DataConf:[FinalState,NormalState]'] }),
  'database-tests': returned({ SqlInstanceName: 'rtc', DatabaseName: 'xds', Succeed: true }),
  'dhcp-servers': returned({ DnsName: 'dhcp01.contoso.com' }),
  'dhcp-options': returned({ OptionId: 120, VendorClass: '', Value: ['pool01.contoso.com'] }),
}

describe('what cmdlets tell', () => {
  test('becomes one fact for each question, each subject asked by name', async () => {
    const { observer, answers, asked } = bench()
    answers.call = answering(healthy)
    observer.follow(onePool({ sqlStores: [sqlStore('sql01.contoso.com')] }))
    await observer.look('all')
    const { facts } = observer.snapshot()
    const value = <F extends keyof Facts>(fact: F, subject: string): Facts[F] | string => {
      const seen = facts[fact].get(subject)
      return seen?.known ? seen.value : (seen?.error ?? 'not looked at')
    }
    expect(value('services', fe02)).toEqual({ services: [{ name: 'RTCSRV', status: 'Running' }] })
    expect(value('replication', 'contoso')).toMatchObject({ replicas: [{ fqdn: fe01, upToDate: true }] })
    expect(value('patchLevels', 'contoso')).toEqual({ servers: [{ fqdn: fe01, version: '5.0.8308.866' }] })
    expect(value('centralManagement', 'contoso')).toEqual({
      location: 'sql01.contoso.com\\rtc',
      activeMaster: fe01,
      fileTransferAgents: [fe01],
    })
    expect(value('fabric', 'pool01.contoso.com')).toEqual({ routingGroups: 1, withoutPrimary: 0, withoutSecondary: 0 })
    expect(value('pairing', 'pool01.contoso.com')).toEqual({
      partner: 'pool02.contoso.com',
      modules: [{ name: 'ConfServices.DataConf', exportStatus: 'FinalState', importStatus: 'NormalState' }],
    })
    expect(value('databaseTests', 'sql01.contoso.com')).toMatchObject({ databases: [{ name: 'xds', succeed: true }] })
    expect(value('dhcp', 'contoso')).toEqual({
      servers: [{ name: 'dhcp01.contoso.com', options: [{ id: 120, value: 'pool01.contoso.com' }] }],
    })
    expect(asked.filter((one) => one.startsWith('shell')).sort()).toEqual([
      'shell backup-service-status pool01.contoso.com',
      'shell central-management-status',
      'shell certificates OAuthTokenIssuer',
      'shell configuration-store-location',
      'shell configuration-store-location-as-text',
      'shell database-tests sql01.contoso.com',
      'shell dhcp-options dhcp01.contoso.com',
      'shell dhcp-servers',
      'shell fabric pool01.contoso.com',
      'shell pool-pairing pool01.contoso.com',
      'shell published-topology',
      'shell registrar-settings',
      'shell replication',
      'shell replication',
      `shell services ${fe01}`,
      `shell services ${fe02}`,
      'shell simple-urls',
    ])
  })

  test('is unknown where there is no shell host, and all else is seen', async () => {
    const { observer } = bench()
    observer.follow(onePool())
    await observer.look('all')
    const { facts } = observer.snapshot()
    const unknown = { known: false, code: 'shell-not-configured', error: 'There is no shell host.' }
    for (const fact of ['services', 'replication', 'fabric', 'pairing', 'publishedTopology', 'dhcp'] as const)
      for (const observation of facts[fact].values()) expect(observation).toMatchObject(unknown)
    for (const observation of facts.ports.values()) expect(observation.known).toBe(true)
  })

  test('is asked one question after another, those about all servers first', async () => {
    const { observer, answers, asked } = bench()
    let now = 0
    let most = 0
    answers.call = async (name) => {
      most = Math.max(most, ++now)
      await settled()
      now--
      return await answering(healthy)(name)
    }
    observer.follow(onePool())
    await observer.look('all')
    expect(most).toBe(1)
    const order = asked.filter((one) => one.startsWith('shell')).map((one) => one.split(' ')[1])
    // Whatever was asked first was alone; after it the replicas come before the services, the pools and DHCP.
    const last = Math.max(order.lastIndexOf('replication'), order.indexOf('published-topology'))
    expect(order.slice(last + 1)).toEqual(
      expect.arrayContaining(['services', 'fabric', 'pool-pairing', 'dhcp-servers']),
    )
    expect(order.indexOf('fabric')).toBeGreaterThan(last)
  })

  test('that hangs costs its own fact alone', async () => {
    const { observer, clock, answers } = bench()
    answers.call = (name, parameters) =>
      Object.values(parameters).includes(fe01) ? new Promise(() => {}) : answering(healthy)(name)
    observer.follow(onePool())
    const looked = observer.look('all')
    await settled()
    await clock.advance(89)
    expect(observer.snapshot().facts.services.has(fe01)).toBe(false)
    await clock.advance(1)
    await looked
    const { services, replication, pairing } = observer.snapshot().facts
    expect(services.get(fe01)).toMatchObject({ known: false, code: 'look-timed-out', error: 'No answer within 90 s.' })
    expect(services.get(fe02)?.known).toBe(true)
    expect(replication.get('contoso')?.known).toBe(true)
    expect(pairing.get('pool01.contoso.com')?.known).toBe(true)
  })

  test('of services: an error is no empty list', async () => {
    const { observer, answers } = bench()
    const error = { message: 'The RPC server is unavailable.', category: 'ConnectionError', terminating: false }
    answers.call = (name, parameters) =>
      name === 'services' && Object.values(parameters).includes(fe01)
        ? Promise.resolve({ ...returned(), errors: [error] })
        : Promise.resolve(returned())
    observer.follow(onePool())
    await observer.look([fe01, fe02])
    const { services } = observer.snapshot().facts
    expect(services.get(fe01)).toMatchObject({
      known: false,
      code: 'shell-call-failed',
    })
    expect(services.get(fe02)).toMatchObject({ known: true, value: { services: [] } })
  })

  test('of replicas: a newer report makes it no other state, one that is late does', async () => {
    const { observer, clock, answers } = bench()
    const replica = (LastStatusReport: string, UpToDate: boolean): void => {
      answers.call = answering({ replication: returned({ ReplicaFqdn: fe01, UpToDate, LastStatusReport }) })
    }
    const since = async (): Promise<string | undefined> => {
      await clock.advance(60)
      await observer.look('all')
      return observer.snapshot().facts.replication.get('contoso')?.since
    }
    observer.follow(onePool())
    replica('2026-07-29T11:59:00Z', true)
    expect(await since()).toBe('2026-07-29T12:01:00.000Z')
    replica('2026-07-29T12:01:30Z', true)
    expect(await since()).toBe('2026-07-29T12:01:00.000Z')
    replica('2026-07-29T12:02:30Z', false)
    expect(await since()).toBe('2026-07-29T12:03:00.000Z')
  })
})

describe('a look at everything', () => {
  test('is not waited for longer than three minutes; what was missing follows', async () => {
    const { observer, clock, answers } = bench()
    const servers = Array.from({ length: 40 }, (_, index) => `fe${index}.contoso.com`)
    answers.call = async (name) => {
      await clock.sleep(10_000)
      return await answering(healthy)(name)
    }
    observer.follow(onePool({ pools: [pool('pool01.contoso.com', 'front-end', { servers })] }))
    let done = false
    const looked = observer.look('all').then(() => (done = true))
    await settled()
    await clock.advance(179)
    expect(done).toBe(false)
    await clock.advance(1)
    await looked
    expect(observer.snapshot().facts.replication.get('contoso')?.known).toBe(true)
    expect(observer.snapshot().facts.services.size).toBeLessThan(40)
    for (let half = 0; half < 60; half++) await clock.advance(30)
    expect(observer.snapshot().facts.services.size).toBe(40)
  })

  test('that is due leaves alone what was seen within its cadence', async () => {
    const { observer, clock, answers, asked } = bench()
    answers.call = answering(healthy)
    observer.follow(onePool())
    await observer.look('due')
    const kinds = (): string[] => [...new Set(asked.splice(0).map((one) => one.split(' ').slice(0, 2).join(' ')))]
    expect(kinds()).toContain('shell dhcp-servers')
    await clock.advance(60)
    await observer.look('due')
    expect(kinds()).toEqual([])
    await clock.advance(80)
    await observer.look('due')
    const later = kinds()
    expect(later).toEqual(expect.arrayContaining(['shell services', 'shell replication', `tcp ${fe01}:445`]))
    expect(later).not.toContain('shell dhcp-servers')
    expect(later).not.toContain('shell fabric')
  })
})
