import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { linesOf, objectsOf, onlyObject, textAnswer } from '../../src/observed/answer.ts'
import { readLocation, readMaster } from '../../src/observed/probes/central-management.ts'
import { readDatabaseTests } from '../../src/observed/probes/database-tests.ts'
import { readOptions } from '../../src/observed/probes/dhcp.ts'
import { readFabric } from '../../src/observed/probes/fabric.ts'
import { readPoolStates } from '../../src/observed/probes/pool-states.ts'
import { readSimpleUrls } from '../../src/observed/probes/simple-urls.ts'
import { readCertificates } from '../../src/observed/probes/oauth-certificate.ts'
import { readAdapter } from '../../src/observed/probes/compliance-adapter.ts'
import { readModules, readPartner } from '../../src/observed/probes/pairing.ts'
import { readPatchLevels } from '../../src/observed/probes/patch-levels.ts'
import { readReplicas } from '../../src/observed/probes/replication.ts'
import { readServices } from '../../src/observed/probes/services.ts'
import { returned } from './bench.ts'

/** The fact becomes unknown, and says so with this code. */
const unreadable = expect.objectContaining({ code: 'answer-unreadable' }) as Error
const refused = (read: () => unknown): void => expect(read).toThrow(unreadable)

describe('an answer', () => {
  test('with an error record is none, whatever came before it', () => {
    const error = { message: 'The RPC server is unavailable.', category: 'ConnectionError', terminating: false }
    const half = { ...returned({ Name: 'RTCSRV', Status: 'Running' }), errors: [error] }
    expect(() => objectsOf(half)).toThrow('The RPC server is unavailable. (ConnectionError)')
    expect(() => textAnswer({ ...returned('<Topology />'), errors: [error] })).toThrow('RPC')
  })

  test('is a list of objects, one object, or text, and nothing in between', () => {
    expect(objectsOf(returned())).toEqual([])
    refused(() => objectsOf(returned('text')))
    refused(() => objectsOf(returned(null)))
    expect(onlyObject(returned())).toBeNull()
    refused(() => onlyObject(returned({}, {})))
    expect(linesOf(returned('a\r\nb', 'c'))).toEqual(['a', 'b', 'c'])
    refused(() => linesOf(returned({})))
  })
})

describe('services', () => {
  test('are told by name and status, in order; none is an answer', () => {
    expect(
      readServices([
        { Name: 'RTCSRV', Status: 'Stopped' },
        { Name: 'REPLICA', Status: 'Running' },
      ]),
    ).toEqual([
      { name: 'REPLICA', status: 'Running' },
      { name: 'RTCSRV', status: 'Stopped' },
    ])
    expect(readServices([])).toEqual([])
  })

  test.each([
    { Status: 'Running' },
    { Name: 'RTCSRV' },
    { Name: 'RTCSRV', Status: 4 },
    { Name: ' ', Status: 'Running' },
  ])('half told are not told: %o', (answer) =>
    refused(() => readServices([{ Name: 'REPLICA', Status: 'Running' }, answer])),
  )
})

describe('replicas', () => {
  const whole = {
    ReplicaFqdn: 'fe01.contoso.com',
    UpToDate: true,
    LastStatusReport: '2026-07-29T12:00:00.125Z',
    LastUpdateCreation: '2026-07-29T11:00:00Z',
  }

  test('are told with their times', () => {
    expect(readReplicas([whole])).toEqual([
      {
        fqdn: 'fe01.contoso.com',
        upToDate: true,
        lastStatusReport: '2026-07-29T12:00:00.125Z',
        lastUpdateCreation: '2026-07-29T11:00:00.000Z',
      },
    ])
  })

  test.each([
    ['True', true],
    [' false', false],
    ['Wahr', null],
    [1, null],
    [null, null],
    [undefined, null],
  ])('say %o of being up to date, which means %o', (UpToDate, upToDate) => {
    expect(readReplicas([{ ...whole, UpToDate }])[0]?.upToDate).toBe(upToDate)
  })

  test.each([
    '29.07.2026 14:00:00',
    '8/11/2010 8:00 PM',
    '2026-07-29 12:00:00',
    '2026-07-29T12:00:00+02:00',
    '2026-13-45T12:00:00Z',
    '/Date(1785326400000)/',
    '0001-01-01T00:00:00.000Z',
    1785326400000,
    null,
  ])('with a time that is no time here have none: %o', (LastStatusReport) => {
    expect(readReplicas([{ ...whole, LastStatusReport }])[0]?.lastStatusReport).toBeNull()
  })

  test('without a name are no answer', () => {
    refused(() => readReplicas([whole, { UpToDate: false }]))
  })

  test('tell the patch level, those that do', () => {
    const versions = [
      { ReplicaFqdn: 'fe02.contoso.com', ProductVersion: '5.0.8308.866' },
      { ReplicaFqdn: 'fe01.contoso.com', ProductVersion: '5.0.8308.291' },
      { ReplicaFqdn: 'edge01.contoso.com', ProductVersion: null },
      { ReplicaFqdn: 'med01.contoso.com' },
    ]
    expect(readPatchLevels(versions)).toEqual([
      { fqdn: 'fe01.contoso.com', version: '5.0.8308.291' },
      { fqdn: 'fe02.contoso.com', version: '5.0.8308.866' },
    ])
  })
})

