import { expect, it } from 'vitest'
import { environmentOf } from '../../src/domain/environment.ts'
import { desiredState, fileStore, pool, sqlStore } from '../support/desired.ts'
import { notSeen, seen, world } from '../support/observed.ts'

const store = sqlStore('sql01.contoso.com', 'rtc', {
  highAvailability: { kind: 'mirror', partner: { host: 'sql02.contoso.com', instance: 'rtc' }, witness: null },
})
const base = desiredState()
const desired = {
  ...base,
  deployment: { ...base.deployment, centralManagementStore: store },
  pools: [pool('pool01.contoso.com', 'front-end', { servers: ['fe01.contoso.com'] })],
  sqlStores: [store],
  fileStores: [fileStore('\\\\fs01.contoso.com\\Share')],
}

it('is unknown where nothing was seen, for every host, instance and store', () => {
  const nothing = world([], { dns: new Map([['fe01.contoso.com', notSeen('fe01.contoso.com', 'no answer')]]) })
  const names = { dns: 'unknown', certificate: 'unknown' }
  const instance = { version: 'unknown', edition: 'unknown', databases: 'unknown' }
  expect(environmentOf(desired, nothing)).toEqual({
    contoso: {
      product: 'lync-server-2013',
      domain: 'contoso.com',
      sipDomains: 'contoso.com',
      centralManagementStore: 'sql01.contoso.com\\rtc',
    },
    'pool01.contoso.com': { product: 'lync-server-2013' },
    'fe01.contoso.com': names,
    'fs01.contoso.com': names,
    'sql01.contoso.com': names,
    'sql02.contoso.com': names,
    'sql01.contoso.com\\rtc': instance,
    'sql02.contoso.com\\rtc': instance,
    '\\\\fs01.contoso.com\\Share': { folders: 'unknown' },
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
              state: 'ONLINE',
              recoveryModel: 'FULL',
              createdAt: null,
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
    fileStore: new Map([['\\\\fs01.contoso.com\\Share', seen('x', { folders: ['b', 'a'] })]]),
  })
  const record = environmentOf(desired, observed)
  expect(record['fe01.contoso.com']).toEqual({
    dns: '10.0.0.1, 10.0.0.9',
    certificate: 'CN=fe01; names fe01, pool01; CN=CA; AB12; until 2027-01-01T00:00:00.000Z',
  })
  expect(record['sql01.contoso.com\\rtc']).toEqual({
    version: '11.0.7001.0',
    edition: 'Standard Edition',
    databases: 'rtcab, rtcxds',
  })
  expect(record['sql01.contoso.com\\rtc/rtcxds']).toEqual({
    guid: 'G-1',
    state: 'ONLINE',
    recoveryModel: 'FULL',
    mirroringRole: 'PRINCIPAL',
    replicaRole: 'none',
  })
  expect(record['sql01.contoso.com\\rtc/rtcab']).toMatchObject({ guid: 'unknown', mirroringRole: 'none' })
  expect(record['\\\\fs01.contoso.com\\Share']).toEqual({ folders: 'a, b' })
  expect(Object.keys(record)).toEqual(Object.keys(record).toSorted())
})

it('does not claim to know a Central Management store that no document told', () => {
  expect(environmentOf(base, world())['contoso']).toMatchObject({ centralManagementStore: 'unknown' })
})
