// What an import writes, point by point.
import { beforeEach, describe, expect, test } from 'vitest'
import { DeploymentBuilder } from './support/deployment.ts'
import { imported } from './support/import.ts'
import { centralManagement, enterprise, frontEnd, standardEdition, stores } from './support/pools.ts'

let builder: DeploymentBuilder
beforeEach(() => {
  builder = new DeploymentBuilder()
  builder.site('Berlin')
})

describe('editions', () => {
  test('an Enterprise pool may have one machine', async () => {
    const cluster = builder.host('pool01.contoso.com', { setup: true, machines: ['fe01.contoso.com'] })
    const sql = builder.sql(builder.host('sql01.contoso.com'))
    const share = builder.share(builder.host('fs01.contoso.com'), 'share')
    frontEnd(builder, cluster, { userStores: stores(builder, 'UserStore', sql), share })
    expect((await imported(builder.published())).spec('Pool')).toMatchObject({
      type: 'front-end',
      servers: ['fe01.contoso.com'],
    })
  })

  test('a Registrar without users is a Director, on a branch site a survivable branch', async () => {
    const pool = standardEdition(builder, 'se01.contoso.com')
    builder.service('Registrar', builder.host('dir01.contoso.com', { setup: true }))
    const branch = builder.host('sba01.contoso.com', { setup: true, site: builder.site('Potsdam', true) })
    builder.service('Registrar', branch, { uses: [[pool.registrar, 'Backup']] })
    builder.service('MediationServer', branch)
    for (const document of [builder.published(), builder.builderFile()]) {
      const result = await imported(document)
      expect(result.spec('Pool', 'dir01.contoso.com')['type']).toBe('director')
      expect(result.spec('Pool', 'sba01.contoso.com')).toMatchObject({ type: 'survivable-branch', site: 'Potsdam' })
      expect(result.warnings.join()).not.toMatch(/paired/)
      expect(result.loaded().ok).toBe(true)
    }
  })
})

describe('Persistent Chat', () => {
  test('a pool with its store and the compliance store', async () => {
    builder.version = 7
    standardEdition(builder, 'se01.contoso.com')
    const sql = builder.sql(builder.host('sqlchat.contoso.com'), 'chat')
    builder.service(
      'PersistentChatServer',
      builder.host('chat.contoso.com', { setup: true, machines: ['chat01.contoso.com'] }),
      {
        uses: [
          ...stores(builder, 'PersistentChatStore', sql),
          ...stores(builder, 'PersistentChatComplianceStore', sql),
        ],
      },
    )
    const result = await imported(builder.published())
    expect(result.spec('Pool', 'chat.contoso.com')).toMatchObject({
      type: 'persistent-chat',
      persistentChat: 'sqlchat-chat',
      compliance: 'sqlchat-chat',
    })
    expect(result.loaded().ok).toBe(true)
  })

  test('beside a deployment of 2019 it keeps its own version', async () => {
    builder.version = 8
    standardEdition(builder, 'se01.contoso.com')
    const sql = builder.sql(builder.host('sqlchat.contoso.com'))
    const chat = builder.host('chat01.contoso.com', { setup: true })
    builder.service('PersistentChatServer', chat, { uses: stores(builder, 'PersistentChatStore', sql), version: 7 })
    const result = await imported(builder.published())
    expect(result.spec('Pool', 'chat01.contoso.com')['product']).toBe('skype-for-business-2015')
    expect(result.loaded().ok).toBe(true)
  })

  test('one that claims to be newer than the product knows is kept, and told', async () => {
    builder.version = 8
    standardEdition(builder, 'se01.contoso.com')
    const sql = builder.sql(builder.host('sqlchat.contoso.com'))
    const chat = builder.host('chat01.contoso.com', { setup: true })
    builder.service('PersistentChatServer', chat, { uses: stores(builder, 'PersistentChatStore', sql) })
    const result = await imported(builder.published())
    expect(result.spec('Pool', 'chat01.contoso.com')).toMatchObject({ persistentChat: 'sqlchat-rtc' })
    expect(result.warnings.join()).toMatch(/chat01\.contoso\.com/)
    expect(result.loaded().ok).toBe(true)
  })
})

