import { describe, expect, it } from 'vitest'
import type { Facts } from '../../../src/domain/facts.ts'
import type { Desired } from '../../../src/domain/model.ts'
import { fileStore, keptElsewhere, location, pool, sqlStore } from '../../support/desired.ts'
import { publishedAs, summary } from '../../support/observed.ts'
import {
  certificate,
  database,
  digestWith,
  driftOf,
  healthy,
  instance,
  mirror,
  modules,
  principal,
  replica,
  states,
  set,
  told,
  type Change,
  twoStores,
} from './world.ts'

it('a healthy deployment has none, and neither has one of which nothing was seen', () => {
  expect(driftOf()).toEqual([])
  const blind = digestWith({})
  const unknown = Object.fromEntries(Object.keys(blind.observed.facts).map((fact) => [fact, null]))
  expect(told({ sights: unknown })).toEqual([])
})

/** The topology as published, when it says what this desired state says. */
const published = (desired: Partial<Desired>): NonNullable<Change['sights']> => ({
  publishedTopology: { contoso: { signature: 'S-2', topology: publishedAs({ ...healthy, ...desired }) } },
})
const [first, second, edge] = healthy.pools as [Desired['pools'][0], Desired['pools'][0], Desired['pools'][0]]
const [backEnd, secondBackEnd, monitoring] = healthy.sqlStores as [
  Desired['sqlStores'][0],
  Desired['sqlStores'][0],
  Desired['sqlStores'][0],
]
const others = [second, edge]

