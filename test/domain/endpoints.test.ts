import { expect, test } from 'vitest'
import {
  isServiceName,
  namesOf,
  outsideNamesOf,
  partnersOf,
  portsOf,
  servicedHosts,
  sqlAddresses,
  tlsListeners,
  webServers,
} from '../../src/domain/endpoints.ts'
import { desiredState, pool, sqlStore } from '../support/desired.ts'
import { publishedAs } from '../support/observed.ts'

const mirror = sqlStore('sql01.contoso.com', 'rtc', {
  highAvailability: { kind: 'mirror', partner: { host: 'sql02.contoso.com', instance: 'rtc' }, witness: null },
})

test('names: every machine and pool once, whatever its case, and those by which clients find the deployment', () => {
  const desired = desiredState({
    pools: [pool('pool01.contoso.com', 'front-end', { servers: ['fe01.contoso.com', 'FE01.contoso.com'] })],
    sqlStores: [mirror],
  })
  expect([...namesOf(desired)].sort()).toEqual([
    '_sipinternaltls._tcp.contoso.com',
    'fe01.contoso.com',
    'lyncdiscoverinternal.contoso.com',
    'pool01.contoso.com',
    'sip.contoso.com',
    'sql01.contoso.com',
    'sql02.contoso.com',
  ])
  expect(namesOf(desired).filter(isServiceName)).toEqual(['_sipinternaltls._tcp.contoso.com'])
})

test('names from outside: of each SIP domain, and none that must have an answer inside', () => {
  const { deployment } = desiredState({})
  const desired = desiredState({ deployment: { ...deployment, sipDomains: ['contoso.com', 'Fabrikam.com'] } })
  expect(outsideNamesOf(desired)).toEqual([
    'lyncdiscover.contoso.com',
    '_sip._tls.contoso.com',
    '_sipfederationtls._tcp.contoso.com',
    'lyncdiscover.Fabrikam.com',
    '_sip._tls.Fabrikam.com',
    '_sipfederationtls._tcp.Fabrikam.com',
  ])
  expect(namesOf(desired).filter((name) => outsideNamesOf(desired).includes(name))).toEqual([])
})

test('listeners: by type of pool, one for each server, none where no port is fixed', () => {
  const desired = desiredState({
    pools: [
      pool('med.contoso.com', 'mediation', { servers: ['med01.contoso.com'] }),
      pool('chat.contoso.com', 'persistent-chat', { servers: ['chat01.contoso.com'] }),
      pool('apps.contoso.com', 'trusted-application', { servers: ['med01.contoso.com'] }),
      pool('se01.contoso.com', 'standard-edition'),
    ],
  })
  expect(tlsListeners(desired)).toEqual([
    { host: 'med01.contoso.com', port: 5067, pool: 'med.contoso.com' },
    { host: 'chat01.contoso.com', port: 5041, pool: 'chat.contoso.com' },
    { host: 'se01.contoso.com', port: 5061, pool: 'se01.contoso.com' },
  ])
})

test('web services: of Front Ends, Standard Edition servers and Directors', () => {
  const desired = desiredState({
    pools: [
      pool('pool01.contoso.com', 'front-end', { servers: ['fe01.contoso.com', 'fe02.contoso.com'] }),
      pool('se01.contoso.com', 'standard-edition'),
      pool('dir01.contoso.com', 'director'),
      pool('med.contoso.com', 'mediation', { servers: ['FE01.contoso.com'] }),
      pool('edge.contoso.com', 'edge', { servers: ['edge01.contoso.com'] }),
    ],
  })
  const servers = ['fe01.contoso.com', 'fe02.contoso.com', 'se01.contoso.com', 'dir01.contoso.com']
  expect(webServers(desired)).toEqual(servers)
})

test('SQL addresses: both partners of a mirror', () => {
  const addresses = [
    { host: 'sql01.contoso.com', instance: 'rtc', port: null },
    { host: 'sql02.contoso.com', instance: 'rtc', port: null },
  ]
  expect(partnersOf(mirror)).toEqual(addresses)
  expect(sqlAddresses(desiredState({ sqlStores: [mirror] }))).toEqual(addresses)
})

test('SQL addresses: the listener of an availability group, then every replica', () => {
  const highAvailability = {
    kind: 'availability-group',
    listener: 'agl.contoso.com',
    replicas: ['sql21.contoso.com', 'sql22.contoso.com'],
  } as const
  expect(partnersOf(sqlStore('agl.contoso.com', 'rtc', { port: 1433, highAvailability }))).toEqual([
    { host: 'agl.contoso.com', instance: 'rtc', port: 1433 },
    { host: 'sql21.contoso.com', instance: 'rtc', port: null },
    { host: 'sql22.contoso.com', instance: 'rtc', port: null },
  ])
})

test('ports: the listeners of all pools of a machine and SMB, which no Edge Server is asked for', () => {
  const desired = desiredState({
    pools: [
      pool('pool01.contoso.com', 'front-end', { servers: ['fe01.contoso.com'] }),
      pool('med01.contoso.com', 'mediation', { servers: ['FE01.contoso.com'] }),
      pool('edge.contoso.com', 'edge', { servers: ['edge01.contoso.com'] }),
      pool('apps.contoso.com', 'trusted-application', { servers: ['app01.contoso.com'] }),
    ],
    sqlStores: [sqlStore('sql01.contoso.com')],
  })
  expect(portsOf(desired)).toEqual([
    { host: 'app01.contoso.com', ports: [445] },
    { host: 'edge01.contoso.com', ports: [5061] },
    { host: 'fe01.contoso.com', ports: [445, 5061, 5067] },
    { host: 'sql01.contoso.com', ports: [445] },
  ])
  expect(servicedHosts(desired)).toEqual(['fe01.contoso.com'])
})

test('names: those that only the published topology knows too', () => {
  const desired = desiredState({ pools: [pool('pool01.contoso.com', 'front-end', { servers: ['fe01.contoso.com'] })] })
  const published = publishedAs(desired)
  const [known] = published.pools
  if (!known) throw new Error('no pool')
  const more = {
    ...published,
    hosts: ['FE01.contoso.com', 'fe09.contoso.com'],
    pools: [{ ...known, fqdn: 'p9.contoso.com', externalNames: ['web.contoso.com', 'LYNCDISCOVER.contoso.com'] }],
  }
  const outside = outsideNamesOf(desired, more).filter((name) => !outsideNamesOf(desired).includes(name))
  expect(outside).toEqual(['web.contoso.com'])
  const added = namesOf(desired, more).filter((name) => !namesOf(desired).includes(name))
  expect(added.sort()).toEqual(['fe09.contoso.com', 'p9.contoso.com'])
  expect(namesOf(desired, published)).toEqual(namesOf(desired))
})