describe('the Central Management store', () => {
  test.each([
    ['sql01.contoso.com\\rtc', 'sql01.contoso.com\\rtc'],
    ['sql09.contoso.com/rtc\n', 'sql09.contoso.com\\rtc'],
    ['sql01.contoso.com', 'sql01.contoso.com'],
    ['sql01.contoso.com\\MSSQLSERVER', 'sql01.contoso.com'],
    ['  ', null],
  ])('is where %o says', (text, location) => {
    expect(readLocation(text)).toBe(location)
  })

  test.each(['Microsoft.Rtc.Management.Xds.StoreLocation', 'sql01.contoso.com\\rtc\\more', '@{BackEndServer=sql01}'])(
    'is nowhere known when the answer is %o',
    (text) => refused(() => readLocation(text)),
  )

  test('has an active master, or none', () => {
    const answer = {
      ActiveMasterFqdn: 'fe01.contoso.com',
      ActiveFileTransferAgents: ['fe02.contoso.com', 'fe01.contoso.com'],
    }
    expect(readMaster(answer)).toEqual({
      activeMaster: 'fe01.contoso.com',
      fileTransferAgents: ['fe01.contoso.com', 'fe02.contoso.com'],
    })
    expect(readMaster({ ActiveMasterFqdn: '', ActiveFileTransferAgents: 'fe01.contoso.com' })).toEqual({
      activeMaster: null,
      fileTransferAgents: ['fe01.contoso.com'],
    })
    refused(() => readMaster({ ActiveFileTransferAgents: [{ Fqdn: 'fe01.contoso.com' }] }))
  })
})

describe('database tests', () => {
  const healthy = {
    SqlInstanceName: 'rtc',
    DatabaseName: 'xds',
    Succeed: true,
    ExpectedVersion: '10.13.2',
    InstalledVersion: '',
  }

  test('are told as in the documentation, where the installed version is empty', () => {
    expect(readDatabaseTests([healthy, { ...healthy, SqlInstanceName: null, Succeed: 'False' }])).toEqual([
      { instance: 'rtc', name: 'xds', succeed: true, expectedVersion: '10.13.2', installedVersion: null },
      { instance: '', name: 'xds', succeed: false, expectedVersion: '10.13.2', installedVersion: null },
    ])
  })

  test('without a verdict or a name are none', () => {
    refused(() => readDatabaseTests([{ ...healthy, Succeed: null }]))
    refused(() => readDatabaseTests([{ ...healthy, Succeed: 'Vrai' }]))
    refused(() => readDatabaseTests([{ ...healthy, DatabaseName: null }]))
  })
})

describe('the fabric', () => {
  const lines = [
    'Pool: pool01.contoso.com',
    'Routing group: 5f1e',
    '  Primary: fe01.contoso.com',
    '  Secondary: fe02.contoso.com',
    '  Secondary:',
    'RoutingGroup: 77aa',
    '  Primary:   ',
    '  secondary (backup): fe03.contoso.com',
    'Routing Group: 99bb',
    '  Primary: fe03.contoso.com',
  ]

  test('counts the groups, and those that lack a replica', () => {
    expect(readFabric(lines)).toEqual({ routingGroups: 3, withoutPrimary: 1, withoutSecondary: 1 })
  })

  test('that tells of no group, or in other words, is unknown', () => {
    refused(() => readFabric(['All is well.']))
    refused(() => readFabric(['Primary: fe01.contoso.com']))
    refused(() => readFabric(['Routing group: 1', '  Primary: see the log file']))
  })
})