describe('high availability', () => {
  test('an availability group: listener, and the primary node first', async () => {
    builder.version = 7
    const cluster = builder.host('pool01.contoso.com', { setup: true, machines: ['fe01.contoso.com'] })
    const sql = builder.sql(builder.host('sqlag.contoso.com'), '', 'sqlnode1.contoso.com')
    const share = builder.share(builder.host('fs01.contoso.com'), 'share')
    frontEnd(builder, cluster, { userStores: stores(builder, 'UserStore', sql), share })
    const result = await imported(builder.published())
    expect(result.spec('SqlStore')).toEqual({
      host: 'sqlag.contoso.com',
      highAvailability: { 'availability-group': { listener: 'sqlag.contoso.com', replicas: ['sqlnode1.contoso.com'] } },
    })
    expect(result.loaded().ok).toBe(true)
  })

  test('an availability group whose listener is not set yet is told', async () => {
    builder.version = 8
    enterprise(builder, 'pool01.contoso.com', 'sql01.contoso.com').sql.primary = 'SQL01.contoso.com'
    const result = await imported(builder.published())
    expect(result.warnings.join('\n')).toMatch(/no listener/)
    expect(result.loaded().ok).toBe(true)
  })

  test('a mirror on an instance of another name, with a witness', async () => {
    const [a, b, w] = ['sqla', 'sqlb', 'sqlw'].map((name) => builder.host(`${name}.contoso.com`))
    const [principal, mirror, witness] = [builder.sql(a!, 'one'), builder.sql(b!, ''), builder.sql(w!, 'wit')]
    const share = builder.share(builder.host('fs01.contoso.com'), 'share')
    const userStores = [
      ...stores(builder, 'UserStore', principal, mirror),
      [builder.service('UserStore', witness), 'MirrorWitness'] as const,
    ]
    const cluster = builder.host('pool01.contoso.com', { setup: true, machines: ['fe01.contoso.com'] })
    frontEnd(builder, cluster, { userStores, share })
    const result = await imported(builder.published())
    expect(result.names('SqlStore')).toEqual(['sqla-one'])
    expect(result.spec('SqlStore')['highAvailability']).toEqual({
      mirror: { partner: String.raw`sqlb.contoso.com\MSSQLSERVER`, witness: String.raw`sqlw.contoso.com\wit` },
    })
    expect(result.loaded().ok).toBe(true)
  })

  test('a mirrored Central Management store is one SqlStore', async () => {
    const pool = standardEdition(builder, 'se01.contoso.com')
    const [principal, mirror] = [
      builder.sql(builder.host('cms1.contoso.com'), 'cms'),
      builder.sql(builder.host('cms2.contoso.com'), 'cms'),
    ]
    builder.service('CentralMgmt', pool.cluster, {
      active: true,
      uses: stores(builder, 'CentralMgmtStore', principal, mirror),
    })
    const result = await imported(builder.published())
    expect(result.spec('Deployment')['centralManagementStore']).toBe('cms1-cms')
    expect(result.names('SqlStore')).toEqual(['cms1-cms', 'se01-rtc'])
  })

  test('what the product cannot have is not written', async () => {
    builder.version = 8
    const [principal, mirror] = [
      builder.sql(builder.host('sql1.contoso.com')),
      builder.sql(builder.host('sql2.contoso.com')),
    ]
    const share = builder.share(builder.host('fs01.contoso.com'), 'share')
    const cluster = builder.host('pool01.contoso.com', { setup: true, machines: ['fe01.contoso.com'] })
    frontEnd(builder, cluster, { userStores: stores(builder, 'UserStore', principal, mirror), share })
    const result = await imported(builder.published())
    expect(result.spec('SqlStore', 'sql1-rtc')['highAvailability']).toBe('none')
    expect(result.warnings.join('\n')).toMatch(/ambiguous.*pool01\.contoso\.com does not support/)
    expect(result.loaded().ok).toBe(true)
  })
})

describe('two stores of one role', () => {
  test.each([
    ['both by default', 'Default', 'Default'],
    ['none by default', 'Mirror', 'Other'],
  ])('%s: the reference is left out, and both hosts are named', async (_name, one, two) => {
    const [a, b] = [builder.sql(builder.host('sqla.contoso.com')), builder.sql(builder.host('sqlb.contoso.com'))]
    const cluster = builder.host('pool01.contoso.com', { setup: true, machines: ['fe01.contoso.com'] })
    const share = builder.share(builder.host('fs01.contoso.com'), 'share')
    frontEnd(builder, cluster, {
      userStores: [[builder.service('UserStore', a), one] as const, [builder.service('UserStore', b), two] as const],
      share,
    })
    const result = await imported(builder.published())
    expect(result.spec('Pool')).not.toHaveProperty('userStore')
    expect(result.names('SqlStore')).toEqual(['sqla-rtc', 'sqlb-rtc'])
    const told = result.warnings.find((warning) => warning.includes('ambiguous'))
    expect(told).toContain('sqla.contoso.com')
    expect(told).toContain('sqlb.contoso.com')
    expect(result.loaded().ok).toBe(true)
  })
})