describe('the published topology against Git', () => {
  it.each<[string, Partial<Desired>, string[]]>([
    [
      'another pool',
      { pools: [...healthy.pools, pool('pool03.contoso.com', 'front-end')] },
      ['error unmanaged pool03.contoso.com'],
    ],
    [
      'another pool without data',
      { pools: [...healthy.pools, pool('med.contoso.com', 'mediation')] },
      ['warning unmanaged med.contoso.com'],
    ],
    ['a pool of an older product', { pools: [...healthy.pools, pool('ocs.contoso.com', 'unsupported')] }, []],
    [
      'another SQL store',
      { sqlStores: [...healthy.sqlStores, sqlStore('sql09.contoso.com')] },
      ['error unmanaged sql09.contoso.com\\rtc'],
    ],
    [
      'another file store',
      { fileStores: [...healthy.fileStores, fileStore('\\\\fs02.contoso.com\\Lync')] },
      ['error unmanaged \\\\fs02.contoso.com\\Lync'],
    ],
    ['a pool less', { pools: [first, second] }, ['warning not-published edge.contoso.com']],
    [
      'a SQL store less',
      { sqlStores: [backEnd, secondBackEnd], pools: [{ ...first, stores: { user: backEnd } }, ...others] },
      ['warning not-published sql05.contoso.com', 'warning published-differs pool01.contoso.com'],
    ],
    [
      'other servers',
      { pools: [{ ...first, servers: ['fe01.contoso.com'] }, ...others] },
      ['warning published-differs pool01.contoso.com'],
    ],
    [
      'servers in another order',
      { pools: [{ ...first, servers: [...first.servers].reverse() }, ...others] },
      ['warning published-differs pool01.contoso.com'],
    ],
    [
      'another site',
      { pools: [{ ...first, site: 'Berlin' }, ...others] },
      ['warning published-differs pool01.contoso.com'],
    ],
    [
      'another product',
      { pools: [{ ...first, product: 'skype-for-business-2019' }, ...others] },
      ['warning published-differs pool01.contoso.com'],
    ],
    [
      'another type',
      { pools: [first, second, { ...edge, type: 'director' }] },
      ['warning published-differs edge.contoso.com'],
    ],
    [
      'an application with data',
      { pools: [first, { ...second, applications: ['call-park'] }, edge] },
      ['warning published-differs pool02.contoso.com'],
    ],
    ['an application without data', { pools: [first, { ...second, applications: ['bandwidth-policy'] }, edge] }, []],
    [
      'names in another case',
      {
        pools: [
          { ...first, fqdn: 'POOL01.contoso.com', site: 'SEATTLE', servers: ['FE01.contoso.com', 'fe02.CONTOSO.com'] },
          ...others,
        ],
      },
      [],
    ],
    [
      'other SIP domains',
      { deployment: { ...healthy.deployment, sipDomains: ['contoso.com', 'fabrikam.com'] } },
      ['warning published-differs contoso'],
    ],
    [
      'another Central Management store',
      { deployment: { ...healthy.deployment, centralManagementStore: secondBackEnd } },
      ['warning published-differs contoso'],
    ],
    [
      'no word on the Central Management store',
      { deployment: { ...healthy.deployment, centralManagementStore: null } },
      [],
    ],
    [
      'no mirror',
      { sqlStores: [{ ...backEnd, highAvailability: { kind: 'none' } }, secondBackEnd, monitoring] },
      ['warning published-differs sql01.contoso.com\\rtc'],
    ],
    [
      'other service folders',
      {
        fileStores: [
          fileStore('\\\\fs01.contoso.com\\Lync', {
            name: healthy.fileStores[0]!.name,
            serviceFolders: ['1-WebServices-1'],
          }),
        ],
      },
      ['warning published-differs \\\\fs01.contoso.com\\Lync'],
    ],
  ])('%s', (_, desired, rows) => {
    expect(told({ sights: published(desired) })).toEqual(rows)
  })

  it('stores are compared by what they stand for, whatever they are called', () => {
    const renamed = healthy.sqlStores.map((store) => ({ ...store, name: `other-${store.name}` }))
    const byName = (name: string): Desired['sqlStores'][0] => renamed.find((store) => store.name === `other-${name}`)!
    const pools = [
      { ...first, stores: { user: byName(backEnd.name), monitoring: byName(monitoring.name) } },
      { ...second, stores: { user: byName(secondBackEnd.name) } },
      edge,
    ]
    const deployment = { ...healthy.deployment, centralManagementStore: byName(backEnd.name) }
    expect(told({ sights: published({ sqlStores: renamed, pools, deployment }) })).toEqual([])
  })

  it('tells each field, in one row for a pool', () => {
    const servers = ['fe01.contoso.com', 'fe03.contoso.com']
    const [row, ...more] = driftOf({
      sights: published({ pools: [{ ...first, servers, fileStore: null }, ...others] }),
    })
    expect(more).toEqual([])
    expect(row).toMatchObject({
      desired: 'servers: fe01.contoso.com, fe02.contoso.com; file store: \\\\fs01.contoso.com\\Lync',
      observed: 'servers: fe01.contoso.com, fe03.contoso.com; file store: none',
    })
  })

  it('a document cannot tell Subscription Edition from 2019', () => {
    const as = (product: Desired['pools'][0]['product']): Partial<Desired> => ({
      pools: [first, second, { ...edge, product }],
    })
    expect(told({ desired: as('skype-for-business-se'), sights: published(as('skype-for-business-2019')) })).toEqual([])
    expect(
      told({ desired: as('skype-for-business-2019'), sights: published(as('skype-for-business-2015')) }),
    ).toHaveLength(1)
  })

  it('what is published and in Git must be in some policy', () => {
    const [nightly] = digestWith({}).desired.policies
    const include = { kinds: ['configuration' as const], pools: ['pool02.contoso.com'], stores: [] }
    const rows = told({ desired: { policies: [{ ...nightly!, include }] } }).filter((row) => !row.includes('outdated'))
    expect(rows).toEqual([
      'error export-unmanaged pool01.contoso.com',
      'error export-unmanaged sql05.contoso.com/LcsCDR',
      'error export-unmanaged sql05.contoso.com/QoEMetrics',
      'error export-unmanaged \\\\fs01.contoso.com\\Lync',
    ])
  })
})

