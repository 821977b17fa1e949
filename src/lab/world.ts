/** The state of a lab: physical facts of machines, services, databases, files and names. It holds no judgement. */
import { Problem } from '../base/problem.ts'
import { timeOf, type Time } from '../base/time.ts'
import type { LabPaths } from './paths.ts'
import { readIfThere, replaceFile } from './paths.ts'
import type { SqlServerFacts } from './sql/facts.ts'
import type { Topology } from './topology.ts'

export interface World {
  format: 1
  deployment: string
  createdAt: Time
  /** How far the clocks of all its machines are ahead of this one's; SQL Servers have theirs besides. */
  clockOffsetSeconds: number
  hosts: LabHost[]
  sqlServers: LabSqlServer[]
  sqlListeners: LabSqlListener[]
  pools: LabPool[]
  /** Where the Central Management store is: `host\instance` of each copy. */
  centralManagement: string[]
  /** What Active Directory says of it: `host\instance`. */
  storeLocation: string
  /** Whom Active Directory homes where; what happens to a database changes nothing of it. */
  directory: LabHoming[]
  /** Users who were moved since, each by address, with the pool that has them now. */
  moved: { user: string; pool: string }[]
  /** Policies and settings in the Central Management store, besides the topology. */
  settings: LabSetting[]
  /** When topology or settings were last changed. */
  configuredAt: Time
  shares: LabShare[]
  dhcpServers: LabDhcpServer[]
  /** The list of active Persistent Chat servers is empty: none of them opens its database. */
  noActiveChatServers?: true
  /** What takes the compliance data of Persistent Chat out of their databases; absent: nothing does. */
  complianceAdapter?: string
  simpleUrls?: LabSimpleUrl[]
  names: NameRecord[]
  /** Names for which the name server gives no answer at all. */
  unanswered: string[]
  certificates: LabCertificate[]
  managementShell: ManagementShell
  /** What the Central Management store publishes. */
  topology: Topology
  /** The daemon's machine, which is also that of its Management Shell, has no network. */
  cutOff: boolean
  /** Of this machine. `blocks`: those that the lab has to itself. */
  ports: { dns: number | null; daemon: number; blocks?: number[] }
  /** What `lab break` did and how it was before. */
  changes: Change[]
}

export interface LabHost {
  fqdn: string
  roles: string[]
  /** As its DNS record says; it is reached on the loopback address. */
  address: string
  powered: boolean
  site: string
  /** Who gets through to it, besides the machines of its site: nobody when it is `cut-off`. */
  network: 'open' | 'closed-to-daemon' | 'cut-off'
  /** The Windows services of Lync that are installed. */
  services: LabService[]
  /** Windows is there, and the machine is in no domain. */
  joined?: false
  /** Nothing of the product was set up since Windows was installed: none of its ports answers. */
  bare?: true
  /** Gone with the old disk, or there and given to no service yet. */
  certificate?: 'lost' | 'installed'
  /** What the Central Management store knows of its replica; null where it has none. */
  replica: LabReplica | null
  listeners: LabListener[]
}

export interface LabService {
  name: string
  /** Started, and stopped by nobody. */
  running: boolean
}

export interface LabReplica {
  upToDate: boolean
  /** Patch level of the machine as its replica told it. */
  productVersion: string
  /** When it reported last; null: it does so all the time. */
  silentSince: Time | null
}

export interface LabListener {
  /** The port as it is known in the deployment. */
  port: number
  /** The port on the loopback address; null until it was opened for the first time. */
  local: number | null
  tls: boolean
  /** Which service answers; null: not one of Lync. */
  service: string | null
}

export interface LabSqlServer {
  local: number | null
  facts: SqlServerFacts
  /** Of a failover cluster: machines of which any one can run it; its host is the name of the cluster. */
  nodes?: string[]
  /** Nodes that were made anew, and that nobody added to the cluster again. */
  without?: string[]
}

/** The listener of an availability group: leads to the replica that is primary. */
export interface LabSqlListener {
  fqdn: string
  instance: string
  site: string
  local: number | null
  /** `host\instance` of each replica. */
  replicas: string[]
  /** Replicas that were made anew, and are in the group no more. */
  without?: string[]
  /** Nobody carries the group any more; `cluster`: nor the Windows cluster under it. */
  gone?: 'group' | 'cluster'
}

export interface LabPool {
  fqdn: string
  site: string
  type: string
  product: string
  /** Its machines in the order of the topology. */
  servers: string[]
  applications: string[]
  /** `host\instance` of each copy of its Back End; empty for pools without users. */
  backEnd: string[]
  /** What the backup service of a paired pool does; empty for others. */
  backupModules: LabBackupModule[]
  /** `PoolState` of its Registrar, of which a failover makes settings of its own; absent: it has none. */
  poolState?: string
  /** Contacts that each of its users added since the lab was made: in its own databases, and in those of its backup pool. */
  newContacts?: { here: number; atPartner: number }
  /** What its backup pool has of it, as it was when both backup services ran last. Absent: nothing was sent yet. */
  atPartner?: { users: KeptRows | null; directories: KeptRows | null; contacts: number }
  /** What its backup service is at work on, until then by the clock of the deployment. */
  busy?: { module: string; until: Time }
  /** All its servers were stopped, and not as many run again as a first start needs. */
  cold?: true
  /** What its servers still have loaded, after the rows of their store were changed behind them. */
  inMemory?: { rows: Record<string, string[]>; tables: Record<string, number> }
}