describe('pairing', () => {
  const pair = (back: boolean, edition: 'standard' | 'enterprise' = 'standard'): void => {
    const one = standardEdition(builder, 'se01.contoso.com')
    const two =
      edition === 'standard'
        ? standardEdition(builder, 'se02.contoso.com')
        : enterprise(builder, 'se02.contoso.com', 'sql02.contoso.com')
    one.registrar.uses.push([two.registrar, 'Backup'])
    if (back) two.registrar.uses.push([one.registrar, 'Default'])
  }

  test('both ways is a pair, whatever the usage says', async () => {
    pair(true)
    const result = await imported(builder.published())
    expect(result.spec('Pool', 'se01.contoso.com')['pairedWith']).toBe('se02.contoso.com')
    expect(result.spec('Pool', 'se02.contoso.com')['pairedWith']).toBe('se01.contoso.com')
    expect(result.loaded().ok).toBe(true)
  })

  test('one way is none', async () => {
    pair(false)
    const result = await imported(builder.published())
    expect(result.spec('Pool', 'se01.contoso.com')).not.toHaveProperty('pairedWith')
    expect(result.warnings.join('\n')).toMatch(/se01\.contoso\.com names se02\.contoso\.com/)
  })

  test('a Standard with an Enterprise pool is none', async () => {
    pair(true, 'enterprise')
    const result = await imported(builder.published())
    expect(result.spec('Pool', 'se01.contoso.com')).not.toHaveProperty('pairedWith')
    expect(result.loaded().ok).toBe(true)
  })
})

describe('Central Management store', () => {
  test('the active one of a pair counts', async () => {
    const one = standardEdition(builder, 'se01.contoso.com')
    const two = standardEdition(builder, 'se02.contoso.com')
    centralManagement(builder, one.cluster, one.sql, false)
    centralManagement(builder, two.cluster, two.sql, true)
    expect((await imported(builder.published())).spec('Deployment')['centralManagementStore']).toBe('se02-rtc')
  })

  test('two active ones are ambiguous', async () => {
    for (const name of ['se01', 'se02']) {
      const pool = standardEdition(builder, `${name}.contoso.com`)
      centralManagement(builder, pool.cluster, pool.sql)
    }
    const result = await imported(builder.published())
    expect(result.spec('Deployment')).not.toHaveProperty('centralManagementStore')
    expect(result.warnings.join('\n')).toMatch(/ambiguous: se01\.contoso\.com, se02\.contoso\.com/)
  })
})

describe('products', () => {
  test('a number that is newer than any counts as the newest known, and is named', async () => {
    builder.version = 9
    standardEdition(builder, 'se01.contoso.com')
    const result = await imported(builder.published())
    expect(result.spec('Deployment')['product']).toBe('skype-for-business-2019')
    expect(result.warnings.join('\n')).toMatch(/se01\.contoso\.com is of ServiceVersion 9/)
    expect(result.loaded().ok).toBe(true)
  })

  test('no number: the pool is taken for the deployment’s product, and told', async () => {
    standardEdition(builder, 'se01.contoso.com')
    builder.version = 'next'
    standardEdition(builder, 'se02.contoso.com')
    const result = await imported(builder.published())
    expect(result.spec('Pool', 'se02.contoso.com')).not.toHaveProperty('product')
    expect(result.warnings.join('\n')).toMatch(/ServiceVersion of pool se02/)
  })

  test('without a Central Management store the deployment has the product of most pools', async () => {
    builder.version = 7
    standardEdition(builder, 'se01.contoso.com')
    builder.version = 6
    standardEdition(builder, 'se02.contoso.com')
    standardEdition(builder, 'se03.contoso.com')
    expect((await imported(builder.published())).spec('Deployment')['product']).toBe('lync-server-2013')
  })
})

