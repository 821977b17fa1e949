/** What the Management Shell and the ports tell of Lync, whole and broken; expected by hand from the domain reference. */
import { Resolver } from 'node:dns/promises'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { change } from '../../src/lab/lab.ts'
import { unzip } from '../support/unzip.ts'
import { openSession, type Line, type Session } from './shell-session.ts'
import { contosoLab, openPorts } from './support.ts'

let lab: Awaited<ReturnType<typeof contosoLab>>
let session: Session
beforeAll(async () => {
  lab = await contosoLab()
  session = await openSession(lab.paths.directory)
})
afterAll(async () => {
  await session[Symbol.asyncDispose]()
  await lab[Symbol.asyncDispose]()
})

/** What a call returned; fails when an error ended it. */
async function ask<T = Line>(call: string, parameters: object = {}): Promise<T[]> {
  const events = await session.ask(call, parameters)
  expect(events.filter(({ event }) => event === 'error')).toEqual([])
  return events.filter(({ event }) => event === 'object').map(({ value }) => value as T)
}

/** Category of the error that ended a call. */
async function refusal(call: string, parameters: object = {}): Promise<unknown> {
  const events = await session.ask(call, parameters)
  expect(events.at(-1)).toMatchObject({ event: 'end', ok: false })
  return events.find(({ event }) => event === 'error')?.category
}

type What = readonly [kind: string, subject: string, detail?: string]

/** The world is broken while the check runs. */
async function during(breaks: readonly What[], check: () => Promise<void>): Promise<void> {
  const done: What[] = []
  try {
    for (const one of breaks) {
      const [kind, subject, detail] = one
      await change(lab.paths.directory, 'break', { kind, subject, detail: detail ?? null })
      done.unshift(one)
    }
    await check()
  } finally {
    for (const [kind, subject] of done) await change(lab.paths.directory, 'repair', { kind, subject, detail: null })
  }
}

const ports = (fqdn: string): Promise<(number | string)[]> => openPorts(lab.world(), fqdn)

/** `name status` of each service. */
async function services(ComputerName: string): Promise<string[]> {
  return (await ask('services', { ComputerName, ExcludeActivityLevel: true })).map(
    ({ Name, Status }) => `${String(Name)} ${String(Status)}`,
  )
}

interface Replica {
  ReplicaFqdn: string
  UpToDate: boolean
  LastStatusReport: string
  ProductVersion: string
}

async function replica(fqdn: string): Promise<Replica> {
  const found = (await ask<Replica>('replication')).find(({ ReplicaFqdn }) => ReplicaFqdn === fqdn)
  if (!found) throw new Error(`no replica of ${fqdn}`)
  return found
}

const ageSeconds = ({ LastStatusReport }: Replica): number => (Date.now() - Date.parse(LastStatusReport)) / 1000

describe('services', () => {
  test('of a Front End run; a SQL Server machine has none; an Edge Server lets nobody ask', async () => {
    expect(await services('fe11.contoso.com')).toEqual([
      ...['RTCSRV Running', 'RTCCAA Running', 'RTCASMCU Running', 'FabricHostSvc Running', 'W3SVC Running'],
      ...['REPLICA Running', 'LYNCBACKUP Running'],
    ])
    expect(await services('sql01.contoso.com')).toEqual([])
    expect(await refusal('services', { ComputerName: 'edge01.contoso.com' })).toBe('OpenError')
  })

  test('one is stopped: its port closes, the others stay', async () => {
    await during([['service', 'med01.contoso.com']], async () => {
      expect(await services('med01.contoso.com')).toEqual(['RTCMEDSRV Stopped', 'REPLICA Running'])
      expect(await ports('med01.contoso.com')).toEqual([445])
    })
    expect(await services('med01.contoso.com')).toEqual(['RTCMEDSRV Running', 'REPLICA Running'])
    expect(await ports('med01.contoso.com')).toEqual([5061, 5067, 445])
  })

  test('one is missing, or all but REPLICA are', async () => {
    await during([['service', 'dir01.contoso.com', 'missing']], async () => {
      expect(await services('dir01.contoso.com')).toEqual(['W3SVC Running', 'REPLICA Running'])
      expect(await ports('dir01.contoso.com')).toEqual([443, 4443, 445])
    })
    await during([['service', 'dir01.contoso.com', 'only-replica']], async () => {
      expect(await services('dir01.contoso.com')).toEqual(['REPLICA Running'])
      expect(await ports('dir01.contoso.com')).toEqual([445])
    })
  })

  test('of a dead machine cannot be asked for; a wiped one has none, a half-built one only REPLICA', async () => {
    await during([['server', 'fe01.contoso.com']], async () => {
      expect(await refusal('services', { ComputerName: 'fe01.contoso.com' })).toBe('OpenError')
      expect(await ports('fe01.contoso.com')).toEqual([])
    })
    await during([['wipe', 'fe01.contoso.com']], async () => {
      expect(await services('fe01.contoso.com')).toEqual([])
      expect(await ports('fe01.contoso.com')).toEqual([445])
    })
    await during([['wipe', 'fe01.contoso.com', 'half-built']], async () => {
      expect(await services('fe01.contoso.com')).toEqual(['REPLICA Running'])
      expect(await ports('fe01.contoso.com')).toEqual([445])
    })
  })

  test('of three Front Ends one may go; when two are gone the third stops serving, as it lost its quorum', async () => {
    await during([['server', 'fe01.contoso.com']], async () => {
      expect(await services('fe03.contoso.com')).toContain('RTCSRV Running')
      await during([['server', 'fe02.contoso.com']], async () => {
        expect(await services('fe03.contoso.com')).toEqual(
          expect.arrayContaining(['RTCSRV Stopped', 'RTCCAA Stopped', 'W3SVC Running', 'REPLICA Running']),
        )
        expect(await ports('fe03.contoso.com')).toEqual([443, 4443, 445])
      })
      expect(await ports('fe03.contoso.com')).toEqual([5061, 443, 4443, 445])
    })
  })
})

