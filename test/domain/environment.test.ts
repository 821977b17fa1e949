import { expect, it } from 'vitest'
import { environmentOf } from '../../src/domain/environment.ts'
import type { Facts } from '../../src/domain/facts.ts'
import type { Observation } from '../../src/domain/observation.ts'
import { desiredState, fileStore, keptElsewhere, pool, sqlStore } from '../support/desired.ts'
import { notSeen, publishedAs, seen, world } from '../support/observed.ts'

const store = sqlStore('sql01.contoso.com', 'rtc', {
  highAvailability: { kind: 'mirror', partner: { host: 'sql02.contoso.com', instance: 'rtc' }, witness: null },
})
const base = desiredState()
const desired = {
  ...base,
  deployment: { ...base.deployment, centralManagementStore: store, keptElsewhere: [keptElsewhere('active-directory')] },
  pools: [pool('pool01.contoso.com', 'front-end', { servers: ['fe01.contoso.com'], stores: { user: store } })],
  sqlStores: [store],
  fileStores: [fileStore('\\\\fs01.contoso.com\\Share')],
}

const replica = (lastUpdateCreation: string | null) => ({
  fqdn: 'fe01.contoso.com',
  upToDate: true,
  lastStatusReport: null,
  lastUpdateCreation,
})

it('is unknown where nothing was seen, for every host, instance and store', () => {
  const nothing = world([], { dns: new Map([['fe01.contoso.com', notSeen('fe01.contoso.com', 'no answer')]]) })
  const names = {
    dns: 'unknown',
    certificate: 'unknown',
    thumbprint: 'unknown',
    services: 'unknown',
    patchLevel: 'unknown',
  }
  const instance = { version: 'unknown', edition: 'unknown', databases: 'unknown' }
  expect(environmentOf(desired, nothing)).toEqual({
    contoso: {
      product: 'lync-server-2013',
      domain: 'contoso.com',
      sipDomains: 'contoso.com',
      centralManagementStore: 'sql01.contoso.com\\rtc',
      activeDirectoryCheckedOn: '2026-03-01',
      topology: 'unknown',
      configurationUpdatedAt: 'unknown',
      dhcpServers: 'unknown',
      simpleUrls: 'unknown',
      oauthCertificate: 'unknown',
      oauthThumbprint: 'unknown',
    },
    'pool01.contoso.com': {
      product: 'lync-server-2013',
      servers: 'fe01.contoso.com',
      userStore: 'sql01.contoso.com\\rtc',
      fileStore: 'none',
      pairedWith: 'none',
      backupService: 'unknown',
      externalNames: 'unknown',
      poolState: 'unknown',
    },
    'fe01.contoso.com': {
      ...names,
      ...{ webInternalCertificate: 'unknown', webInternalThumbprint: 'unknown' },
      ...{ webExternalCertificate: 'unknown', webExternalThumbprint: 'unknown' },
    },
    'fs01.contoso.com': names,
    'sql01.contoso.com': names,
    'sql02.contoso.com': names,
    'sql01.contoso.com\\rtc': instance,
    'sql02.contoso.com\\rtc': instance,
    '\\\\fs01.contoso.com\\Share': { serviceFolders: 'unknown' },
  })
})

