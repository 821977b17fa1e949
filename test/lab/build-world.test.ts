import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { load, type Desired } from '../../src/desired/load.ts'
import { buildWorld } from '../../src/lab/build-world.ts'
import { runningServices } from '../../src/lab/services.ts'
import { topologyDocument } from '../../src/lab/topology-document.ts'
import { sqlName, type World } from '../../src/lab/world.ts'
import { sample } from './support.ts'

const login = { user: 'holdfast', password: 'not-a-secret', sysadmin: true }

function worldOf(...resources: object[]): World {
  const files = resources.map((resource, index) => ({ path: `${index}.yaml`, text: JSON.stringify(resource) }))
  const loaded = load('test', files)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors))
  return buildWorld(loaded.desired, login, '2026-07-29T02:00:00.000Z')
}

function resource(kind: string, name: string, spec: object): object {
  return { apiVersion: 'holdfast/v1', kind, metadata: { name }, spec }
}

const base = [
  resource('BackupLocation', 'backup01', {
    ...{ host: 'backup01.contoso.com', share: '\\\\backup01.contoso.com\\LyncBackup', minimumFree: '1MiB' },
  }),
  resource('BackupPolicy', 'nightly', {
    location: 'backup01',
    include: 'all',
    schedule: { cron: '0 2 * * *', timeZone: 'UTC' },
  }),
  resource('FileStore', 'fs01', { path: '\\\\fs01.contoso.com\\LyncShare' }),
]

function deployment(product: string, central: string): object {
  return resource('Deployment', 'contoso', {
    ...{ product, domain: 'contoso.com', sipDomains: ['contoso.com'], centralManagementStore: central },
  })
}

function frontEnds(store: object): World {
  return worldOf(
    ...base,
    deployment('skype-for-business-2015', 'be'),
    resource('SqlStore', 'be', store),
    resource('Pool', 'pool01.contoso.com', {
      ...{ site: 'Redmond', type: 'front-end', servers: ['fe01.contoso.com', 'fe02.contoso.com'] },
      ...{ applications: ['response-group'], userStore: 'be', fileStore: 'fs01' },
    }),
  )
}

function databases(world: World): Record<string, string[]> {
  return Object.fromEntries(
    world.sqlServers.map(({ facts }) => [sqlName(facts), facts.databases.map(({ name }) => name)]),
  )
}

const backEnd = ['rtcxds', 'rtcshared', 'rtcab', 'rgsconfig', 'rgsdyn', 'cpsdyn', 'xds', 'lis']

describe('SQL Servers of a deployment', () => {
  test('a plain Back End has the databases of its roles, in the simple recovery model', () => {
    const world = frontEnds({ host: 'sql01.contoso.com', instance: 'rtc' })
    expect(databases(world)).toEqual({ 'sql01.contoso.com\\rtc': backEnd })
    const [{ facts } = { facts: null }] = world.sqlServers
    expect(facts).toMatchObject({ version: '2014', edition: 'Standard' })
    expect(facts!.databases.every(({ recoveryModel, state }) => recoveryModel === 'SIMPLE' && state === 'ONLINE')).toBe(
      true,
    )
  })

  test('of a mirrored one the partner has the same databases, restoring, both in the full recovery model', () => {
    const world = frontEnds({
      ...{ host: 'sql01.contoso.com', instance: 'rtc' },
      highAvailability: { mirror: { partner: 'sql02.contoso.com', witness: 'sql03.contoso.com' } },
    })
    expect(databases(world)).toEqual({ 'sql01.contoso.com\\rtc': backEnd, 'sql02.contoso.com\\rtc': backEnd })
    const [principal, mirror] = world.sqlServers.map(({ facts }) => facts.databases[0]!)
    expect(principal).toMatchObject({ state: 'ONLINE', recoveryModel: 'FULL', mirroring: { role: 'PRINCIPAL' } })
    expect(mirror).toMatchObject({ state: 'RESTORING', recoveryModel: 'FULL', mirroring: { role: 'MIRROR' } })
    expect(mirror!.guid).toBe(principal!.guid)
    expect(world.hosts.find(({ fqdn }) => fqdn === 'sql03.contoso.com')?.roles).toEqual(['sql-witness'])
  })

  test('an availability group: a listener in front of its replicas', () => {
    const world = frontEnds({
      host: 'sqlag.contoso.com',
      highAvailability: {
        'availability-group': { listener: 'sqlag.contoso.com', replicas: ['sql01.contoso.com', 'sql02.contoso.com'] },
      },
    })
    expect(Object.keys(databases(world))).toEqual(['sql01.contoso.com', 'sql02.contoso.com'])
    expect(world.sqlServers.map(({ facts }) => facts.databases[0]!.availabilityGroup?.role)).toEqual([
      'PRIMARY',
      'SECONDARY',
    ])
    expect(world.sqlListeners).toMatchObject([{ fqdn: 'sqlag.contoso.com', instance: '' }])
    expect(topologyDocument(world.topology)).toContain('<SqlInstance AlwaysOnPrimaryNodeFqdn="sql01.contoso.com">')
  })

  test('a failover cluster: one instance under the network name, its nodes are machines', () => {
    const nodes = ['node1.contoso.com', 'node2.contoso.com']
    const world = frontEnds({ host: 'sqlfci.contoso.com', highAvailability: { 'failover-cluster': { nodes } } })
    expect(databases(world)).toEqual({ 'sqlfci.contoso.com': backEnd })
    expect(world.hosts.map(({ fqdn }) => fqdn)).toEqual(expect.arrayContaining(['sqlfci.contoso.com', ...nodes]))
  })

  test('a Standard Edition server has its local Express instance', () => {
    const world = worldOf(
      ...base,
      deployment('lync-server-2013', 'se'),
      resource('SqlStore', 'se', { host: 'se01.contoso.com', instance: 'rtc' }),
      resource('Pool', 'se01.contoso.com', {
        ...{
          site: 'Redmond',
          type: 'standard-edition',
          servers: ['se01.contoso.com'],
          userStore: 'se',
          fileStore: 'fs01',
        },
      }),
    )
    expect(databases(world)).toEqual({ 'se01.contoso.com\\rtc': backEnd })
    expect(world.sqlServers[0]!.facts).toMatchObject({ edition: 'Express', version: '2012' })
    expect(world.managementShell.module).toBe('Lync')
  })

  test('the version that somebody wrote down is the version', () => {
    const world = frontEnds({ host: 'sql01.contoso.com', instance: 'rtc', version: '2016' })
    expect(world.sqlServers[0]!.facts.version).toBe('2016')
  })
})