describe('the environment against the newest set', () => {
  it.each<[string, NonNullable<Change['sights']>, string[]]>([
    [
      'an address',
      { dns: { 'fe01.contoso.com': { answers: ['10.0.0.9'] } } },
      ['warning environment-changed fe01.contoso.com'],
    ],
    [
      'a lost name of the deployment',
      { dns: { 'sip.contoso.com': { answers: [] } } },
      ['warning environment-changed sip.contoso.com'],
    ],
    [
      'a certificate',
      { tls: { 'fe01.contoso.com': { ...certificate('2026-12-31T00:00:00.000Z'), thumbprint: 'CD34' } } },
      ['warning environment-changed fe01.contoso.com'],
    ],
    [
      'a SQL version',
      { sqlInstance: { 'sql05.contoso.com': { ...instance([]), version: '13.0.1601.5' } } },
      ['warning environment-changed sql05.contoso.com'],
    ],
    [
      'DHCP options',
      { dhcp: { contoso: { servers: [{ name: 'dhcp01.contoso.com', options: [{ id: 43, value: '00-02' }] }] } } },
      ['warning environment-changed dhcp01.contoso.com'],
    ],
    [
      'a database that was made again',
      { sqlInstance: { 'sql05.contoso.com': instance([database('LcsCDR', { guid: 'another' })]) } },
      ['error database-recreated sql05.contoso.com/LcsCDR'],
    ],
    [
      'the same by its age',
      {
        sqlInstance: {
          'sql05.contoso.com': instance([database('LcsCDR', { guid: null, createdAt: '2026-03-10T03:00:00.000Z' })]),
        },
      },
      ['error database-recreated sql05.contoso.com/LcsCDR'],
    ],
    [
      'a database that was restored over one that was made again (fault E4)',
      {
        sqlInstance: { 'sql05.contoso.com': instance([database('LcsCDR', { guid: 'another', family: 'family' })]) },
      },
      [],
    ],
    [
      'a database that is offline and tells nothing',
      {
        sqlInstance: {
          'sql05.contoso.com': instance([database('LcsCDR', { guid: null, createdAt: null, state: 'OFFLINE' })]),
        },
      },
      [],
    ],
  ])('%s', (_, sights, rows) => {
    expect(told({ sights })).toEqual(rows)
  })

  it.each([
    ['after that', 'sql05.contoso.com', '2026-03-10T04:00:00.000Z', []],
    [
      'before that',
      'sql05.contoso.com',
      '2026-03-10T02:00:00.000Z',
      ['error database-recreated sql05.contoso.com/LcsCDR'],
    ],
    [
      'ahead of now',
      'sql05.contoso.com',
      '2026-03-10T13:00:00.000Z',
      ['error database-recreated sql05.contoso.com/LcsCDR'],
    ],
    [
      'of another',
      'sql01.contoso.com',
      '2026-03-10T04:00:00.000Z',
      ['error database-recreated sql05.contoso.com/LcsCDR'],
    ],
  ])('a database that was made again, and whose restore somebody finished %s', (_, server, at, rows) => {
    const made = database('LcsCDR', { guid: 'another', createdAt: '2026-03-10T03:00:00.000Z' })
    const recovery = {
      name: 'r',
      file: 'r.yaml',
      server,
      scenario: 'archiving-monitoring' as const,
      from: 'latest',
      run: 'guide' as const,
      accept: [],
      acknowledge: [],
      choose: [],
    }
    const recoveries = [{ ...recovery, finished: { by: 'Jane', at, note: null } }]
    expect(
      told({ desired: { recoveries }, sights: { sqlInstance: { 'sql05.contoso.com': instance([made]) } } }),
    ).toEqual(rows)
  })

  it('behind a listener stands now one replica, now another', () => {
    const record = { 'sql05.contoso.com/LcsCDR': { guid: 'guid of LcsCDR', replicaRole: 'PRIMARY' } }
    const other = instance([database('LcsCDR', { guid: 'another', recoveryModel: 'FULL', replicaRole: 'PRIMARY' })])
    const sights = { environmentRecord: { [set]: { record } }, sqlInstance: { 'sql05.contoso.com': other } }
    expect(told({ sights })).toEqual([])
  })

  it('tells all facts of a subject in one row, with both values', () => {
    const sights = {
      dns: { 'fe01.contoso.com': { answers: ['10.0.0.9'] } },
      tls: { 'fe01.contoso.com': { ...certificate('2026-12-31T00:00:00.000Z'), thumbprint: 'CD34' } },
    }
    expect(driftOf({ sights })).toMatchObject([
      { desired: 'DNS: 10.0.0.1; certificate: AB12', observed: 'DNS: 10.0.0.9; certificate: CD34' },
    ])
  })

  it('a mirror that was made again is no loss', () => {
    const record = { 'sql02.contoso.com\\rtc/xds': { guid: 'unknown', createdAt: '2025-01-01T00:00:00.000Z' } }
    const made = instance([mirror('rtcxds'), mirror('xds', { createdAt: '2026-03-10T03:00:00.000Z' })])
    expect(
      told({ sights: { environmentRecord: { [set]: { record } }, sqlInstance: { 'sql02.contoso.com\\rtc': made } } }),
    ).toEqual([])
  })

  it.each(['absent', 'clean', 'half-built'] as const)('of a host that is %s its flag tells enough', (name) => {
    const sights = {
      dns: { 'fe01.contoso.com': { answers: ['10.0.0.9'] } },
      replication: { contoso: { replicas: [replica('fe01.contoso.com', false), replica('fe02.contoso.com', true)] } },
    }
    expect(told({ sights, classes: { 'fe01.contoso.com': name } })).toEqual([])
    expect(told({ sights, classes: { 'fe01.contoso.com': 'unreachable' } })).toHaveLength(2)
  })

  const share = '\\\\fs01.contoso.com\\Lync'
  it.each<[string, NonNullable<Change['sights']>, object, object | undefined, string[]]>([
    ['DNS was gone', {}, { dns: 'none' }, undefined, []],
    ['DNS was gone, and is as it was before', {}, { dns: 'none' }, { dns: '10.0.0.1' }, []],
    [
      'DNS was gone, and came back otherwise',
      { dns: { 'fe01.contoso.com': { answers: ['10.0.0.9'] } } },
      { dns: 'none' },
      { dns: '10.0.0.1' },
      ['fe01.contoso.com DNS: 10.0.0.1 DNS: 10.0.0.9'],
    ],
    [
      'nobody saw the certificate',
      {},
      { thumbprint: 'unknown' },
      { thumbprint: 'EF56' },
      ['fe01.contoso.com certificate: EF56 certificate: AB12'],
    ],
  ])('of a set made while %s', (_, sights, facts, before, rows) => {
    const value = {
      record: { 'fe01.contoso.com': { ...facts } },
      ...(before === undefined ? {} : { earlier: { 'fe01.contoso.com': { ...before } } }),
    }
    const told = driftOf({ sights: { ...sights, environmentRecord: { [set]: value } } })
    expect(told.map(({ subject, desired, observed }) => `${subject} ${desired} ${observed}`)).toEqual(rows)
  })

  it('of a set made while a store was empty: what was there before is wanted, also while it is still gone', () => {
    const record = { [share]: { serviceFolders: 'none' } }
    const earlier = { [share]: { serviceFolders: '1-ApplicationServer-1, 1-WebServices-1' } }
    const repaired = { environmentRecord: { [set]: { record, earlier } } }
    expect(driftOf({ sights: { environmentRecord: { [set]: { record } } } })).toEqual([])
    expect(driftOf({ sights: repaired })).toEqual([])
    expect(driftOf({ sights: { ...repaired, fileStore: { [share]: { folders: [] } } } })).toMatchObject([
      { code: 'environment-changed', desired: 'service folders: 1-ApplicationServer-1, 1-WebServices-1' },
    ])
  })

  it('a renewed certificate is no difference', () => {
    const of = (names: string): object => ({
      certificate: `CN=fe01; names ${names}; CN=CA; until 2026-06-01T00:00:00.000Z`,
      thumbprint: 'CD34',
    })
    const against = (names: string): string[] =>
      told({ sights: { environmentRecord: { [set]: { record: { 'fe01.contoso.com': { ...of(names) } } } } } })
    expect(against('fe01')).toEqual([])
    expect(against('fe01, pool01')).toEqual(['warning environment-changed fe01.contoso.com'])
  })

  it('goes by the newest set that holds a record', () => {
    const changed = { dns: { 'fe01.contoso.com': { answers: ['10.0.0.9'] } } }
    const newer = summary('2026-03-10T06:00:00.000Z', {
      whole: false,
      ok: [{ kind: 'environment', subject: 'contoso' }],
    })
    const record = { 'fe01.contoso.com': { dns: '10.0.0.9' } }
    const sets = [...digestWith({}).observed.sets, newer]
    expect(told({ sights: changed, sets })).toEqual([])
    expect(told({ sights: { ...changed, environmentRecord: { [newer.id]: { record } } }, sets })).toEqual([])
    expect(told({ sights: { environmentRecord: { [newer.id]: { record } } }, sets })).toEqual([
      'warning environment-changed fe01.contoso.com',
    ])
  })
})

