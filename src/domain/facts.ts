/** What probes can see, one line per kind of fact; `observed/probes` has one probe per line. */
import type { ProblemCode } from '../base/problem-codes.ts'
import type { Time } from '../base/time.ts'
import type { Skew } from './clock-skew.ts'
import type { Commit } from './commit.ts'
import type { EnvironmentRecord } from './environment-record.ts'
import type { LocationUser } from './location-user.ts'
import type { PublishedTopology } from './published.ts'
import type { Subject } from './words.ts'

export interface DatabaseFacts {
  name: string
  /** `sys.database_recovery_status.database_guid`; null where it is not open, or not to be seen. */
  guid: string | null
  /**
   * `sys.database_recovery_status.family_guid`: given when it was first created, and kept by every backup and RESTORE of it
   * ("RESTORE HEADERONLY", FamilyGUID). Null as `guid`; absent: not asked.
   */
  family?: string | null
  /** `ONLINE`, `RESTORING`, `SUSPECT`, ... as the engine says. */
  state: string
  /** `SIMPLE`, `FULL` or `BULK_LOGGED`. */
  recoveryModel: string
  createdAt: Time | null
  /** `PRINCIPAL` or `MIRROR`; null when the database is not mirrored. */
  mirroringRole: string | null
  /** Role in its availability group: `PRIMARY` or `SECONDARY`; null outside one. */
  replicaRole: string | null
  /** `SYNCHRONIZED`, `SYNCHRONIZING`, `SUSPENDED`, `DISCONNECTED`, ...; null when it is not mirrored. */
  mirroringState?: string | null
  /** `host\instance` of the other partner as this one names it; null when it is not mirrored. */
  mirroringPartner?: string | null
  /** `CONNECTED`, `DISCONNECTED` or `UNKNOWN`; null without a witness. */
  mirroringWitnessState?: string | null
  /** End of the newest log backup in this instance's `msdb`; null: none. Absent: not asked, or not to be seen. */
  lastLogBackupAt?: Time | null
  /** True: it is the primary of log shipping. Absent: not asked, or not to be seen. */
  logShipped?: boolean
  /** Null where it is not open. */
  collation?: string | null
  /** Encrypted at rest (TDE): its backups open only where the certificate is. */
  encrypted?: boolean
}

/** One Windows service of Lync, as `Get-CsWindowsService` reports it. */
export interface ServiceFacts {
  name: string
  /** `Running`, `Stopped`, ... */
  status: string
}

/** One replica of the Central Management store. Null: the answer did not say. */
export interface ReplicaFacts {
  fqdn: string
  upToDate: boolean | null
  /** When the replica last reported [unconfirmed name]: a witness that it lives, never proof that it does not. */
  lastStatusReport: Time | null
  lastUpdateCreation: Time | null
}

/** One database as `Test-CsDatabase` judges it. */
export interface DatabaseTest {
  /** Empty for the default instance. */
  instance: string
  name: string
  succeed: boolean
  expectedVersion: string | null
  installedVersion: string | null
}

/** One module of the backup service, as `Get-CsBackupServiceStatus` reports it (domain reference, section 7.6). */
export interface PairingModule {
  name: string
  exportStatus: string
  importStatus: string
}

export interface Certificate {
  subject: string
  /** In lower case, sorted. */
  names: readonly string[]
  issuer: string
  thumbprint: string
  expiresAt: Time
}

/** By it people join meetings, dial in or reach the Control Panel. */
export interface SimpleUrl {
  /** `Global`, or the site that has addresses of its own: `Site:Redmond`. */
  scope: string
  /** `Meet`, `Dialin`, `Admin`. */
  component: string
  /** `*`: of every SIP domain. */
  domain: string
  url: string
}

/** What stands against reading the repository. */
export interface SourceTrouble {
  code: ProblemCode
  message: string
  hint: string | null
}

/** One fault in the files of a revision. */
export interface RevisionFault {
  code: ProblemCode
  /** `file:line:column: message`. */
  message: string
}