describe('replication', () => {
  test('every machine with a replica has just reported and has all of the configuration', async () => {
    const all = await ask<Replica>('replication')
    expect(all.map(({ ReplicaFqdn }) => ReplicaFqdn.replace('.contoso.com', '')).sort()).toEqual([
      ...['chat01', 'chat02', 'dir01', 'edge01', 'edge02', 'fe01', 'fe02', 'fe03', 'fe11', 'fe12', 'fe13'],
      ...['med01', 'med02', 'se01'],
    ])
    expect(all.every((one) => one.UpToDate && ageSeconds(one) < 60)).toBe(true)
  })

  test('a machine that died does not report any more', async () => {
    const before = Date.now()
    await during([['server', 'edge01.contoso.com']], async () => {
      const { LastStatusReport } = await replica('edge01.contoso.com')
      expect(Date.parse(LastStatusReport)).toBeGreaterThanOrEqual(before)
      expect(await replica('edge01.contoso.com')).toMatchObject({ LastStatusReport })
      expect(Date.parse((await replica('edge02.contoso.com')).LastStatusReport)).toBeGreaterThan(
        Date.parse(LastStatusReport),
      )
    })
    expect(ageSeconds(await replica('edge01.contoso.com'))).toBeLessThan(60)
  })

  test('a replica is late, and reports all the same', async () => {
    await during([['replica', 'fe02.contoso.com']], async () => {
      const late = await replica('fe02.contoso.com')
      expect(late.UpToDate).toBe(false)
      expect(ageSeconds(late)).toBeLessThan(60)
    })
    expect((await replica('fe02.contoso.com')).UpToDate).toBe(true)
  })

  test('a patch level is behind that of the others', async () => {
    const whole = (await replica('fe02.contoso.com')).ProductVersion
    expect((await replica('fe01.contoso.com')).ProductVersion).toBe(whole)
    await during([['patch', 'fe02.contoso.com']], async () => {
      expect((await replica('fe02.contoso.com')).ProductVersion).toBe('6.0.9319.0')
      expect((await replica('fe01.contoso.com')).ProductVersion).toBe(whole)
    })
  })

  test('a machine that was only published has nothing yet', async () => {
    await during([['topology', 'pool01.contoso.com', 'member-added']], async () => {
      expect(await replica('new.pool01.contoso.com')).toMatchObject({ UpToDate: false, LastStatusReport: null })
    })
  })
})