test('applications come once each from the owners of ports; testbot is none', async () => {
  const pool = standardEdition(builder, 'se01.contoso.com')
  const owners = ['PDP', 'testbot', 'Caa', 'RGS', 'Cas', 'rgs', 'Cps', 'Newer'].map((name) => `urn:application:${name}`)
  builder.service('ApplicationServer', pool.cluster, { owners: [...owners, 'urn:component:Registrar'] })
  expect((await imported(builder.published())).spec('Pool')['applications']).toEqual([
    'response-group',
    'call-park',
    'conferencing-attendant',
    'conferencing-announcement',
    'bandwidth-policy',
  ])
})

describe('file stores', () => {
  test('a DFS namespace claims no server', async () => {
    const pool = standardEdition(builder, 'se01.contoso.com')
    const share = builder.share(builder.host('contoso.com'), String.raw`lync\share`)
    pool.userServices.uses.splice(1, 1)
    for (const service of builder.services)
      service.uses = service.uses.map(([on, usage]) => [on === pool.share ? share : on, usage] as const)
    const result = await imported(builder.published())
    expect(result.spec('Pool')['fileStore']).toBe('contoso-lync-share')
    expect(result.spec('FileStore', 'contoso-lync-share')['path']).toBe(String.raw`\\contoso.com\lync\share`)
    expect(result.warnings.join('\n')).toMatch(/DFS namespace/)
    expect(result.loaded().ok).toBe(true)
  })

  test('a Topology Builder file that was downloaded keeps the ids of service folders', async () => {
    standardEdition(builder, 'se01.contoso.com')
    const result = await imported(builder.builderFile({ original: true, published: true }))
    expect(result.spec('FileStore')['serviceFolders']).toEqual([
      '1-ApplicationServer-1',
      '1-ConfServices-1',
      '1-UserServices-1',
      '1-WebServices-1',
    ])
    expect(result.warnings.join('\n')).not.toContain('draft')
  })

  test('a share name that Windows does not allow is left out', async () => {
    standardEdition(builder, 'se01.contoso.com').share.typed!.attributes['ShareName'] = 'a|b*'
    const result = await imported(builder.published())
    expect(result.names('FileStore')).toEqual([])
    expect(result.warnings.join('\n')).toMatch(/1-FileStore-1 has the path/)
    expect(result.loaded().ok).toBe(true)
  })
})

describe('what no document tells', () => {
  test('is proposed on a host that is free', async () => {
    standardEdition(builder, 'BACKUP01.contoso.com')
    enterprise(builder, 'pool01.contoso.com', 'backup02')
    const result = await imported(builder.published())
    expect(result.spec('BackupLocation')).toMatchObject({
      host: 'backup03.contoso.com',
      share: String.raw`\\backup03.contoso.com\LyncBackup`,
    })
    expect(result.spec('BackupPolicy')).toMatchObject({ location: 'backup03', include: 'all' })
    expect(result.loaded().ok).toBe(true)
  })

  test('the domain comes from the default SIP domain, else from the hosts', async () => {
    standardEdition(builder, 'se01.corp.contoso.com')
    builder.sipDomains = ['fabrikam.com', 'contoso.com']
    expect((await imported(builder.published())).spec('Deployment')).toMatchObject({
      domain: 'contoso.com',
      sipDomains: ['contoso.com', 'fabrikam.com'],
    })
    builder.domain = 'contoso'
    builder.sipDomains = []
    expect((await imported(builder.published())).spec('Deployment')).toMatchObject({
      domain: 'corp.contoso.com',
      sipDomains: ['corp.contoso.com'],
    })
  })

  test.each([
    ['現場', 'deployment'],
    ['CON', 'con-site'],
    ['  New   York / 2 ', 'new-york-2'],
    ['x'.repeat(200), 'x'.repeat(60)],
  ])('a site called %s gives the deployment the name %s', async (site, name) => {
    builder.sites[0]!.name = site
    standardEdition(builder, 'se01.contoso.com')
    const result = await imported(builder.published())
    expect(result.names('Deployment')).toEqual([name])
    expect(result.loaded().ok).toBe(true)
  })
})

describe('names of stores', () => {
  test('are unique where two hosts share their first label', async () => {
    enterprise(builder, 'pool01.contoso.com', 'sql01.emea.contoso.com')
    enterprise(builder, 'pool02.contoso.com', 'sql01.apac.contoso.com')
    const result = await imported(builder.published())
    expect(result.names('SqlStore')).toEqual(['sql01-apac-contoso-com-rtc', 'sql01-emea-contoso-com-rtc'])
    expect(result.spec('Pool', 'pool01.contoso.com')['userStore']).toBe('sql01-emea-contoso-com-rtc')
    expect(result.loaded().ok).toBe(true)
  })
})