describe('recovery models and log backups', () => {
  const monitor = (...databases: Parameters<typeof instance>[0]): Change => ({
    sights: { sqlInstance: { 'sql05.contoso.com': instance(databases) } },
  })
  const mirrored = (one: Facts['sqlInstance'] | undefined, other: Facts['sqlInstance'] | undefined): Change => ({
    sights: { sqlInstance: { 'sql01.contoso.com\\rtc': one, 'sql02.contoso.com\\rtc': other } },
  })
  const old = '2026-03-09T11:00:00.000Z'
  const row = 'warning log-backup-missing sql01.contoso.com\\rtc'
  it('of an availability group each replica once, and not its listener again', () => {
    const primary = database('LcsCDR', { replicaRole: 'PRIMARY', lastLogBackupAt: old })
    const secondary = database('LcsCDR', { replicaRole: 'SECONDARY', recoveryModel: 'FULL', lastLogBackupAt: null })
    const group = {
      kind: 'availability-group' as const,
      listener: 'ag01.contoso.com',
      replicas: ['sql06.contoso.com', 'sql07.contoso.com'],
    }
    const sqlStores = [backEnd, secondBackEnd, sqlStore('ag01.contoso.com', '', { highAvailability: group })]
    const sights = {
      publishedTopology: null,
      sqlInstance: {
        'ag01.contoso.com': instance([primary]),
        'sql06.contoso.com': instance([primary]),
        'sql07.contoso.com': instance([secondary]),
      },
    }
    expect(told({ desired: { sqlStores }, sights })).toEqual([
      'warning recovery-model sql06.contoso.com/LcsCDR',
      'warning log-backup-missing ag01.contoso.com',
    ])
  })

  it.each<[string, Change, string[]]>([
    [
      'FULL where it is plain',
      monitor(database('LcsCDR', { recoveryModel: 'FULL' })),
      ['warning recovery-model sql05.contoso.com/LcsCDR'],
    ],
    [
      'BULK_LOGGED where it is plain',
      monitor(database('LcsCDR', { recoveryModel: 'BULK_LOGGED' })),
      ['warning recovery-model sql05.contoso.com/LcsCDR'],
    ],
    [
      'FULL, and somebody backs up its log',
      monitor(database('LcsCDR', { recoveryModel: 'FULL', lastLogBackupAt: old, logShipped: false })),
      [],
    ],
    [
      'FULL, and somebody backed up its log long ago',
      monitor(
        database('LcsCDR', { recoveryModel: 'FULL', lastLogBackupAt: '2026-02-01T00:00:00.000Z', logShipped: false }),
      ),
      ['warning recovery-model sql05.contoso.com/LcsCDR'],
    ],
    [
      'FULL, and its log is shipped',
      monitor(database('LcsCDR', { recoveryModel: 'FULL', lastLogBackupAt: null, logShipped: true })),
      [],
    ],
    ['FULL of a database that is not ours', monitor(database('Payroll', { recoveryModel: 'FULL' })), []],
    [
      'SIMPLE where it is mirrored',
      mirrored(instance([principal('xds', { recoveryModel: 'SIMPLE' })]), instance([mirror('xds')])),
      ['warning recovery-model sql01.contoso.com\\rtc/xds'],
    ],
    [
      'FULL while its session is gone',
      mirrored(instance([database('xds', { recoveryModel: 'FULL' })]), instance([])),
      [],
    ],
    [
      'a log backup on the mirror, before a failover',
      mirrored(
        instance([principal('xds', { lastLogBackupAt: old })]),
        instance([mirror('xds', { lastLogBackupAt: '2026-03-10T10:00:00.000Z' })]),
      ),
      [],
    ],
    [
      'no log backup for a day',
      mirrored(instance([principal('xds', { lastLogBackupAt: old })]), instance([mirror('xds')])),
      [row],
    ],
    [
      'no log backup ever, of two databases',
      mirrored(
        instance([principal('xds', { lastLogBackupAt: null }), principal('rtcxds', { lastLogBackupAt: null })]),
        instance([mirror('xds'), mirror('rtcxds')]),
      ),
      [row],
    ],
    [
      'history that may not be read',
      mirrored(
        instance([database('xds', { recoveryModel: 'FULL', mirroringRole: 'PRINCIPAL' })]),
        instance([mirror('xds')]),
      ),
      [],
    ],
    [
      'a partner that does not answer',
      mirrored(instance([principal('xds', { lastLogBackupAt: null })]), undefined),
      [],
    ],
    [
      'a database made today',
      mirrored(
        instance([principal('xds', { lastLogBackupAt: null, createdAt: '2026-03-10T03:00:00.000Z' })]),
        instance([mirror('xds')]),
      ),
      [],
    ],
  ])('%s', (_, change, rows) => {
    expect(told(change)).toEqual(rows)
  })
})

