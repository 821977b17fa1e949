/** The desired state as the planner wants it: references resolved, defaults filled, seconds and bytes as numbers. */
import type { Acceptable } from './gate.ts'
import type { ItemKind, Level, Scenario } from './words.ts'

export const products = [
  'lync-server-2013',
  'skype-for-business-2015',
  'skype-for-business-2019',
  'skype-for-business-se',
] as const
export type Product = (typeof products)[number]

export const poolTypes = [
  'standard-edition',
  'front-end',
  'director',
  'mediation',
  'edge',
  'persistent-chat',
  'trusted-application',
  'survivable-branch',
  'unsupported',
] as const
export type PoolType = (typeof poolTypes)[number]

/** What Holdfast does not back up, and who does (domain reference, section 3.3). */
export interface KeptElsewhere {
  what: 'active-directory' | 'certificates' | 'gateways' | 'network' | 'exchange' | 'media'
  where: string
  responsible: string
  /** Calendar date, `YYYY-MM-DD`. */
  checkedOn: string
}

export interface Deployment {
  name: string
  product: Product
  /** Active Directory domain. */
  domain: string
  sipDomains: readonly string[]
  /** Null when no document says (a draft). */
  centralManagementStore: SqlStore | null
  graceSeconds: number
  keptElsewhere: readonly KeptElsewhere[]
}

export type HighAvailability =
  | { kind: 'none' }
  /** `partner`: host and instance of the other partner. */
  | { kind: 'mirror'; partner: { host: string; instance: string }; witness: string | null }
  | { kind: 'availability-group'; listener: string; replicas: readonly string[] }
  | { kind: 'failover-cluster'; nodes: readonly string[] }

export interface SqlStore {
  name: string
  /** FQDN as published; of an availability group, its listener. */
  host: string
  /** Instance name; empty for the default instance. */
  instance: string
  /** TCP port where it is fixed; else null and SQL Browser is asked. */
  port: number | null
  /** Year of the SQL Server version, such as `2012`, where somebody wrote it down. */
  version: string | null
  highAvailability: HighAvailability
}

export interface FileStore {
  name: string
  /** UNC path of the share: `\\server\share`. */
  path: string
  /** The `<n>-<Role>-<n>` folders that the topology gives it. */
  serviceFolders: readonly string[]
  /** What is left out of every copy, by patterns for `matchesGlob`. */
  exclude: readonly { pattern: string; reason: string }[]
}

export type StoreRole = 'user' | 'archiving' | 'monitoring' | 'persistentChat' | 'compliance'

export interface Pool {
  fqdn: string
  site: string
  type: PoolType
  product: Product
  /** FQDNs in the order of the published topology. */
  servers: readonly string[]
  /** Such as `response-group`, `call-park`. */
  applications: readonly string[]
  stores: Readonly<Partial<Record<StoreRole, SqlStore>>>
  fileStore: FileStore | null
  /** FQDN of the paired pool. */
  pairedWith: string | null
}

export interface BackupLocation {
  name: string
  /** FQDN of the machine that holds the share. */
  host: string
  /** UNC path as SQL Server and shell hosts see it. */
  share: string
  /** Bytes that must be free before a run starts. */
  minimumFree: number
  /** Further places to which sets are copied. */
  copies: readonly { share: string }[]
}

export interface Schedule {
  cron: string
  /** IANA name. */
  timeZone: string
  /** Seconds after a slot within which a scheduled run may start; null: any time until the next slot. */
  windowSeconds: number | null
  /** Upper bound of the stable delay after a slot. */
  jitterSeconds: number
  /** Whether the newest missed slot is made up for, also after its window; false without a window: it must start promptly. */
  catchUp: boolean
}

export interface Retention {
  keepLast: number
  daily: number
  weekly: number
  monthly: number
  yearly: number
  keepWithinSeconds: number
  minimumVerified: number
  /** False: what would expire is shown, and kept. */
  enforce: boolean
}

/** Where, and how often, sets are restored for a test: on what is scratch, and on nothing else. */
export interface RestoreTest {
  /** An instance that is used for nothing else, and a folder on its machine; null: databases are not tested. */
  databases: { sqlStore: SqlStore; folder: string } | null
  /** UNC path of a folder that is used for nothing else; null: file stores are not tested. */
  files: string | null
  /** Whether the exports of user data are tried as well, as far as the product has a mode for that. */
  imports: boolean
  /** Null: never by themselves. */
  everyDays: number | null
  /** For how long a proof holds; null: for ever. */
  validDays: number | null
}

export interface BackupPolicy {
  name: string
  location: BackupLocation
  /** Null: everything. Else what any of the three lists names; an environment record is always made. */
  include: { kinds: readonly ItemKind[]; pools: readonly string[]; stores: readonly string[] } | null
  persistentChat: 'sql' | 'cmdlet'
  schedule: Schedule
  recoveryPointObjectiveSeconds: number | null
  afterConfigurationChange: boolean
  verification: {
    onCreate: Extract<Level, 'structure' | 'checksum' | 'content'>
    everyDays: number | null
    restoreTest: RestoreTest | null
  }
  retention: Retention
}

export interface Recovery {
  name: string
  /** The file that it is written in, as its source names it. */
  file: string
  server: string
  scenario: Scenario
  /** `latest`, or the id of a set. */
  from: string
  /** `holdfast`: its own steps run when their gates open; `guide`: nothing is run. */
  run: 'guide' | 'holdfast'
  /** What a person accepts by name, that the gate else refuses. */
  accept: readonly Acceptance[]
  acknowledge: readonly Acknowledgement[]
  choose: readonly Choice[]
  /** Null: nobody said so. */
  finished: Finished | null
}

/** The declared intention to bring one user's contacts and conferences back; each declaration is run once. */
export interface UserRecovery {
  name: string
  /** The file that it is written in, as its source names it. */
  file: string
  /** SIP address without `sip:`, in lower case. */
  user: string
  /** The pool whose export holds the user, and on which the user is now. */
  pool: string
  /** Id of the set. */
  from: string
}

/** A person's word, and when it holds from: a later loss makes it void. */
export interface Word {
  by: string
  at: string
  note: string | null
}

/** A person's word that a step was done. */
export interface Acknowledgement extends Word {
  /** Id of the row. */
  step: string
  /** Null: every row of that id. */
  subject: string | null
}

/** A person's word which way a fork goes. */
export interface Choice extends Acknowledgement {
  branch: string
}

/** A person's word that something is to be restored although a gate refuses it. */
export interface Acceptance extends Word {
  what: Acceptable
  /** Null: of every subject. */
  subject: string | null
  /** Of `environment-changed` and `product-changed`: the fact that differs. Null: of every gate that has no fact. */
  fact: string | null
}

/** A person's word that what was lost was restored. */
export type Finished = Word

export interface Hold {
  name: string
  sets: readonly string[]
  reason: string
  until: string | null
}

export interface Suspension {
  name: string
  subjects: readonly string[]
  actions: readonly string[]
  findings: readonly string[]
  reason: string
  until: string
}

/** One revision, resolved. Only `desired` makes one. */
export interface Desired {
  revision: string
  deployment: Deployment
  pools: readonly Pool[]
  sqlStores: readonly SqlStore[]
  fileStores: readonly FileStore[]
  locations: readonly BackupLocation[]
  policies: readonly BackupPolicy[]
  recoveries: readonly Recovery[]
  userRecoveries: readonly UserRecovery[]
  holds: readonly Hold[]
  suspensions: readonly Suspension[]
}