test('all clocks of the deployment go by the same time, also of replicas and of databases made anew', async () => {
  const hour = 3_600_000
  await during([['clock', 'contoso', '7200s']], async () => {
    expect((Date.parse((await replica('fe02.contoso.com')).LastStatusReport) - Date.now()) / hour).toBeCloseTo(2, 1)
    await during([['database', 'sql05.contoso.com/LcsCDR', 'recreated']], () => {
      const { facts } = lab.world().sqlServers.find((server) => server.facts.host === 'sql05.contoso.com')!
      const { createdAt } = facts.databases.find(({ name }) => name === 'LcsCDR')!
      expect((Date.parse(createdAt) - Date.now()) / hour).toBeCloseTo(2, 1)
      expect(facts.clockOffsetSeconds).toBe(7200)
      return Promise.resolve()
    })
  })
  expect((Date.parse((await replica('fe02.contoso.com')).LastStatusReport) - Date.now()) / hour).toBeCloseTo(0, 1)
})

describe('the Central Management store', () => {
  const master = (): Promise<Line[]> => ask('central-management-status', { CentralManagementStoreStatus: true })

  test('has a master, and the directory points at it', async () => {
    expect(await master()).toEqual([
      { ActiveMasterFqdn: 'fe01.contoso.com', ActiveFileTransferAgents: ['fe01.contoso.com'] },
    ])
    expect(await ask('configuration-store-location')).toEqual([{ BackEndServer: null }])
    expect(await ask('configuration-store-location-as-text')).toEqual(['sql01.contoso.com\\rtc'])
  })

  test('another member takes over when the master dies; without its services there is none', async () => {
    await during([['server', 'fe01.contoso.com']], async () => {
      expect(await master()).toMatchObject([{ ActiveMasterFqdn: 'fe02.contoso.com' }])
    })
    await during([['central-management', 'contoso', 'no-master']], async () => {
      expect(await master()).toEqual([{ ActiveMasterFqdn: '', ActiveFileTransferAgents: [] }])
      expect(await services('fe02.contoso.com')).toContain('MASTER Stopped')
    })
    expect(await services('fe02.contoso.com')).toContain('MASTER Running')
  })

  test('was moved to another pool, and works there', async () => {
    await during([['central-management', 'contoso']], async () => {
      expect(await ask('configuration-store-location-as-text')).toEqual(['sql11.contoso.com\\rtc'])
      expect(await master()).toMatchObject([{ ActiveMasterFqdn: 'fe11.contoso.com' }])
      await during(
        [
          ['server', 'sql01.contoso.com'],
          ['server', 'sql02.contoso.com'],
        ],
        async () => {
          expect((await ask('replication')).length).toBeGreaterThan(0)
        },
      )
    })
    expect(await ask('configuration-store-location-as-text')).toEqual(['sql01.contoso.com\\rtc'])
  })

  test('when both partners are dead, what reads it fails; the directory and the machines still answer', async () => {
    await during(
      [
        ['server', 'sql01.contoso.com'],
        ['server', 'sql02.contoso.com'],
      ],
      async () => {
        expect(await refusal('replication')).toBe('ConnectionError')
        expect(await refusal('database-tests', { ConfiguredDatabases: true, SqlServerFqdn: 'sql11.contoso.com' })).toBe(
          'ConnectionError',
        )
        expect(await ask('configuration-store-location-as-text')).toEqual(['sql01.contoso.com\\rtc'])
        expect(await services('fe01.contoso.com')).toContain('RTCSRV Running')
      },
    )
  })
})

describe('databases', () => {
  const tests = async (SqlServerFqdn: string): Promise<string[]> =>
    (await ask('database-tests', { ConfiguredDatabases: true, SqlServerFqdn }))
      .filter(({ Succeed }) => Succeed !== true)
      .map(({ DatabaseName }) => String(DatabaseName))

  test('all succeed, on each partner of a mirror, too', async () => {
    const [first] = await ask('database-tests', { ConfiguredDatabases: true, SqlServerFqdn: 'sql05.contoso.com' })
    expect(first).toEqual({
      ...{ SqlServerFqdn: 'sql05.contoso.com', SqlInstanceName: '', DatabaseName: 'LcsCDR' },
      ...{ ExpectedVersion: '10.13.2', InstalledVersion: '', Succeed: true },
    })
    for (const host of ['sql01', 'sql02', 'sql03', 'sql04', 'sql11', 'sql12', 'sql13', 'se01'])
      expect(await tests(`${host}.contoso.com`)).toEqual([])
  })

  test('one that is lost, offline or of a dead machine does not', async () => {
    await during([['database', 'sql05.contoso.com/LcsCDR']], async () => {
      expect(await tests('sql05.contoso.com')).toEqual(['LcsCDR'])
    })
    await during([['database', 'sql05.contoso.com/QoEMetrics', 'offline']], async () => {
      expect(await tests('sql05.contoso.com')).toEqual(['QoEMetrics'])
    })
    await during([['server', 'sql05.contoso.com']], async () => {
      expect(await tests('sql05.contoso.com')).toEqual(['LcsCDR', 'QoEMetrics'])
    })
  })
})

