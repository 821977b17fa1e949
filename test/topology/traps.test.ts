// One test or more for each trap of the format: how these documents differ from what one expects.
import { beforeEach, describe, expect, test } from 'vitest'
import { readTopology } from '../../src/topology/read.ts'
import { DeploymentBuilder } from './support/deployment.ts'
import { imported } from './support/import.ts'
import { centralManagement, enterprise, frontEnd, standardEdition, stores } from './support/pools.ts'

let builder: DeploymentBuilder
beforeEach(() => {
  builder = new DeploymentBuilder()
  builder.site('Berlin')
})

describe('encoding', () => {
  test('a listing of properties in place of XML is told with the remedy', async () => {
    const listing = '\r\n\r\nxml                            Topology\r\n---                            --------\r\n'
    await expect(readTopology(Buffer.from(`\uFEFF${listing}`, 'utf16le'))).rejects.toMatchObject({
      code: 'topology-not-xml',
      message: expect.stringContaining('.ToString()') as string,
      hint: expect.stringContaining('-Encoding utf8') as string,
    })
  })

  test('umlauts that -Encoding ascii turned into question marks are told, and validate still passes', async () => {
    builder.sites[0]!.name = 'M?nchen'
    const pool = standardEdition(builder, 'se01.contoso.com')
    centralManagement(builder, pool.cluster, pool.sql)
    const result = await imported(Buffer.from(builder.published(), 'ascii'))
    expect(result.warnings[0]).toMatch(/M\?nchen.*-Encoding utf8/)
    expect(result.loaded().ok).toBe(true)
  })

  test('bytes that are no UTF-8 do not make files that validate refuses', async () => {
    builder.sites[0]!.name = 'München'
    standardEdition(builder, 'se01.contoso.com')
    const result = await imported(Buffer.from(builder.published(), 'latin1'))
    expect(result.warnings[0]).toMatch(/M\?nchen/)
    expect(result.spec('Pool')['site']).toBe('M?nchen')
    expect(result.loaded().ok).toBe(true)
  })

  test('umlauts in UTF-8 arrive whole, and the deployment gets a plain name', async () => {
    builder.sites[0]!.name = 'Haus Übersee (Nord)'
    standardEdition(builder, 'se01.contoso.com')
    const result = await imported(builder.published())
    expect(result.spec('Pool')['site']).toBe('Haus Übersee (Nord)')
    expect(result.names('Deployment')).toEqual(['haus-ubersee-nord'])
    expect(result.warnings.join()).not.toMatch(/lost/)
  })
})

describe('case', () => {
  test('names are compared without case and keep their spelling', async () => {
    const pool = enterprise(builder, 'Pool01.CONTOSO.com', 'SQL01.contoso.com')
    const copy = builder.published().replaceAll('RoleName="UserStore"', 'RoleName="USERSTORE"')
    const result = await imported(copy)
    expect(result.spec('Pool', 'Pool01.CONTOSO.com')).toMatchObject({ type: 'front-end', userStore: 'sql01-rtc' })
    expect(result.spec('SqlStore', 'sql01-rtc')['host']).toBe('SQL01.contoso.com')
    expect(pool.cluster.fqdn).toBe('Pool01.CONTOSO.com')
  })

  test('a short name is completed and told with both spellings', async () => {
    enterprise(builder, 'pool01.contoso.com', 'SQL01')
    const result = await imported(builder.published())
    expect(result.spec('SqlStore')['host']).toBe('SQL01.contoso.com')
    expect(result.warnings.filter((warning) => /SQL01 .*SQL01\.contoso\.com/.test(warning))).toHaveLength(1)
    expect(result.loaded().ok).toBe(true)
  })
})

test('default instance: an empty name is an instance, and MSSQLSERVER is the same', async () => {
  const cluster = builder.host('pool01.contoso.com', { setup: true, machines: ['fe01.contoso.com'] })
  const host = builder.host('sql01.contoso.com')
  frontEnd(builder, cluster, {
    userStores: stores(builder, 'UserStore', builder.sql(host, '')),
    registrarUses: stores(builder, 'ArchivingStore', builder.sql(host, 'MSSQLSERVER')),
    share: builder.share(builder.host('fs01.contoso.com'), 'share'),
  })
  const result = await imported(builder.published())
  expect(result.spec('SqlStore')).toEqual({ host: 'sql01.contoso.com', highAvailability: 'none' })
  expect(result.names('SqlStore')).toEqual(['sql01'])
  expect(result.spec('Pool')).toMatchObject({ userStore: 'sql01', archiving: 'sql01' })
})

