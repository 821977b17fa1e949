/** Small deployments, one for each kind of loss (domain reference, section 6.1), and what people would miss of them. */
import type { Desired } from '../../../../src/domain/model.ts'
import type { Item, ItemKind } from '../../../../src/domain/words.ts'
import { desiredState, fileStore, pool, sqlStore } from '../../../support/desired.ts'

/** Something that is lost with its machine, and comes back from a set (domain reference, sections 2.2 and 3.1). */
export interface Thing {
  item: Item
  host: string
  /** What is filled when it comes back; absent: it is a share. */
  database?: { instance: string; name: string }
}

export interface Layout {
  name: string
  desired: Desired
  things: readonly Thing[]
  /** Who works for whom while a pool is failed over. */
  partners: Readonly<Record<string, string>>
}

const inDatabase = (kind: ItemKind, subject: string, instance: string, name: string): Thing => ({
  ...{ item: { kind, subject }, host: instance.split('\\')[0] ?? '', database: { instance, name } },
})
const bySql = (instance: string, name: string): Thing =>
  inDatabase('sql-database', `${instance}/${name}`, instance, name)
const share = (host: string) => String.raw`\\${host}\LyncShare`
const files = (host: string): Thing => ({ item: { kind: 'file-store', subject: share(host) }, host })
const folders = { serviceFolders: ['1-WebServices-1'] }

const ofUsers = (of: string, instance: string): Thing[] => [
  inDatabase('user-data', of, instance, 'rtcxds'),
  inDatabase('response-groups', of, instance, 'rgsconfig'),
]
const central = (instance: string): Thing[] => [
  inDatabase('configuration', 'contoso', instance, 'xds'),
  inDatabase('location-information', 'contoso', instance, 'lis'),
]

const local = (host: string) => sqlStore(host, 'rtc')
const standard = (host: string, more = {}) =>
  pool(host, 'standard-edition', {
    ...{ applications: ['response-group'], stores: { user: local(host) }, fileStore: fileStore(share(host), folders) },
    ...more,
  })
const [se1, se2] = ['se01.contoso.com', 'se02.contoso.com']
const base = desiredState().deployment

function standardEdition(): Layout {
  const monitoring = sqlStore('sql05.contoso.com', '')
  const own = standard(se1, { stores: { user: local(se1), monitoring } })
  return {
    name: 'a Standard Edition server with the Central Management store',
    desired: desiredState({
      deployment: { ...base, centralManagementStore: local(se1) },
      ...{ pools: [own], sqlStores: [local(se1), monitoring], fileStores: [own.fileStore!] },
    }),
    things: [
      ...central(String.raw`${se1}\rtc`),
      ...ofUsers(se1, String.raw`${se1}\rtc`),
      files(se1),
      bySql('sql05.contoso.com', 'LcsCDR'),
      bySql('sql05.contoso.com', 'QoEMetrics'),
    ],
    partners: {},
  }
}

function frontEnd(): Layout {
  const [backEnd, fs] = [sqlStore('sql01.contoso.com', 'rtc'), fileStore(share('fs01.contoso.com'), folders)]
  const own = pool('pool01.contoso.com', 'front-end', {
    servers: ['fe01.contoso.com', 'fe02.contoso.com', 'fe03.contoso.com'],
    ...{ applications: ['response-group'], stores: { user: backEnd }, fileStore: fs },
  })
  return {
    name: 'a Front End pool, its Back End and its file server',
    desired: desiredState({ pools: [own], sqlStores: [backEnd], fileStores: [fs] }),
    things: [...ofUsers(own.fqdn, String.raw`sql01.contoso.com\rtc`), files('fs01.contoso.com')],
    partners: {},
  }
}

function persistentChat(): Layout {
  const rooms = sqlStore('sql07.contoso.com', 'chat')
  return {
    name: 'Persistent Chat',
    desired: desiredState({
      pools: [
        pool('pc01.contoso.com', 'persistent-chat', { stores: { persistentChat: rooms, compliance: rooms } }),
        standard(se2, { fileStore: null, applications: [] }),
      ],
      ...{ sqlStores: [rooms, local(se2)], fileStores: [] },
    }),
    things: [
      bySql(String.raw`sql07.contoso.com\chat`, 'mgc'),
      inDatabase('user-data', se2, String.raw`${se2}\rtc`, 'rtcxds'),
    ],
    partners: {},
  }
}

function edge(): Layout {
  const own = standard(se1)
  return {
    name: 'an Edge Server',
    desired: desiredState({
      pools: [
        pool('edge.contoso.com', 'edge', { servers: ['edge01.contoso.com'] }),
        // Answers while the other one does not: else nobody could tell that it is gone.
        ...[pool('med01.contoso.com', 'mediation'), own],
      ],
      ...{ sqlStores: [local(se1)], fileStores: [own.fileStore!] },
    }),
    things: [...ofUsers(se1, String.raw`${se1}\rtc`), files(se1)],
    partners: {},
  }
}

function pair(): Layout {
  const both = [standard(se1, { pairedWith: se2 }), standard(se2, { pairedWith: se1 })]
  return {
    name: 'a pair of Standard Edition servers',
    desired: desiredState({
      ...{ pools: both, sqlStores: [local(se1), local(se2)], fileStores: both.map((one) => one.fileStore!) },
    }),
    things: [se1, se2].flatMap((host) => [...ofUsers(host, String.raw`${host}\rtc`), files(host)]),
    partners: { [se1]: se2, [se2]: se1 },
  }
}

export const layouts: readonly Layout[] = [standardEdition(), frontEnd(), persistentChat(), edge(), pair()]