describe('the fabric of a pool', () => {
  /** Routing group -> how many copies it has. */
  async function copies(PoolFqdn: string): Promise<number[]> {
    const [text = ''] = await ask<string>('fabric', { PoolFqdn })
    return text
      .split('Routing group: ')
      .slice(1)
      .map((group) => (group.match(/^ +(Primary|Secondary): /gm) ?? []).length)
  }

  test('has a primary and two secondary copies of each routing group; the living members hold those of the dead', async () => {
    expect(await copies('pool01.contoso.com')).toEqual([3, 3, 3, 3, 3, 3])
    await during([['server', 'fe01.contoso.com']], async () => {
      expect(await copies('pool01.contoso.com')).toEqual([2, 2, 2, 2, 2, 2])
      await during([['server', 'fe02.contoso.com']], async () => {
        expect(await copies('pool01.contoso.com')).toEqual([0, 0, 0, 0, 0, 0])
      })
    })
  })

  test('is asked of a Front End pool only, and of one that answers', async () => {
    expect(await refusal('fabric', { PoolFqdn: 'med.contoso.com' })).toBe('InvalidOperation')
    await during([['network', 'Munich', 'dead']], async () => {
      expect(await refusal('fabric', { PoolFqdn: 'pool02.contoso.com' })).toBe('InvalidOperation')
    })
  })
})

describe('pairing', () => {
  const modules = async (PoolFqdn: string): Promise<unknown> =>
    (await ask('backup-service-status', { PoolFqdn }))[0]?.BackupModules

  test('is mutual and steady; a pool without a partner has none', async () => {
    expect(await ask('pool-pairing', { PoolFqdn: 'pool01.contoso.com' })).toEqual([
      { PoolFqdn: 'pool01.contoso.com', BackupPoolFqdn: 'pool02.contoso.com' },
    ])
    expect(await ask('pool-pairing', { PoolFqdn: 'pool02.contoso.com' })).toMatchObject([
      { BackupPoolFqdn: 'pool01.contoso.com' },
    ])
    expect(await modules('pool02.contoso.com')).toEqual([
      'UserServices.PresenceFocus:[SteadyState,NormalState]',
      'ConfServices.DataConf:[FinalState,NormalState]',
      'CentralMgmt.CMSMaster:[NotInitialized,NormalState]',
    ])
    expect(await ask('pool-pairing', { PoolFqdn: 'se01.contoso.com' })).toEqual([])
    expect(await refusal('backup-service-status', { PoolFqdn: 'se01.contoso.com' })).toBe('InvalidOperation')
  })

  test.each([
    ['error', 'UserServices.PresenceFocus:[ErrorState,NormalState]'],
    ['backlog', 'UserServices.PresenceFocus:[NonSteadyState,NormalState]'],
  ])('%s', async (detail, module) => {
    await during([['pairing', 'pool01.contoso.com', detail]], async () => {
      expect(await modules('pool01.contoso.com')).toContain(module)
      expect(await modules('pool02.contoso.com')).not.toContain(module)
    })
    expect(await modules('pool01.contoso.com')).not.toContain(module)
  })

  const state = async (pool: string): Promise<unknown> => {
    const settings = await ask('registrar-settings')
    const own = settings.find(({ Identity }) => Identity === `Service:Registrar:${pool}`)
    return (own ?? settings.find(({ Identity }) => Identity === 'Global'))?.PoolState
  }

  test.each([
    ['failed-over', 'FailedOver'],
    ['failing-over', 'FailingOver'],
    ['failing-back', 'FailingBack'],
  ])('a failover is told by the Registrar of the pool alone: %s', async (detail, told) => {
    const before = await ask('pool-pairing', { PoolFqdn: 'pool01.contoso.com' })
    await during([['failover', 'pool01.contoso.com', detail]], async () => {
      expect(await state('pool01.contoso.com')).toBe(told)
      expect(await state('pool02.contoso.com')).toBe('Active')
      expect(await ask('pool-pairing', { PoolFqdn: 'pool01.contoso.com' })).toEqual(before)
    })
    expect(await state('pool01.contoso.com')).toBe('Active')
  })

  test('what users change during a failover is in no export of their pool before the failback', async () => {
    const users = async (): Promise<string> => {
      const file = join(lab.paths.scratch, 'users.zip')
      await ask('export-user-data', { PoolFqdn: 'pool02.contoso.com', FileName: file })
      return (await unzip(file))['DocItemSet.xml'] ?? ''
    }
    const quiet = await users()
    await during([['contacts', 'pool02.contoso.com']], async () => expect(await users()).not.toBe(quiet))
    await change(lab.paths.directory, 'break', { kind: 'failover', subject: 'pool02.contoso.com', detail: null })
    await change(lab.paths.directory, 'break', { kind: 'contacts', subject: 'pool02.contoso.com', detail: null })
    expect(await users()).toBe(quiet)
    await change(lab.paths.directory, 'repair', { kind: 'failover', subject: 'pool02.contoso.com', detail: null })
    expect(await users()).not.toBe(quiet)
    await change(lab.paths.directory, 'repair', { kind: 'contacts', subject: 'pool02.contoso.com', detail: null })
    expect(await users()).toBe(quiet)
  })

  test('was given up on one side, as the topology has it', async () => {
    await during([['pairing', 'pool01.contoso.com', 'unpaired']], async () => {
      expect(await ask('pool-pairing', { PoolFqdn: 'pool01.contoso.com' })).toEqual([])
      expect(await ask('pool-pairing', { PoolFqdn: 'pool02.contoso.com' })).toHaveLength(1)
      const [document] = await ask<string>('published-topology', { AsXml: true })
      expect(document?.match(/Usage="Backup"/g)).toHaveLength(1)
    })
    const [document] = await ask<string>('published-topology', { AsXml: true })
    expect(document?.match(/Usage="Backup"/g)).toHaveLength(2)
  })
})

