import { expect, test } from 'vitest'
import { load, type Desired } from '../../src/desired/load.ts'
import { smallDeployment } from '../support/desired-files.ts'

function desired(...more: string[]): Desired {
  const text = [smallDeployment, ...more.map((one) => `apiVersion: holdfast/v1\n${one}\n`)].join('---\n')
  const loaded = load('r', [{ path: 'a.yaml', text }])
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors))
  return loaded.desired
}

const sqlStore = (name: string, spec: string): string =>
  `kind: SqlStore\nmetadata: { name: ${name} }\nspec: { host: ${name}.contoso.com, ${spec} }`

test('the default instance has three spellings', () => {
  const { sqlStores } = desired(
    sqlStore('a', 'instance: MSSQLSERVER'),
    sqlStore('b', "instance: ''"),
    sqlStore('c', 'port: 1433'),
  )
  expect(sqlStores.slice(1).map(({ instance, port }) => [instance, port])).toEqual([
    ['', null],
    ['', null],
    ['', 1433],
  ])
})

test('high availability: the partner has the instance of its store unless it names another', () => {
  const { sqlStores } = desired(
    sqlStore(
      'a',
      'instance: rtc, highAvailability: { mirror: { partner: a2.contoso.com, witness: w.contoso.com\\wit } }',
    ),
    sqlStore('b', 'instance: rtc, highAvailability: { mirror: { partner: b2.contoso.com\\MSSQLSERVER } }'),
    sqlStore(
      'c',
      'highAvailability: { availability-group: { listener: l.contoso.com, replicas: [c1.contoso.com, c2.contoso.com] } }',
    ),
    sqlStore('d', 'highAvailability: { failover-cluster: { nodes: [d1.contoso.com] } }'),
    sqlStore('e', 'highAvailability: none'),
  )
  expect(sqlStores.slice(1).map((store) => store.highAvailability)).toEqual([
    { kind: 'mirror', partner: { host: 'a2.contoso.com', instance: 'rtc' }, witness: 'w.contoso.com' },
    { kind: 'mirror', partner: { host: 'b2.contoso.com', instance: '' }, witness: null },
    { kind: 'availability-group', listener: 'l.contoso.com', replicas: ['c1.contoso.com', 'c2.contoso.com'] },
    { kind: 'failover-cluster', nodes: ['d1.contoso.com'] },
    { kind: 'none' },
  ])
})

test('a policy that says little gets the careful defaults', () => {
  const [policy] = desired().policies
  expect(policy).toMatchObject({
    name: 'nightly',
    location: { name: 'backup01', host: 'backup01.contoso.com', minimumFree: 0, copies: [] },
    include: null,
    persistentChat: 'sql',
    schedule: { cron: '0 2 * * *', timeZone: 'Europe/Berlin', windowSeconds: null, jitterSeconds: 0, catchUp: true },
    recoveryPointObjectiveSeconds: null,
    afterConfigurationChange: false,
    verification: { onCreate: 'checksum', everyDays: null, restoreTest: null },
    retention: { keepLast: 0, daily: 0, keepWithinSeconds: 0, enforce: false },
  })
})

test('a policy that says much: units, names in the spelling of the resource, the store of the restore test', () => {
  const policy = desired(
    `kind: BackupPolicy
metadata: { name: p }
spec:
  location: BACKUP01
  include: { kinds: [file-store], pools: [SE01.CONTOSO.COM], stores: [SE01-share] }
  schedule: { cron: 0 */4 * * *, window: 2h, jitter: 5m, catchUp: false }
  recoveryPointObjective: 26h
  verification: { onCreate: content, everyDays: 7, restoreTest: { sqlStore: SQLTEST, folder: 'D:\\Test', validDays: 30 } }
  retention: { keepWithin: 2d, daily: 7, enforce: true }`,
    'kind: SqlStore\nmetadata: { name: sqltest }\nspec: { host: sqltest.contoso.com }',
  ).policies.find(({ name }) => name === 'p')
  expect(policy).toMatchObject({
    include: { kinds: ['file-store'], pools: ['se01.contoso.com'], stores: ['se01-share'] },
    schedule: { timeZone: 'UTC', windowSeconds: 7200, jitterSeconds: 300, catchUp: false },
    recoveryPointObjectiveSeconds: 93_600,
    verification: {
      onCreate: 'content',
      everyDays: 7,
      restoreTest: {
        databases: { sqlStore: { host: 'sqltest.contoso.com' }, folder: 'D:\\Test' },
        ...{ files: null, imports: false, everyDays: 7, validDays: 30 },
      },
    },
    retention: { keepWithinSeconds: 172_800, daily: 7, enforce: true },
  })
})

test('a pool knows its product, its stores and its file store', () => {
  const { pools, deployment } = desired(
    'kind: Pool\nmetadata: { name: edge.contoso.com }\nspec: { site: B, type: edge, product: skype-for-business-se, servers: [e.contoso.com] }',
  )
  expect(deployment.graceSeconds).toBe(900)
  expect(pools).toMatchObject([
    {
      fqdn: 'se01.contoso.com',
      product: 'lync-server-2013',
      servers: ['se01.contoso.com'],
      stores: { user: { name: 'se01-rtc' } },
      fileStore: { path: '\\\\se01.contoso.com\\LyncShare' },
      pairedWith: null,
    },
    { fqdn: 'edge.contoso.com', product: 'skype-for-business-se', stores: {}, fileStore: null },
  ])
})