it('holds what was seen, always in the same order', () => {
  const observed = world([], {
    dns: new Map([['fe01.contoso.com', seen('fe01.contoso.com', { answers: ['10.0.0.9', '10.0.0.1'] })]]),
    tls: new Map([
      [
        'fe01.contoso.com',
        seen('fe01.contoso.com', {
          port: 5061,
          subject: 'CN=fe01',
          names: ['pool01', 'fe01'],
          issuer: 'CN=CA',
          thumbprint: 'AB12',
          expiresAt: '2027-01-01T00:00:00.000Z',
        }),
      ],
    ]),
    webCertificates: new Map([
      [
        'fe01.contoso.com',
        seen('fe01.contoso.com', {
          internal: {
            subject: 'CN=pool01',
            names: ['pool01', 'meet'],
            issuer: 'CN=CA',
            thumbprint: 'CD34',
            expiresAt: '2027-02-01T00:00:00.000Z',
          },
          external: null,
        }),
      ],
    ]),
    sqlInstance: new Map([
      [
        'sql01.contoso.com\\rtc',
        seen('sql01.contoso.com\\rtc', {
          version: '11.0.7001.0',
          edition: 'Standard Edition',
          machine: 'SQL01',
          databases: [
            {
              name: 'rtcxds',
              guid: 'G-1',
              family: 'F-1',
              state: 'ONLINE',
              recoveryModel: 'FULL',
              createdAt: '2025-01-01T00:00:00.000Z',
              mirroringRole: 'PRINCIPAL',
              replicaRole: null,
            },
            {
              name: 'rtcab',
              guid: null,
              state: 'ONLINE',
              recoveryModel: 'SIMPLE',
              createdAt: null,
              mirroringRole: null,
              replicaRole: null,
            },
          ],
        }),
      ],
    ]),
    services: new Map([
      [
        'fe01.contoso.com',
        seen('fe01.contoso.com', {
          services: [
            { name: 'RTCSRV', status: 'Running' },
            { name: 'FabricHostSvc', status: 'Stopped' },
          ],
        }),
      ],
    ]),
    patchLevels: new Map([
      ['contoso', seen('contoso', { servers: [{ fqdn: 'fe01.contoso.com', version: '5.0.8308.1001' }] })],
    ]),
    publishedTopology: new Map([['contoso', seen('contoso', { signature: 'S-1', topology: publishedAs(desired) })]]),
    replication: new Map([
      ['contoso', seen('contoso', { replicas: [replica(null), replica('2026-03-09T08:00:00.000Z')] })],
    ]),
    dhcp: new Map([
      [
        'contoso',
        seen('contoso', {
          servers: [
            {
              name: 'dhcp01.contoso.com',
              options: [
                { id: 120, value: 'sip.contoso.com' },
                { id: 43, value: '00-01' },
              ],
            },
          ],
        }),
      ],
    ]),
    complianceAdapter: new Map<string, Observation<Facts['complianceAdapter']>>([
      ['sql04.contoso.com/mgccomp', seen('sql04.contoso.com/mgccomp', { adapter: 'XmlAdapter' })],
      ['sql05.contoso.com/mgccomp', seen('sql05.contoso.com/mgccomp', { adapter: null })],
    ]),
    oauthCertificate: new Map([
      [
        'contoso',
        seen('contoso', {
          certificate: {
            ...{ subject: 'CN=contoso.com', names: [], issuer: 'CN=CA', thumbprint: 'EF56' },
            expiresAt: '2027-01-01T00:00:00.000Z',
          },
        }),
      ],
    ]),
    simpleUrls: new Map([
      [
        'contoso',
        seen('contoso', {
          urls: [
            { scope: 'Site:Redmond', component: 'Meet', domain: '*', url: 'https://join.contoso.com' },
            { scope: 'Global', component: 'Meet', domain: '*', url: 'https://meet.contoso.com' },
          ],
        }),
      ],
    ]),
    poolStates: new Map([
      ['contoso', seen('contoso', { pools: [{ fqdn: 'pool01.contoso.com', state: 'FailedOver' }] })],
    ]),
    pairing: new Map([
      [
        'pool01.contoso.com',
        seen('pool01.contoso.com', {
          partner: null,
          modules: [
            { name: 'UserServices.PresenceFocus', exportStatus: 'FinalState', importStatus: 'NormalState' },
            { name: 'ConfServices.DataConf', exportStatus: 'SteadyState', importStatus: 'NormalState' },
          ],
        }),
      ],
    ]),
    fileStore: new Map([
      [
        '\\\\fs01.contoso.com\\Share',
        seen('x', { folders: ['1-WebServices-1', 'old stuff', '1-ApplicationServer-1'] }),
      ],
    ]),
  })
  const record = environmentOf(desired, observed)
  expect(record['fe01.contoso.com']).toEqual({
    dns: '10.0.0.1, 10.0.0.9',
    certificate: 'CN=fe01; names fe01, pool01; CN=CA; until 2027-01-01T00:00:00.000Z',
    thumbprint: 'AB12',
    webInternalCertificate: 'CN=pool01; names meet, pool01; CN=CA; until 2027-02-01T00:00:00.000Z',
    webInternalThumbprint: 'CD34',
    webExternalCertificate: 'unknown',
    webExternalThumbprint: 'unknown',
    services: 'FabricHostSvc, RTCSRV',
    patchLevel: '5.0.8308.1001',
  })
  expect(record['contoso']).toMatchObject({
    activeDirectoryCheckedOn: '2026-03-01',
    topology: 'S-1',
    configurationUpdatedAt: '2026-03-09T08:00:00.000Z',
    dhcpServers: 'dhcp01.contoso.com',
    oauthCertificate: 'CN=contoso.com; names none; CN=CA; until 2027-01-01T00:00:00.000Z',
    oauthThumbprint: 'EF56',
    simpleUrls: 'Meet * https://meet.contoso.com, Site:Redmond Meet * https://join.contoso.com',
  })
  expect(record['dhcp01.contoso.com']).toEqual({ dhcpOption43: '00-01', dhcpOption120: 'sip.contoso.com' })
  expect(record['pool01.contoso.com']).toMatchObject({
    userStore: 'sql01.contoso.com\\rtc',
    backupService: 'ConfServices.DataConf SteadyState, UserServices.PresenceFocus FinalState',
    poolState: 'FailedOver',
  })
  expect(record['sql01.contoso.com\\rtc']).toEqual({
    version: '11.0.7001.0',
    edition: 'Standard Edition',
    databases: 'rtcab, rtcxds',
  })
  expect(record['sql01.contoso.com\\rtc/rtcxds']).toEqual({
    guid: 'G-1',
    family: 'F-1',
    createdAt: '2025-01-01T00:00:00.000Z',
    state: 'ONLINE',
    recoveryModel: 'FULL',
    mirroringRole: 'PRINCIPAL',
    replicaRole: 'none',
    ...{ collation: 'unknown', encrypted: 'unknown', logShipped: 'unknown' },
  })
  expect(record['sql04.contoso.com/mgccomp']).toEqual({ complianceAdapter: 'XmlAdapter' })
  expect(record['sql05.contoso.com/mgccomp']).toEqual({ complianceAdapter: 'none' })
  expect(record['sql01.contoso.com\\rtc/rtcab']).toMatchObject({
    guid: 'unknown',
    family: 'unknown',
    mirroringRole: 'none',
  })
  expect(record['\\\\fs01.contoso.com\\Share']).toEqual({ serviceFolders: '1-ApplicationServer-1, 1-WebServices-1' })
  expect(Object.keys(record)).toEqual(Object.keys(record).toSorted())
})

it('does not claim to know a Central Management store that no document told', () => {
  expect(environmentOf(base, world())['contoso']).toMatchObject({ centralManagementStore: 'unknown' })
})