describe('DHCP', () => {
  /** The name in option 120 (RFC 3361). */
  async function sipServer(): Promise<string> {
    const [server] = await ask('dhcp-servers')
    const options = await ask<{ OptionId: number; VendorClass: string; Value: string[] }>('dhcp-options', {
      ...{ ComputerName: server?.DnsName, All: true },
    })
    const bytes = options.find(({ OptionId }) => OptionId === 120)!.Value.map(Number)
    const labels: string[] = []
    for (let at = 1; bytes[at]; at += bytes[at]! + 1)
      labels.push(String.fromCharCode(...bytes.slice(at + 1, at + 1 + bytes[at]!)))
    return labels.join('.')
  }

  test('leads phones to the first pool, or to one that is no more', async () => {
    expect(await sipServer()).toBe('pool01.contoso.com')
    await during([['dhcp', 'dhcp01.contoso.com']], async () => {
      expect(await sipServer()).toBe('retired.contoso.com')
    })
    expect(await sipServer()).toBe('pool01.contoso.com')
    expect(await refusal('dhcp-options', { ComputerName: 'fe01.contoso.com', All: true })).toBe('ObjectNotFound')
  })
})

describe('the network', () => {
  const store = (): string => join(lab.paths.shares, 'contoso.com', 'Lync')

  test('a machine that only we cannot reach: no port answers, and the Management Shell sees it', async () => {
    await during([['network', 'sql11.contoso.com']], async () => {
      expect(await ports('sql11.contoso.com')).toEqual([])
      expect(await refusal('services', { ComputerName: 'fe99.contoso.com' })).toBe('OpenError')
      expect(await services('sql11.contoso.com')).toEqual([])
      const partner = lab.world().sqlServers.find(({ facts }) => facts.host === 'sql12.contoso.com')
      expect(partner?.facts.databases[0]?.mirroring?.state).toBe('SYNCHRONIZED')
    })
    expect(await ports('sql11.contoso.com')).toEqual([445, 'sql11.contoso.com\\rtc'])
  })

  test('a dead line of one machine: its partner lost it, too', async () => {
    await during([['network', 'sql11.contoso.com', 'dead']], async () => {
      expect(await refusal('services', { ComputerName: 'sql11.contoso.com' })).toBe('OpenError')
      const partner = lab.world().sqlServers.find(({ facts }) => facts.host === 'sql12.contoso.com')
      expect(partner?.facts.databases[0]?.mirroring?.state).toBe('DISCONNECTED')
    })
  })

  test('a site is silent: all its machines and shares, and nothing else', async () => {
    const { birthtimeMs, ino } = statSync(store())
    await during([['network', 'Munich', 'dead']], async () => {
      for (const host of ['fe11', 'fe13', 'sql11', 'sql12', 'se01'])
        expect(await ports(`${host}.contoso.com`)).toEqual([])
      expect(existsSync(store())).toBe(false)
      expect(await ports('fe01.contoso.com')).toEqual([5061, 443, 4443, 445])
      expect(await ports('sql13.contoso.com')).toEqual([445, 'sql13.contoso.com\\archive'])
      const silent = await replica('fe12.contoso.com')
      expect(silent.LastStatusReport).toBe((await replica('fe12.contoso.com')).LastStatusReport)
    })
    expect(await ports('fe11.contoso.com')).toEqual([5061, 443, 4443, 445])
    expect(statSync(store())).toMatchObject({ birthtimeMs, ino })
  })

  test('nothing at all answers from here: no port, no name server, no directory, no share', async () => {
    const { hosts } = lab.world()
    await during([['network', 'contoso', 'dead']], async () => {
      for (const { fqdn } of hosts) expect(await ports(fqdn)).toEqual([])
      const resolver = new Resolver({ timeout: 100, tries: 1 })
      resolver.setServers([`127.0.0.1:${lab.world().ports.dns}`])
      await expect(resolver.resolve4('fe01.contoso.com')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
      expect(await refusal('configuration-store-location')).toBe('ResourceUnavailable')
      expect(await refusal('dhcp-servers')).toBe('ResourceUnavailable')
      expect(await refusal('dhcp-options', { ComputerName: 'dhcp01.contoso.com', All: true })).toBe('ObjectNotFound')
      expect(await refusal('replication')).toBe('ConnectionError')
      expect(await refusal('services', { ComputerName: 'fe01.contoso.com' })).toBe('OpenError')
      expect(readdirSync(lab.paths.shares)).toEqual([])
    })
    expect(await ports('edge01.contoso.com')).toEqual([5061, 443, 4443])
    expect(await ask('dhcp-servers')).toEqual([{ DnsName: 'dhcp01.contoso.com' }])
  })
})

describe('what was built again', () => {
  test('runs, and its databases and shares are empty and new; repair brings back the old ones', async () => {
    const share = join(lab.paths.shares, 'se01.contoso.com', 'LyncShare')
    const before = statSync(join(share, '2-WebServices-3'))
    const database = (): { createdAt: string; guid: string; tables: object } =>
      lab
        .world()
        .sqlServers.find(({ facts }) => facts.host === 'se01.contoso.com')!
        .facts.databases.find(({ name }) => name === 'rtcxds')!
    const old = database()
    await during([['wipe', 'se01.contoso.com', 'rebuilt']], async () => {
      expect(await services('se01.contoso.com')).toContain('RTCSRV Running')
      expect(await ports('se01.contoso.com')).toHaveLength(5)
      expect(readdirSync(share).sort()).toEqual(['2-ApplicationServer-3', '2-WebServices-3'])
      expect(readdirSync(join(share, '2-WebServices-3'))).toEqual([])
      expect(Date.parse(database().createdAt)).toBeGreaterThan(Date.now() - 60_000)
      expect(Object.values(database().tables)).toEqual([0, 0, 0])
      expect(database().guid).not.toBe(old.guid)
    })
    expect(database()).toEqual(old)
    expect(statSync(join(share, '2-WebServices-3'))).toMatchObject({ ino: before.ino, birthtimeMs: before.birthtimeMs })
  })

  test('a database that was dropped and created again is empty, alone, and of another identity', async () => {
    const of = (host: string): { guid: string; mirroring: { state: string } | null } =>
      lab
        .world()
        .sqlServers.find(({ facts }) => facts.host === host)!
        .facts.databases.find(({ name }) => name === 'rtcxds')!
    const old = of('sql11.contoso.com')
    await during([['database', 'sql11.contoso.com\\rtc/rtcxds', 'recreated']], () => {
      expect(of('sql11.contoso.com')).toMatchObject({ mirroring: null, tables: { Resource: 0 } })
      expect(of('sql11.contoso.com').guid).not.toBe(old.guid)
      expect(of('sql12.contoso.com').mirroring?.state).toBe('DISCONNECTED')
      return Promise.resolve()
    })
    expect(of('sql11.contoso.com')).toEqual(old)
    expect(of('sql12.contoso.com').mirroring?.state).toBe('SYNCHRONIZED')
  })
})