describe('pairing', () => {
  const pairing = (
    exports: Record<string, string>,
    importStatus?: string,
    partner: string | null = 'pool02.contoso.com',
  ): Change => ({
    sights: { pairing: { 'pool01.contoso.com': { partner, modules: modules(exports, importStatus) } } },
  })
  const users = 'UserServices.PresenceFocus'
  it.each<[string, Change, string[]]>([
    [
      'of which only the partner knows',
      pairing({}, undefined, null),
      ['error pairing-differs pool01.contoso.com', 'error pairing-not-mutual pool02.contoso.com'],
    ],
    [
      'with another',
      pairing({}, undefined, 'pool09.contoso.com'),
      ['error pairing-differs pool01.contoso.com', 'error pairing-not-mutual pool02.contoso.com'],
    ],
    ['NonSteadyState', pairing({ [users]: 'NonSteadyState' }), ['warning pairing-not-steady pool01.contoso.com']],
    ['ErrorState of the export', pairing({ [users]: 'ErrorState' }), ['error pairing-not-steady pool01.contoso.com']],
    [
      'ErrorState of the import',
      pairing({ [users]: 'FinalState' }, 'ErrorState'),
      ['error pairing-not-steady pool01.contoso.com'],
    ],
    [
      'NotInitialized of user data',
      pairing({ [users]: 'NotInitialized' }),
      ['warning pairing-not-steady pool01.contoso.com'],
    ],
    [
      'NotInitialized of the CMS on its own pool',
      pairing({ 'CentralMgmt.CMSMaster': 'NotInitialized' }),
      ['warning pairing-not-steady pool01.contoso.com'],
    ],
    [
      'NotInitialized of Response Groups, which are off by default',
      pairing({ 'ApplicationServer.RGSDataStore': 'NotInitialized' }),
      [],
    ],
    ['a word that nobody knows', pairing({ [users]: 'Dozing' }, 'Yawning'), []],
  ])('%s', (_, change, rows) => {
    expect(told(change)).toEqual(rows)
  })

  const alone = { pools: [{ ...first, pairedWith: null }, { ...second, pairedWith: null }, edge] }
  const both = ['error pairing-differs pool01.contoso.com', 'error pairing-differs pool02.contoso.com']

  it('that both pools know to be over, and Git does not', () => {
    const seen = {
      'pool01.contoso.com': { partner: null, modules: [] },
      'pool02.contoso.com': { partner: null, modules: [] },
    }
    expect(told({ sights: { ...published(alone), pairing: seen } })).toEqual(both)
  })

  it('is told by the published topology while the pools do not answer', () => {
    expect(told({ sights: { ...published(alone), pairing: null } })).toEqual(both)
  })
})