/** Rows of a database, as they follow from its seed, or written out. */
export interface KeptRows {
  seed: string
  tables: Record<string, number>
  documents?: Record<string, string[]>
}

export interface LabHoming {
  pool: string
  users: number
}

export interface LabSetting {
  /** Name of its element: `ConferencingPolicy`. */
  element: string
  scope: 'Global' | 'Site'
  /** All of them numbers, as text. */
  values: Record<string, string>
}

/** Names and states as `Get-CsBackupServiceStatus` shows them (domain reference, section 7.6). */
export interface LabBackupModule {
  name: string
  exported: string
  imported: string
}

export interface LabShare {
  unc: string
  /** Folder below `shares/`, with `/`. */
  folder: string
  holds: 'backups' | 'file-store'
  /** The folder was made anew, and nobody gave the groups of the product access to it. */
  closed?: true
}

export interface LabSimpleUrl {
  component: string
  domain: string
  url: string
}

export interface LabDhcpServer {
  fqdn: string
  /** `value`: the bytes as `0x..` texts. */
  options: { id: number; vendor: string; value: string[] }[]
}

export type NameRecord =
  | { name: string; type: 'A'; address: string }
  | { name: string; type: 'SRV'; priority: number; weight: number; port: number; target: string }

export interface LabCertificate {
  /** Whose it is: a machine; by the name of the deployment, that of OAuthTokenIssuer, which all have. */
  fqdn: string
  /** 16 hexadecimal digits; also the name of its file. */
  serial: string
  names: string[]
  notBefore: Time
  notAfter: Time
  /** The ports that present this one; absent: all of the machine that have none of their own. */
  ports?: number[]
}

/** What a machine presents on a port. */
export function certificateAt({ certificates }: World, host: string, port: number): LabCertificate | undefined {
  const own = certificates.filter(({ fqdn }) => same(fqdn, host))
  return own.find(({ ports }) => ports?.includes(port)) ?? own.find(({ ports }) => ports === undefined)
}

export interface ManagementShell {
  module: string
  product: string
  /** Cmdlet -> what it does instead of its work. */
  behaviours: Record<string, string>
}

export interface Change {
  kind: string
  subject: string
  detail: string
  at: Time
  /** What `repair` needs to put things back. */
  before: unknown
}

/** The lab's state. Throws Problem `lab-not-found` where the folder holds none. */
export function readWorld(paths: LabPaths): World {
  const text = readIfThere(paths.state)
  if (text === null)
    throw new Problem('lab-not-found', {
      subject: paths.directory,
      message: 'This folder holds no lab.',
      hint: `Make one: holdfast lab up ${paths.directory}`,
    })
  return parseWorld(text, paths)
}

export function parseWorld(text: string, paths: LabPaths): World {
  try {
    const world = JSON.parse(text) as World
    if ((world.format as unknown) === 1) return world
  } catch {
    // The next line tells.
  }
  throw new Problem('lab-not-found', {
    subject: paths.state,
    message: 'The state of this lab is not readable.',
    hint: 'Correct the file, or make a new lab in another folder.',
  })
}

/** Returns what stands in the file afterwards. It is nobody else's business: logins stand in it. */
export function saveWorld(world: World, paths: LabPaths): string {
  const text = `${JSON.stringify(world, null, 1)}\n`
  replaceFile(paths.state, text, 0o600)
  return text
}

/** What the clocks of the deployment show. */
export function timeIn(world: World): Time {
  return timeOf(Date.now() + world.clockOffsetSeconds * 1000)
}

/** Names of Windows, SQL Server and DNS know no case. */
export function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

/** `host\instance`, or the host alone for the default instance. */
export function sqlName(server: { host: string; instance: string }): string {
  return server.instance === '' ? server.host : `${server.host}\\${server.instance}`
}

export function hostOf(world: World, fqdn: string): LabHost | undefined {
  return world.hosts.find((host) => same(host.fqdn, fqdn))
}

export function sqlServerOf(world: World, name: string): LabSqlServer | undefined {
  return world.sqlServers.find((server) => same(sqlName(server.facts), name))
}

export function isRunning(world: World, server: LabSqlServer): boolean {
  return server.facts.running && hostOf(world, server.facts.host)?.powered === true
}

/** Whether connections of the daemon, or of its Management Shell, get through to a machine that has power. */
export function isSeen(world: World, host: LabHost | undefined, by: 'daemon' | 'shell'): boolean {
  if (host?.powered !== true || world.cutOff) return false
  return by === 'daemon' ? host.network === 'open' : host.network !== 'cut-off'
}

/** The replica behind a listener: the one that is primary and up. */
export function primaryOf(world: World, listener: LabSqlListener): LabSqlServer | undefined {
  if (listener.gone) return undefined
  return listener.replicas
    .filter((name) => !listener.without?.includes(name))
    .map((name) => sqlServerOf(world, name))
    .filter((server) => server !== undefined)
    .find((server) => isRunning(world, server) && !server.facts.databases.some(isSecondary))
}

function isSecondary(database: SqlServerFacts['databases'][number]): boolean {
  return database.availabilityGroup?.role === 'SECONDARY'
}