test('collocation: stores and shares that several pools use are listed once', async () => {
  const shared = builder.sql(builder.host('sqlmon.contoso.com'), 'mon')
  const monitoring = stores(builder, 'MonitoringStore', shared)
  const share = builder.share(builder.host('fs01.contoso.com'), 'share')
  for (const name of ['pool01', 'pool02']) {
    const sql = builder.sql(builder.host(`${name}-sql.contoso.com`))
    const cluster = builder.host(`${name}.contoso.com`, { setup: true, machines: [`${name}-fe.contoso.com`] })
    frontEnd(builder, cluster, { userStores: stores(builder, 'UserStore', sql), registrarUses: monitoring, share })
  }
  const result = await imported(builder.published())
  expect(result.names('SqlStore')).toEqual(['pool01-sql-rtc', 'pool02-sql-rtc', 'sqlmon-mon'])
  expect(result.names('FileStore')).toEqual(['fs01-share'])
  for (const pool of ['pool01.contoso.com', 'pool02.contoso.com'])
    expect(result.spec('Pool', pool)).toMatchObject({ monitoring: 'sqlmon-mon', fileStore: 'fs01-share' })
})

test('orphans: an unused store is imported, told, and given to no pool', async () => {
  standardEdition(builder, 'se01.contoso.com')
  const host = builder.host('old01.contoso.com')
  builder.share(host, 'lyncold')
  builder.service('ArchivingStore', builder.sql(host, 'arch'))
  const result = await imported(builder.published())
  expect(result.names('FileStore')).toEqual(['old01-lyncold', 'se01-lyncshare'])
  expect(result.spec('Pool')).toMatchObject({ fileStore: 'se01-lyncshare' })
  expect(result.spec('Pool')).not.toHaveProperty('archiving')
  const unused = result.warnings.filter((warning) => warning.includes('unused'))
  expect(unused.join('\n')).toContain(String.raw`old01.contoso.com\arch`)
  expect(unused.join('\n')).toContain(String.raw`\\old01.contoso.com\lyncold`)
})

test('instance numbers: the references are followed, not the numbers', async () => {
  const [a, b] = [builder.host('sqla.contoso.com'), builder.host('sqlb.contoso.com')]
  const first = stores(builder, 'UserStore', builder.sql(a)) // UserStore 1
  const second = stores(builder, 'UserStore', builder.sql(b)) // UserStore 2
  const share = builder.share(builder.host('fs01.contoso.com'), 'share')
  const pool = (name: string) =>
    builder.host(`${name}.contoso.com`, { setup: true, machines: [`${name}-fe.contoso.com`] })
  frontEnd(builder, pool('pool01'), { userStores: second, share })
  frontEnd(builder, pool('pool02'), { userStores: first, share })
  const result = await imported(builder.published())
  expect(result.spec('Pool', 'pool01.contoso.com')['userStore']).toBe('sqlb-rtc')
  expect(result.spec('Pool', 'pool02.contoso.com')['userStore']).toBe('sqla-rtc')
})

describe('dangling references', () => {
  test('name both ends and the role, and the rest goes on', async () => {
    const pool = enterprise(builder, 'pool01.contoso.com', 'sql01.contoso.com')
    const lost = builder.service('ArchivingStore', pool.sql, { missing: true })
    pool.registrar.uses.push([lost, 'Default'])
    const result = await imported(builder.published())
    expect(result.dangling).toBe(1)
    expect(result.warnings[0]).toMatch(/^Registrar 1-Registrar-1 .* 1-ArchivingStore-1/)
    expect(result.spec('Pool')).toMatchObject({ userStore: 'sql01-rtc' })
    expect(result.loaded().ok).toBe(true)
  })

  test('a service on a cluster that is not there costs only that service', async () => {
    standardEdition(builder, 'se01.contoso.com')
    const gone = builder.host('gone.contoso.com')
    builder.service('FileStore', gone)
    builder.clusters.splice(builder.clusters.indexOf(gone), 1)
    const result = await imported(builder.published())
    expect(result.dangling).toBe(1)
    expect(result.warnings[0]).toMatch(/^FileStore 1-FileStore-2 .* 1:2/)
    expect(result.names('Pool')).toEqual(['se01.contoso.com'])
  })

  test('ids of a Topology Builder file are opaque and compared without case', async () => {
    const pool = standardEdition(builder, 'se01.contoso.com')
    centralManagement(builder, pool.cluster, pool.sql)
    const result = await imported(builder.builderFile())
    expect(result.dangling).toBe(0)
    expect(result.spec('Deployment')['centralManagementStore']).toBe('se01-rtc')
  })
})