describe('pairing', () => {
  test('names the partner, or that there is none', () => {
    expect(readPartner({ PoolFqdn: 'a.contoso.com', BackupPoolFqdn: 'b.contoso.com' })).toBe('b.contoso.com')
    expect(readPartner({ PoolFqdn: 'a.contoso.com', BackupPoolFqdn: '' })).toBeNull()
    expect(readPartner(null)).toBeNull()
  })

  test('under a property of another name is unknown, not missing', () => {
    refused(() => readPartner({ PoolFqdn: 'a.contoso.com', BackupPoolFqdn: null }))
    refused(() => readPartner({}))
  })

  test('has modules with two states', () => {
    expect(readModules({ BackupModules: ['ConfServices.DataConf:[FinalState,NormalState]'] })).toEqual([
      { name: 'ConfServices.DataConf', exportStatus: 'FinalState', importStatus: 'NormalState' },
    ])
    expect(readModules({ BackupModules: 'CentralMgmt.CMSMaster : [NotInitialized, NormalState]' })).toHaveLength(1)
    expect(readModules({ BackupModules: [] })).toEqual([])
    refused(() => readModules({ BackupModules: ['ConfServices.DataConf'] }))
    refused(() => readModules({ BackupModules: ['ConfServices.DataConf:[FinalState]'] }))
  })
})

describe('states of pools', () => {
  const pools = ['pool01.contoso.com', 'se01.contoso.com']
  const global = { Identity: 'Global', PoolState: 'Active' }

  test('are those of their own Registrar, else the global ones; those of a site are for other settings', () => {
    expect(
      readPoolStates(
        [
          { Identity: 'Site:Redmond', PoolState: 'FailedOver' },
          global,
          { Identity: 'Service:Registrar:POOL01.contoso.com', PoolState: 'FailedOver' },
        ],
        pools,
      ),
    ).toEqual({
      pools: [
        { fqdn: 'pool01.contoso.com', state: 'FailedOver' },
        { fqdn: 'se01.contoso.com', state: 'Active' },
      ],
    })
    expect(readPoolStates([{ ...global, Identity: 'global' }], pools).pools.map(({ state }) => state)).toEqual([
      'Active',
      'Active',
    ])
    expect(
      readPoolStates([global, { Identity: 'Registrar:se01.contoso.com', PoolState: 'FailingBack' }], pools).pools,
    ).toContainEqual({ fqdn: 'se01.contoso.com', state: 'FailingBack' })
  })

  test('that are not told are unknown, not active', () => {
    refused(() => readPoolStates([], pools))
    refused(() => readPoolStates([{ Identity: 'Global', PoolState: null }], pools))
    refused(() => readPoolStates([{ PoolState: 'Active' }], pools))
    refused(() =>
      readPoolStates([global, { Identity: 'Service:Registrar:pool01.contoso.com', PoolState: null }], pools),
    )
  })
})

describe('simple URLs', () => {
  const urls = (SimpleUrl: unknown, Identity: unknown = 'Global') => readSimpleUrls([{ Identity, SimpleUrl }])

  test('are the active ones, of the deployment and of sites', () => {
    expect(
      readSimpleUrls([
        {
          Identity: 'Global',
          SimpleUrl: [
            'Component=Meet;Domain=contoso.com;ActiveUrl=https://meet.contoso.com',
            'Component=Admin;Domain=*;ActiveUrl=',
          ],
        },
        {
          Identity: 'Site:Redmond',
          SimpleUrl: '{SimpleUrlEntry=System.Object[]; ActiveUrl=https://join.contoso.com; Component=Meet; Domain=*}',
        },
      ]),
    ).toEqual([
      { scope: 'Global', component: 'Meet', domain: 'contoso.com', url: 'https://meet.contoso.com' },
      { scope: 'Site:Redmond', component: 'Meet', domain: '*', url: 'https://join.contoso.com' },
    ])
    expect(urls([])).toEqual([])
    expect(urls(null)).toEqual([])
  })

  test('that are written otherwise are unknown, not missing', () => {
    refused(() => urls('Microsoft.Rtc.Management.WritableConfig.Settings.SimpleUrl.SimpleUrl'))
    refused(() => urls('Component=Meet;Domain=contoso.com'))
    refused(() => urls('Domain=contoso.com;ActiveUrl=https://meet.contoso.com'))
    refused(() => urls([{ Component: 'Meet' }]))
    refused(() => urls([], null))
  })
})