/** A head that does not descend from the revision in force. */
export interface Rewriting {
  /** The revision that was in force. */
  from: string
  /** The first head that was seen to leave it. */
  to: string
}

export interface Facts {
  /** The Git source, which reports itself like any probe. Subject: the deployment's name, or `git` before one is known. */
  source: {
    /** Commit at the head of the branch; null when it was never read. */
    head: string | null
    /** Revision whose desired state is in force; null when none was ever valid. */
    lastGood: string | null
    /** Who made that revision, and why; absent while none is in force. */
    commit?: Commit
    /** Who last changed the file of each open Recovery of that revision, by its name; absent where it cannot be told. */
    declared?: Readonly<Record<string, Commit>>
    /** Last time the repository answered. */
    fetchedAt: Time | null
    /** Why the repository could not be read now; null when it could. */
    unreachable: SourceTrouble | null
    /** Every fault of the head revision; empty when it is valid. */
    invalid: readonly RevisionFault[]
    /** Somebody rewrote the history of the branch, and nobody has acknowledged it; absent or null: nobody did. */
    rewritten?: Rewriting | null
  }
  /** Subject: the location's name. */
  location: {
    /** Null where the share holds no identity yet. */
    identity: { id: string; deployment: string; owner: string } | null
    /** The owner id of the daemon that looked. */
    us: string
    /** Who else is at work there, as his heartbeat says; absent where nobody is, or nobody asked. */
    usedBy?: LocationUser
    freeBytes: number
    totalBytes: number
    /** True: the file system says that nothing can be written. Absent or false proves nothing. */
    isReadOnly?: boolean
    /** Clock of the share minus ours when the newest set that a pointer names was closed; null where none says. */
    clockOffsetSeconds: number | null
    /** Policy -> id of the set that `current/<policy>.txt` names; no entry, or null, where there is no such file. */
    pointers: Readonly<Record<string, string | null>>
    /**
     * Policy -> what its list of copies beside that names: set (empty: none) -> items; no entry where there is no list.
     * Absent in what older versions saw.
     */
    copyLists?: Readonly<Record<string, Readonly<Record<string, number>>>>
    /** What is not what its name says; absent where there is none. */
    odd?: readonly OddEntry[]
  }
  /** Subject: the DNS name asked for (A and AAAA, or SRV). */
  dns: { answers: readonly string[] }
  /** Subject: host FQDN; `port` says which listener. */
  tls: Certificate & { port: number }
  /**
   * Subject: host FQDN. What the internal (port 443) and the external web services (4443) present; null: nothing came. IIS
   * may have other certificates than the listener of SIP has (`Set-CsCertificate`: Default, WebServicesInternal,
   * WebServicesExternal).
   */
  webCertificates: { internal: Certificate | null; external: Certificate | null }
  /** Subject: `host\instance`. */
  sqlInstance: {
    version: string
    edition: string
    machine: string
    databases: readonly DatabaseFacts[]
    /** True: our configuration lets the connection be TLS 1.0. */
    oldTlsAllowed?: boolean
    /** True: the login is sysadmin, and sees the sessions of mirrors too. */
    administrator?: boolean
    /** True: the login sees every database, also one that is offline. */
    viewAnyDatabase?: boolean
    /**
     * Thumbprints, in capitals, of the certificates with a private key and of the keys in `master`: what opens the backups of
     * encrypted databases (TDE) here. Absent: the login is not sysadmin, so that some may be hidden from it, or nobody asked.
     */
    encryptors?: readonly string[]
    /** Its clock is too far from ours; absent: it is not, or it was not told. */
    clock?: Skew
  }
  /** Subject: UNC path. */
  fileStore: {
    /** Names of the folders at the top. */
    folders: readonly string[]
    /** Entries below the service folders, counted up to a bound; the replication spool is not content. */
    entries?: number
    /** When the oldest service folder came to be; null where the file system does not say, or there is none. */
    bornAt?: Time | null
    freeBytes?: number | null
    /** Where the file system that holds it is mounted on our machine; undefined where that means nothing (Windows). */
    mountPoint?: string | undefined
  }
  /** Subject: host FQDN. The published ports of its roles, and SMB, as far as they were tried. */
  ports: { open: readonly number[]; closed: readonly number[] }
  /** Subject: host FQDN. What `Get-CsWindowsService -ComputerName` lists; an empty list is an answer. */
  services: { services: readonly ServiceFacts[] }
  /** Subject: the deployment's name. */
  replication: { replicas: readonly ReplicaFacts[] }
  /** Subject: the deployment's name. */
  centralManagement: {
    /** `host\instance` by which the directory points at the store; null where it points nowhere. */
    location: string | null
    /** Null: no master is active. */
    activeMaster: string | null
    fileTransferAgents: readonly string[]
  }
  /** Subject: FQDN of a SQL Server host. */
  databaseTests: { databases: readonly DatabaseTest[] }
  /** Subject: pool FQDN. Routing groups, and how many of them lack a replica. */
  fabric: { routingGroups: number; withoutPrimary: number; withoutSecondary: number }
  /** Subject: pool FQDN. */
  pairing: { partner: string | null; modules: readonly PairingModule[] }
  /** Subject: the deployment's name. State of the Registrar of each pool with users (`domain/pool-state`). */
  poolStates: { pools: readonly { fqdn: Subject; state: string }[] }
  /** Subject: the deployment's name. The address that is in use for each component and domain. */
  simpleUrls: { urls: readonly SimpleUrl[] }
  /**
   * Subject: the deployment's name. The certificate by which servers vouch for each other to Exchange and others
   * (OAuthTokenIssuer); null: none is assigned where the shell host is.
   */
  oauthCertificate: { certificate: Certificate | null }
  /**
   * Subject: the compliance database of a Persistent Chat pool. What takes its data out; null: no adapter is set, and nothing
   * is saved there.
   */
  complianceAdapter: { adapter: string | null }
  /** Subject: the deployment's name. `signature` changes when the topology is published anew. */
  publishedTopology: { signature: string; topology: PublishedTopology }
  /** Subject: the deployment's name. Cumulative-update level of each server that reported one. */
  patchLevels: { servers: readonly { fqdn: string; version: string }[] }
  /** Subject: the deployment's name. Options 43 and 120 of each authorised DHCP server. */
  dhcp: { servers: readonly { name: string; options: readonly { id: number; value: string }[] }[] }
  /** Subject: id of a set that holds the newest ok copy of some item. */
  environmentRecord: {
    record: EnvironmentRecord
    /** Of what this set recorded nothing: as the newest sets before it recorded it. Absent where there is none. */
    earlier?: EnvironmentRecord
    /** The topology inside its configuration export; absent where the set holds none that could be read. */
    exported?: PublishedTopology
    /** Of the databases that it holds encrypted (TDE), by subject: thumbprint of what opens the backup. Absent: not read yet. */
    encryptors?: Readonly<Record<Subject, string>>
  }
}

/** Something on a share that Holdfast never makes, in a place where it looks. */
export interface OddEntry {
  /** UNC path. */
  path: string
  /** The rest of a sentence about it. */
  what: string
}

/** Every kind of fact. */
export const factKinds = [
  'source',
  'location',
  'dns',
  'tls',
  'webCertificates',
  'sqlInstance',
  'fileStore',
  'ports',
  'services',
  'replication',
  'centralManagement',
  'databaseTests',
  'fabric',
  'pairing',
  'poolStates',
  'simpleUrls',
  'oauthCertificate',
  'complianceAdapter',
  'publishedTopology',
  'patchLevels',
  'dhcp',
  'environmentRecord',
] as const satisfies (keyof Facts)[]

/** One value for each kind of fact. */
export function eachFact<V>(of: (fact: keyof Facts) => V): Record<keyof Facts, V> {
  return Object.fromEntries(factKinds.map((fact) => [fact, of(fact)])) as Record<keyof Facts, V>
}
