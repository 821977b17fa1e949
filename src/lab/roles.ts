/** What stands on which machine (domain reference, sections 2.1 to 2.3): the lab's own tables. */
import type { SqlVersion } from './sql/facts.ts'

export type StoreUse =
  'user' | 'application' | 'centralManagement' | 'archiving' | 'monitoring' | 'persistentChat' | 'compliance'

/** Databases of each kind of store with the rows of a small deployment: table -> fewest and most rows. */
export const databasesOf: Record<StoreUse, Record<string, Record<string, [number, number]>>> = {
  user: {
    rtcxds: { Resource: [120, 400], Contact: [900, 4000], Conference: [30, 90] },
    rtcshared: { ConferenceDirectory: [1, 3] },
    rtcab: { AbUserEntry: [200, 500] },
  },
  application: {
    rgsconfig: { Workflows: [3, 9], Queues: [3, 9], AgentGroups: [2, 6], HolidaySets: [1, 2] },
    rgsdyn: { AgentSignIn: [2, 10] },
    cpsdyn: { Orbits: [10, 40] },
  },
  centralManagement: { xds: { Document: [60, 120], Item: [800, 1600] }, lis: { Location: [20, 80], Subnet: [30, 90] } },
  archiving: { LcsLog: { Messages: [4000, 9000], Conferences: [200, 500] } },
  monitoring: {
    LcsCDR: { SessionDetails: [6000, 12000] },
    QoEMetrics: { Session: [5000, 9000], AudioStream: [9000, 15000] },
  },
  persistentChat: { mgc: { tblNode: [10, 30], tblChat: [3000, 8000], tblPrincipal: [100, 300] } },
  compliance: { mgccomp: { tblComplianceEvent: [0, 20] } },
}

/**
 * Windows services by type of pool, the one that makes the role first; names as far as the documentation tells them.
 * `REPLICA` is everywhere; `MASTER` and `FTA` come with the Central Management store, `LYNCBACKUP` with a partner.
 */
const servicesOf: Record<string, readonly string[]> = {
  'front-end': ['RTCSRV', 'RTCCAA', 'RTCASMCU', 'FabricHostSvc', 'W3SVC', 'REPLICA'],
  'standard-edition': ['RTCSRV', 'RTCCAA', 'RTCASMCU', 'FabricHostSvc', 'W3SVC', 'REPLICA'],
  director: ['RTCSRV', 'W3SVC', 'REPLICA'],
  mediation: ['RTCMEDSRV', 'REPLICA'],
  edge: ['RTCSRV', 'RTCDATAPROXY', 'RTCMEDIARELAY', 'RTCMRAUTH', 'REPLICA'],
  'persistent-chat': ['PersistentChat', 'REPLICA'],
  'survivable-branch': ['RTCSRV', 'REPLICA'],
}

/** Services of a member of a pool, in the order in which setup lists them. */
export function memberServices({
  type,
  central,
  paired,
}: {
  type: string
  central: boolean
  paired: boolean
}): string[] {
  return [
    ...(servicesOf[type] ?? []),
    ...(central ? ['MASTER', 'FTA'] : []),
    // Only the members of a pair run the backup service (domain reference, section 7).
    ...(paired ? ['LYNCBACKUP'] : []),
  ]
}

type Port = readonly [port: number, service: string | null]
const webPorts: readonly Port[] = [
  [443, 'W3SVC'],
  [4443, 'W3SVC'],
]

/** Ports that speak TLS and who answers, by type of pool: signalling, web services inside and outside, replication. */
export const tlsPortsOf: Record<string, readonly Port[]> = {
  'front-end': [[5061, 'RTCSRV'], ...webPorts],
  'standard-edition': [[5061, 'RTCSRV'], ...webPorts],
  director: [[5061, 'RTCSRV'], ...webPorts],
  mediation: [
    [5061, 'RTCMEDSRV'],
    [5067, 'RTCMEDSRV'],
  ],
  edge: [
    [5061, 'RTCSRV'],
    [443, 'RTCSRV'],
    [4443, 'REPLICA'],
  ],
  'persistent-chat': [
    [5061, 'PersistentChat'],
    [5041, 'PersistentChat'],
  ],
  'trusted-application': [[5061, null]],
  'survivable-branch': [[5061, 'RTCSRV']],
  unsupported: [[5061, null]],
}

/** SMB: open on every Windows machine inside. The lab only accepts the connection. */
export const smbPort = 445

interface ProductFacts {
  module: string
  /** `ServiceVersion` in a topology document. */
  generation: number
  /** Of a machine with all cumulative updates; the updates themselves are made up. */
  version: string
  sqlVersion: SqlVersion
  expressVersion: SqlVersion
  persistentChat: boolean
}

const lync2013: ProductFacts = {
  module: 'Lync',
  generation: 6,
  version: '5.0.8308.1144',
  sqlVersion: '2012',
  expressVersion: '2012',
  persistentChat: true,
}
const products: Record<string, ProductFacts> = {
  'lync-server-2013': lync2013,
  'skype-for-business-2015': {
    module: 'SkypeForBusiness',
    generation: 7,
    version: '6.0.9319.623',
    sqlVersion: '2014',
    expressVersion: '2014',
    persistentChat: true,
  },
  'skype-for-business-2019': {
    module: 'SkypeForBusiness',
    generation: 8,
    version: '7.0.2046.530',
    sqlVersion: '2016',
    expressVersion: '2016',
    persistentChat: false,
  },
  'skype-for-business-se': {
    module: 'SkypeForBusiness',
    generation: 9,
    version: '7.0.2046.600',
    sqlVersion: '2019',
    expressVersion: '2019',
    persistentChat: false,
  },
}

export function productFacts(product: string): ProductFacts {
  return products[product] ?? lync2013
}

/** Applications of a pool -> owner and port in a topology document. */
export const applicationPorts: Record<string, { owner: string; port: number }> = {
  'response-group': { owner: 'urn:application:RGS', port: 5071 },
  'conferencing-attendant': { owner: 'urn:application:Caa', port: 5072 },
  'conferencing-announcement': { owner: 'urn:application:Cas', port: 5073 },
  'call-park': { owner: 'urn:application:Cps', port: 5075 },
  'bandwidth-policy': { owner: 'urn:application:PDP', port: 448 },
}