describe('certificates', () => {
  const issuer = {
    Use: 'OAuthTokenIssuer',
    Subject: 'CN=contoso.com',
    AlternativeNames: ['SIP.contoso.com', 'contoso.com'],
    Issuer: 'CN=ContosoCA',
    Thumbprint: 'AB12',
    NotAfter: '2027-01-01T00:00:00.000Z',
  }

  test('the one that is valid longest counts; none where none is returned', () => {
    const next = { ...issuer, Thumbprint: 'CD34', NotAfter: '2029-01-01T00:00:00.000Z', AlternativeNames: null }
    expect(readCertificates([issuer])).toEqual({
      subject: 'CN=contoso.com',
      names: ['contoso.com', 'sip.contoso.com'],
      issuer: 'CN=ContosoCA',
      thumbprint: 'AB12',
      expiresAt: '2027-01-01T00:00:00.000Z',
    })
    expect(readCertificates([issuer, next])).toMatchObject({ thumbprint: 'CD34', names: [] })
    expect(readCertificates([next, issuer])).toMatchObject({ thumbprint: 'CD34' })
    expect(readCertificates([])).toBeNull()
  })

  test('without an end, or without a thumbprint, are unknown', () => {
    refused(() => readCertificates([{ ...issuer, NotAfter: '12/28/2015 3:35:41 PM' }]))
    refused(() => readCertificates([{ ...issuer, Thumbprint: null }]))
  })
})

describe('compliance adapters', () => {
  const chat = { fqdn: 'chat.contoso.com', site: 'Redmond' }
  const settings = (Identity: unknown, AdapterType: unknown) => ({ Identity, AdapterType })
  const xml = 'Microsoft.Rtc.Internal.Chat.Server.Compliance.XmlAdapter,compliance'

  test('are those of the pool, else of its site, else of all', () => {
    const all = settings('Global', xml)
    const site = settings('Site:REDMOND', 'Fabrikam.Adapter,fabrikam')
    const pool = settings('Service:PersistentChatServer:Chat.contoso.com', '')
    expect(readAdapter([all], chat)).toBe(xml)
    expect(readAdapter([all, settings('Site:Munich', 'other')], chat)).toBe(xml)
    expect(readAdapter([all, site], chat)).toBe('Fabrikam.Adapter,fabrikam')
    expect(readAdapter([all, site, pool], chat)).toBeNull()
    expect(readAdapter([all, settings('PersistentChatServer:chat.contoso.com', 'own')], chat)).toBe('own')
    expect(readAdapter([settings('Global', null)], chat)).toBeNull()
    refused(() => readAdapter([settings(null, xml)], chat))
  })
})

describe('DHCP options', () => {
  test('are 43 and 120; the parts of the class of phones are option 43', () => {
    expect(
      readOptions([
        { OptionId: 6, VendorClass: '', Value: ['10.0.0.1'] },
        { OptionId: 120, VendorClass: null, Value: ['sip.contoso.com'] },
        { OptionId: 3, VendorClass: 'MSUCClient', Value: ['se01.contoso.com'] },
        { OptionId: 2, VendorClass: 'MS-UC-Client', Value: ['https'] },
        { OptionId: 43, VendorClass: 'Cisco AP', Value: ['10.0.0.9'] },
      ]),
    ).toEqual([
      { id: 43, value: '2=https; 3=se01.contoso.com' },
      { id: 120, value: 'sip.contoso.com' },
    ])
    expect(readOptions([])).toEqual([])
  })

  test('without a number or with values that are no text are unknown', () => {
    refused(() => readOptions([{ OptionId: '43', Value: ['x'] }]))
    refused(() => readOptions([{ OptionId: 43, Value: [43] }]))
  })
})

test('whatever objects a cmdlet returns, reading them gives an answer or a problem, never a crash', () => {
  const names = ['Name', 'Status', 'ReplicaFqdn', 'UpToDate', 'ProductVersion', 'DatabaseName', 'Succeed', 'OptionId']
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom('True', 'fe01.contoso.com', '2026-07-29T12:00:00Z', 43))
  const object = fc.dictionary(fc.constantFrom(...names, 'Value', 'BackupModules', 'ActiveFileTransferAgents'), value)
  const readers: ((answers: readonly Record<string, unknown>[]) => unknown)[] = [
    ...[readServices, readReplicas, readPatchLevels, readDatabaseTests, readOptions],
    (answers) => answers.map(readMaster),
    (answers) => answers.map(readModules),
    (answers) => answers.map(readPartner),
  ]
  fc.assert(
    fc.property(fc.array(object), fc.constantFrom(...readers), (answers, read) => {
      try {
        expect(read(objectsOf(returned(...answers)))).toBeDefined()
      } catch (thrown) {
        expect(thrown).toEqual(unreadable)
      }
    }),
  )
})