const sampleWorld = (): World => buildWorld(desiredOf(sample), login, '2026-07-29T02:00:00.000Z')

test('the same desired state gives the same deployment', () => {
  const [one, two] = [sampleWorld(), sampleWorld()]
  expect(one).toEqual(two)
  expect(topologyDocument(one.topology)).toBe(topologyDocument(two.topology))
})

describe('machines', () => {
  const host = (world: World, name: string): World['hosts'][number] =>
    world.hosts.find(({ fqdn }) => fqdn === `${name}contoso.com`)!

  test('stand where the first pool that uses them stands', () => {
    const world = sampleWorld()
    const sites = Object.fromEntries(world.hosts.map(({ fqdn, site }) => [fqdn.replace('.contoso.com', ''), site]))
    expect(sites).toMatchObject({ fe01: 'Berlin', sql02: 'Berlin', sql05: 'Berlin', sql13: 'Berlin', fs01: 'Berlin' })
    expect(sites).toMatchObject({ fe11: 'Munich', sql12: 'Munich', 'contoso.com': 'Munich', se01: 'Munich' })
  })

  test('are all well: powered, reachable, services running, replicas up to date, no SMB at an Edge Server', () => {
    const world = sampleWorld()
    for (const { powered, network, services, replica } of world.hosts) {
      expect({ powered, network }).toEqual({ powered: true, network: 'open' })
      expect(services.every(({ running }) => running)).toBe(true)
      expect(replica === null || (replica.upToDate && replica.silentSince === null)).toBe(true)
    }
    expect(host(world, 'edge01.').listeners.map(({ port }) => port)).toEqual([5061, 443, 4443])
    expect(host(world, 'sql01.').listeners.map(({ port }) => port)).toEqual([445])
    expect(host(world, 'sql01.').replica).toBeNull()
  })

  test('of a pool have one patch level, of another product another', () => {
    const world = sampleWorld()
    const levels = ['fe01.', 'fe02.', 'fe03.', 'edge01.'].map((name) => host(world, name).replica?.productVersion)
    expect(new Set(levels).size).toBe(1)
    expect(host(world, 'se01.').replica?.productVersion).toMatch(/^5\.0\.8308\./)
  })
})

describe('Front Ends go on while enough of them run (domain reference, section 8.4)', () => {
  function world(members: number): World {
    return worldOf(
      ...base,
      deployment('skype-for-business-2015', 'be'),
      resource('SqlStore', 'be', { host: 'sql01.contoso.com', instance: 'rtc' }),
      resource('Pool', 'pool01.contoso.com', {
        ...{ site: 'Redmond', type: 'front-end', userStore: 'be', fileStore: 'fs01' },
        servers: Array.from({ length: members }, (_, index) => `fe${index + 1}.contoso.com`),
      }),
    )
  }

  test.each([
    // Members, members that vote, how many of these must run.
    [2, 2, 1],
    [3, 3, 2],
    [4, 4, 2],
    [5, 5, 3],
    [6, 6, 3],
    [7, 7, 4],
    [8, 7, 4],
    [9, 7, 4],
    [10, 9, 5],
    [11, 9, 5],
    [12, 9, 5],
  ])('%i members: of the first %i, %i', (members, voters, needed) => {
    const built = world(members)
    const frontEnds = built.hosts.filter(({ roles }) => roles.includes('front-end'))
    const kill = (count: number): void => {
      for (const [index, one] of frontEnds.entries()) one.powered = index >= count
    }
    const survivor = frontEnds.at(-1)!
    kill(voters - needed)
    expect(runningServices(built)(survivor, 'RTCSRV')).toBe(true)
    if (voters - needed + 1 === members) return
    kill(voters - needed + 1)
    expect(runningServices(built)(survivor, 'RTCSRV')).toBe(false)
    expect(runningServices(built)(survivor, 'REPLICA')).toBe(true)
  })
})

function desiredOf(folder: string): Desired {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }))
  const loaded = load('test', files)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors))
  return loaded.desired
}