describe('failover', () => {
  const at = (state: string): Change => ({
    sights: { poolStates: { contoso: states({ 'pool02.contoso.com': state }) } },
  })
  it.each<[string, string[]]>([
    ['Active', []],
    ['FailingOver', ['warning pool-failed-over pool02.contoso.com']],
    ['FailedOver', ['warning pool-failed-over pool02.contoso.com']],
    ['FailingBack', ['warning pool-failed-over pool02.contoso.com']],
    ['FailedBack', []],
    ['constructor', []],
  ])('%s', (state, rows) => {
    expect(told(at(state))).toEqual(rows)
  })
})

describe('servers', () => {
  const master = (location: string | null): Change => ({
    sights: { centralManagement: { contoso: { location, activeMaster: null, fileTransferAgents: [] } } },
  })
  const replication = (
    one: boolean | null,
    other: boolean | null,
    at: string | null = null,
  ): NonNullable<Change['sights']> => ({
    replication: { contoso: { replicas: [replica('fe01.contoso.com', one, at), replica('fe02.contoso.com', other)] } },
  })
  const levels = (...versions: string[]): Change => ({
    sights: {
      patchLevels: {
        contoso: { servers: versions.map((version, n) => ({ fqdn: `fe0${n + 1}.contoso.com`, version })) },
      },
      environmentRecord: {},
    },
    sets: [],
  })
  const tls = (expiresAt: string): Change => ({ sights: { tls: { 'fe01.contoso.com': certificate(expiresAt) } } })
  const web = (internal: string | null, external: string | null): Change => ({
    sights: {
      webCertificates: {
        'fe01.contoso.com': {
          internal: internal === null ? null : certificate(internal),
          external: external === null ? null : certificate(external),
        },
      },
    },
  })
  const kept = (checkedOn: string): Change => ({
    desired: { deployment: { ...healthy.deployment, keptElsewhere: [keptElsewhere('media', checkedOn)] } },
  })
  it('two certificates of a machine are told in one row, each with its uses', () => {
    const ending = certificate('2026-03-20T00:00:00.000Z')
    const findings = driftOf({
      sights: {
        tls: { 'fe01.contoso.com': ending },
        webCertificates: {
          'fe01.contoso.com': {
            internal: ending,
            external: { ...certificate('2026-03-09T00:00:00.000Z'), thumbprint: 'CD34' },
          },
        },
      },
    })
    const rows = findings.filter(({ code }) => code === 'certificate-expires')
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({
      severity: 'error',
      subject: 'fe01.contoso.com',
      observed:
        'expires at 2026-03-20T00:00:00.000Z (port 5061, port 443, AB12); expired at 2026-03-09T00:00:00.000Z (port 4443, CD34)',
    })
  })
  it.each<[string, Change, string[]]>([
    ['a certificate with 31 days left', tls('2026-04-10T13:00:00.000Z'), []],
    [
      'a certificate with 29 days left',
      tls('2026-04-08T12:00:00.000Z'),
      ['warning certificate-expires fe01.contoso.com'],
    ],
    [
      'that of OAuthTokenIssuer, which ran out',
      { sights: { oauthCertificate: { contoso: { certificate: certificate('2026-03-10T11:00:00.000Z') } } } },
      ['error certificate-expires contoso'],
    ],
    [
      'that of OAuthTokenIssuer, of which the shell host has none',
      { sights: { oauthCertificate: { contoso: { certificate: null } } } },
      [],
    ],
    [
      'a certificate of the web services alone',
      web('2026-04-08T12:00:00.000Z', '2026-12-31T00:00:00.000Z'),
      ['warning certificate-expires fe01.contoso.com'],
    ],
    [
      'that of the external web services, which ran out',
      web(null, '2026-03-10T11:00:00.000Z'),
      ['error certificate-expires fe01.contoso.com'],
    ],
    ['a certificate that ran out', tls('2026-03-10T11:00:00.000Z'), ['error certificate-expires fe01.contoso.com']],
    [
      'different patch levels',
      levels('6.0.9319.534', '6.0.9319.102'),
      ['warning patch-levels-differ pool01.contoso.com'],
    ],
    ['a patch level that nobody told', levels('6.0.9319.534'), []],
    ['the directory at the mirror partner', master('sql02.contoso.com\\RTC'), []],
    ['the directory elsewhere', master('sql11.contoso.com\\rtc'), ['error central-management-elsewhere contoso']],
    [
      'the directory at the default instance',
      master('sql01.contoso.com\\'),
      ['error central-management-elsewhere contoso'],
    ],
    ['the directory telling nothing', master(null), []],
    ['two stores at work', twoStores(), ['warning central-management-twice contoso']],
    ['a store whose databases are not open', twoStores('open'), []],
    ['a store that replicates to nobody', twoStores('running'), []],
    ['the standby copy of a pair', twoStores('exported'), []],
    ['a replica late for an hour', { sights: replication(false, true) }, ['warning replication-late fe01.contoso.com']],
    ['a replica late for ten minutes', { sights: replication(false, true), since: '2026-03-10T11:50:00.000Z' }, []],
    [
      'a replica that lacks an update of this morning',
      { sights: replication(false, true, '2026-03-10T08:00:00.000Z'), since: '2026-03-10T11:59:00.000Z' },
      ['warning replication-late fe01.contoso.com'],
    ],
    ['every replica late', { sights: replication(false, false) }, ['warning replication-late contoso']],
    ['a replica that did not tell', { sights: replication(null, true) }, []],
    ['what is kept elsewhere, seen 89 days ago', kept('2025-12-11'), []],
    ['what is kept elsewhere, seen 91 days ago', kept('2025-12-09'), ['warning kept-elsewhere-stale contoso']],
    [
      'a name gone from a server that answers',
      { sights: { dns: { 'fe01.contoso.com': { answers: [] } } } },
      ['error name-lost fe01.contoso.com'],
    ],
    [
      'a name gone from a pool that answers',
      { sights: { dns: { 'pool01.contoso.com': { answers: [] } } } },
      ['error name-lost pool01.contoso.com'],
    ],
    ['a name gone from a server that does not', { sights: { dns: { 'edge01.contoso.com': { answers: [] } } } }, []],
    [
      'a location on a machine of the topology',
      { desired: { locations: [location('main', { host: 'FS01.contoso.com' })] } },
      ['error location-rule main'],
    ],
    [
      'a copy on a machine of the topology',
      { desired: { locations: [location('main', { copies: [{ share: '\\\\fs01.contoso.com\\copies' }] })] } },
      ['warning location-rule main'],
    ],
  ])('%s', (_, change, rows) => {
    expect(told(change)).toEqual(rows)
  })

  it('NotInitialized of the CMS is normal on the pool that the active master is not on', () => {
    const elsewhere = { location: null, activeMaster: 'fe11.contoso.com', fileTransferAgents: [] }
    const started = modules({ 'CentralMgmt.CMSMaster': 'NotInitialized' })
    const sights = {
      centralManagement: { contoso: elsewhere },
      pairing: { 'pool01.contoso.com': { partner: 'pool02.contoso.com', modules: started } },
    }
    expect(told({ sights })).toEqual(['warning pairing-not-steady pool02.contoso.com'])
  })
})

it('the newest complete set must hold what the policy asks for today', () => {
  const [old] = digestWith({}).observed.sets
  const lacking = { ...old!, ok: old!.ok.filter(({ kind }) => kind !== 'response-groups') }
  expect(driftOf({ sets: [lacking] })).toMatchObject([
    { code: 'set-outdated', subject: 'nightly', observed: `${lacking.id} lacks response-groups of pool01.contoso.com` },
  ])
  expect(told({ sets: [{ ...lacking, state: 'partial' }] })).toEqual([])
})