test('unknown roles are named; one that looks like a store is named loudly', async () => {
  const pool = standardEdition(builder, 'se01.contoso.com')
  builder.service('HologramServices', pool.cluster)
  builder.service('HologramStore', pool.sql)
  const result = await imported(builder.published())
  expect(result.warnings.join('\n')).toMatch(/role HologramServices on se01\.contoso\.com is not known/)
  expect(result.warnings.join('\n')).toMatch(/ATTENTION: The role HologramStore/)
})

test('a server that stands in two pools stays in one, so that validate passes', async () => {
  standardEdition(builder, 'se01.contoso.com')
  builder.service(
    'ExternalServer',
    builder.host('app.contoso.com', { machines: ['SE01.contoso.com', 'app01.contoso.com'] }),
  )
  const result = await imported(builder.published())
  expect(result.spec('Pool', 'app.contoso.com')['servers']).toEqual(['app01.contoso.com'])
  expect(result.warnings.join('\n')).toMatch(/SE01\.contoso\.com is in two pools/)
  expect(result.loaded().ok).toBe(true)
})

test('a pool whose servers are all those of another one is told, and does not stay the half of a pair', async () => {
  const one = standardEdition(builder, 'se01.contoso.com')
  const two = enterprise(builder, 'pool01.contoso.com', 'sql01.contoso.com')
  const three = enterprise(builder, 'pool02.contoso.com', 'sql02.contoso.com')
  two.cluster.machines = [one.cluster.fqdn]
  two.registrar.uses.push([three.registrar, 'Backup'])
  three.registrar.uses.push([two.registrar, 'Backup'])
  const result = await imported(builder.published())
  expect(result.spec('Pool', 'pool01.contoso.com')['type']).toBe('unsupported')
  expect(result.warnings.join('\n')).toMatch(/pool01\.contoso\.com has no server of its own/)
  expect(result.loaded().ok).toBe(true)
})

test('a pool whose machines have no usable name keeps its own, and is backed up', async () => {
  const pool = enterprise(builder, 'pool01.contoso.com', 'sql01.contoso.com')
  pool.cluster.machines = ['fe?1.contoso.com', '10.0.0.7']
  const result = await imported(builder.published())
  expect(result.spec('Pool')).toMatchObject({ type: 'front-end', servers: ['pool01.contoso.com'] })
  expect(result.warnings.join('\n')).toMatch(/"fe\?1\.contoso\.com" is not the name of a host/)
  expect(result.loaded().ok).toBe(true)
})

test('a SQL instance with a name that none can have is left out and told', async () => {
  enterprise(builder, 'pool01.contoso.com', 'sql01.contoso.com').sql.name = 'r t c'
  const result = await imported(builder.published())
  expect(result.names('SqlStore')).toEqual([])
  expect(result.warnings.join('\n')).toMatch(/"r t c" on sql01\.contoso\.com is not the name of a SQL Server instance/)
  expect(result.loaded().ok).toBe(true)
})

test('a Central Management store that serves an unsupported pool stays a resource', async () => {
  builder.version = 5
  const pool = standardEdition(builder, 'old.contoso.com')
  centralManagement(builder, pool.cluster, pool.sql)
  const result = await imported(builder.published())
  expect(result.spec('Deployment')['centralManagementStore']).toBe('old-rtc')
  expect(result.names('SqlStore')).toEqual(['old-rtc'])
  expect(result.loaded().ok).toBe(true)
})

test('the file store of the Central Management store is not taken for that of the pool', async () => {
  const pool = standardEdition(builder, 'se01.contoso.com')
  const replication = builder.share(builder.host('fs01.contoso.com'), 'cms')
  centralManagement(builder, pool.cluster, pool.sql).uses.push([replication, 'Default'])
  const result = await imported(builder.published())
  expect(result.spec('Pool')['fileStore']).toBe('se01-lyncshare')
  expect(result.names('FileStore')).toEqual(['fs01-cms', 'se01-lyncshare'])
  expect(result.warnings.join('\n')).not.toMatch(/ambiguous/)
})

test('the proposed backup host is none of any kind in the topology', async () => {
  standardEdition(builder, 'se01.contoso.com')
  builder.service('WacService', builder.host('backup01'))
  expect((await imported(builder.published())).spec('BackupLocation')['host']).toBe('backup02.contoso.com')
})