test('clusters that need no backup are named in a note, or are pools without stores', async () => {
  standardEdition(builder, 'se01.contoso.com')
  builder.service('WacService', builder.host('wac01.contoso.com'))
  builder.service('PSTNGateway', builder.host('10.0.0.9'))
  builder.service('ExternalServer', builder.host('app.contoso.com', { machines: ['app01.contoso.com'] }))
  builder.service('EdgeServer', builder.host('edge.contoso.com', { setup: true, machines: ['edge01.contoso.com'] }))
  builder.service('MediationServer', builder.host('med.contoso.com', { setup: true, machines: ['med01.contoso.com'] }))
  const result = await imported(builder.published())
  expect(Object.fromEntries(result.names('Pool').map((name) => [name, result.spec('Pool', name)['type']]))).toEqual({
    'app.contoso.com': 'trusted-application',
    'edge.contoso.com': 'edge',
    'med.contoso.com': 'mediation',
    'se01.contoso.com': 'standard-edition',
  })
  expect(result.warnings.join('\n')).toMatch(/wac01\.contoso\.com \(WacService\)/)
  expect(result.warnings.join('\n')).toMatch(/10\.0\.0\.9 \(PSTNGateway\)/)
  expect(result.loaded().ok).toBe(true)
})

describe('coexistence', () => {
  test('a Lync 2010 pool is unsupported, and its stores are no backup items', async () => {
    const pool = standardEdition(builder, 'se01.contoso.com')
    centralManagement(builder, pool.cluster, pool.sql)
    builder.version = 5
    enterprise(builder, 'old.contoso.com', 'oldsql.contoso.com', builder.site('BackCompatSite'))
    const result = await imported(builder.published())
    expect(result.spec('Pool', 'old.contoso.com')).toEqual({
      site: 'BackCompatSite',
      type: 'unsupported',
      servers: ['old-fe01.contoso.com', 'old-fe02.contoso.com'],
    })
    expect(result.names('SqlStore')).toEqual(['se01-rtc'])
    expect(result.names('FileStore')).toEqual(['se01-lyncshare'])
    expect(result.warnings.join('\n')).toMatch(/old\.contoso\.com is of ServiceVersion 5/)
    expect(result.warnings.join('\n')).toContain(String.raw`\\old-fs.contoso.com\share serves only unsupported pools`)
    expect(result.loaded().ok).toBe(true)
  })

  test('versions differ per pool', async () => {
    builder.version = 8
    const pool = enterprise(builder, 'pool19.contoso.com', 'sql19.contoso.com')
    centralManagement(builder, pool.cluster, pool.sql)
    builder.version = 7
    standardEdition(builder, 'se15.contoso.com')
    const result = await imported(builder.published())
    expect(result.spec('Deployment')['product']).toBe('skype-for-business-2019')
    expect(result.spec('Pool', 'pool19.contoso.com')).not.toHaveProperty('product')
    expect(result.spec('Pool', 'se15.contoso.com')['product']).toBe('skype-for-business-2015')
  })

  test('a site called BackCompatSite gives the deployment no name', async () => {
    builder.sites[0]!.name = 'BackCompatSite'
    standardEdition(builder, 'se01.contoso.com', builder.site('New York'))
    expect((await imported(builder.published())).names('Deployment')).toEqual(['new-york'])
  })
})

test('volatile parts: another signature, order, and other ports change nothing', async () => {
  const pool = enterprise(builder, 'pool01.contoso.com', 'sql01.contoso.com')
  centralManagement(builder, pool.cluster, pool.sql)
  const before = await imported(builder.published())
  builder.signature = '99999999-2222-3333-4444-555555555555'
  builder.services.reverse()
  builder.clusters.reverse()
  const after = await imported(builder.published())
  expect(after.resources).toEqual(before.resources)
})

test('role is not type: services without Type and role element count', async () => {
  standardEdition(builder, 'se01.contoso.com')
  const untyped = builder.published().replace(/ Type="[^"]*"/g, '')
  expect((await imported(untyped)).spec('Pool')['type']).toBe('standard-edition')
})

test('elements of the same name elsewhere in the document are not taken for topology', async () => {
  standardEdition(builder, 'se01.contoso.com')
  const [published, wrapped] = [await imported(builder.published()), await imported(builder.configuration())]
  expect(wrapped.resources).toEqual(published.resources)
})

test('a bare machine has the name of its cluster', async () => {
  standardEdition(builder, 'se01.contoso.com')
  const text = builder.builderFile()
  expect(text).toMatch(/<Machine \/>/)
  expect((await imported(text)).spec('Pool')['servers']).toEqual(['se01.contoso.com'])
})
