/** The physical facts of one simulated SQL Server instance: plain JSON, no verdicts. */
export interface SqlServerFacts {
  /** Fully qualified name of the machine as clients know it. */
  host: string
  /** Empty for the default instance. */
  instance: string
  version: SqlVersion
  edition: SqlEdition
  /** NetBIOS name of the machine. */
  machine: string
  running: boolean
  /** The machine's local time minus UTC; `GETDATE`, `create_date` and `msdb` are local. */
  utcOffsetMinutes: number
  /** How far the machine's clock is ahead of the true time. */
  clockOffsetSeconds: number
  /** Where new files go unless told otherwise; a Windows folder without a trailing backslash. */
  dataPath: string
  logins: SqlLogin[]
  databases: SqlDatabase[]
  /** Thumbprints of the certificates in `master` that have their private keys (TDE); left out: those of its own databases. */
  certificates?: string[]
  /** Of those that have none. */
  certificatesWithoutKey?: string[]
  backups: SqlBackup[]
  /** Backups of the logs by a job of the administrators: of every database under FULL or BULK_LOGGED that is open. */
  logBackups: { everyMinutes: number; /** UTC; null: it runs. */ stoppedAt: string | null }
  /** Databases that are primaries of log shipping. */
  logShipping?: string[]
  restores: SqlRestore[]
  faults: SqlFaults
}

/** What opens encrypted databases, and backups of them, here. */
export function certificatesOf({ certificates, databases }: SqlServerFacts): string[] {
  return certificates ?? databases.flatMap(({ encryptor }) => encryptor ?? [])
}

export type SqlVersion = '2008 R2' | '2012' | '2014' | '2016' | '2017' | '2019' | '2022'
export type SqlEdition = 'Enterprise' | 'Standard' | 'Developer' | 'Express' | 'Web' | 'Workgroup'

export interface SqlLogin {
  user: string
  password: string
  sysadmin: boolean
  /** Permissions on the server, as `VIEW SERVER STATE`; left out: those that `public` has. */
  granted?: string[]
  /** Tables of `msdb` that its user there may read, in lower case. */
  mayRead?: string[]
  /** Databases in which its user is a db_backupoperator; `every`: in `model` too, so in those that are made later. */
  backupOperatorIn?: string[] | 'every'
}

export type DatabaseState =
  'ONLINE' | 'RESTORING' | 'RECOVERING' | 'RECOVERY_PENDING' | 'SUSPECT' | 'EMERGENCY' | 'OFFLINE'
export type RecoveryModel = 'SIMPLE' | 'FULL' | 'BULK_LOGGED'

/** A user database. System databases are always there and are not listed. */
export interface SqlDatabase {
  name: string
  /** Identity of the database (`database_guid`): a database that was re-created has another. */
  guid: string
  /** Shared by all copies of a database that restores made; follows from `guid` where none did. */
  familyGuid?: string
  state: DatabaseState
  recoveryModel: RecoveryModel
  /** UTC, RFC 3339. */
  createdAt: string
  /** What the data file takes; a full backup is about as large. */
  sizeBytes: number
  readOnly: boolean
  singleUser: boolean
  /** Whether DBCC CHECKDB finds damage; BACKUP WITH CHECKSUM then fails. */
  corruptPages: number
  /** Errors of structure on pages whose checksum is right: a backup carries them along, DBCC CHECKDB alone finds them. */
  logicalErrors?: number
  /** Table name -> number of rows. */
  tables: Record<string, number>
  /** What its rows follow from: where it is another's (by RESTORE), not its own `guid`. */
  seed?: string
  /** What rows hold that did not grow here: name -> texts. Absent: it follows from the seed and the numbers of rows. */
  documents?: Record<string, string[]>
  /** Role of the database -> its members, as `DOMAIN\\name`. */
  roles?: Record<string, string[]>
  /** Of `lis`: rows that nobody published, so that clients do not see them. */
  unpublished?: true
  /** Where its files lie; below `dataPath` under the database's name where nobody chose. */
  files?: { data: string; log: string }
  mirroring: SqlMirroring | null
  availabilityGroup: SqlAvailability | null
  /** AUTO_CLOSE: closed when nobody is in it, opened by whoever wants something of it. */
  autoClose?: 'open' | 'closed'
  /** Under FULL, but no full backup (a copy-only one does not count) has begun its log chain: BACKUP LOG fails (4214). */
  noLogChain?: boolean
  /** The engine's usual one where left out. */
  collation?: string
  /** TDE: the thumbprint of the certificate in `master` that protects its key, in hexadecimal digits. */
  encryptor?: string
}

export interface SqlMirroring {
  role: 'PRINCIPAL' | 'MIRROR'
  state: 'SYNCHRONIZED' | 'SYNCHRONIZING' | 'SUSPENDED' | 'DISCONNECTED'
  /** `host\instance` of the partner. */
  partnerInstance: string
  witness: string | null
  /** The witness does not answer this partner. */
  witnessLost?: boolean
  safety: 'FULL' | 'OFF'
}

export interface SqlAvailability {
  group: string
  listener: string | null
  role: 'PRIMARY' | 'SECONDARY'
  synchronization: 'SYNCHRONIZED' | 'SYNCHRONIZING' | 'NOT SYNCHRONIZING'
  suspended: boolean
  /** Every replica, this one too, as `host\instance`. */
  replicas: string[]
  backupPreference: 'PRIMARY' | 'SECONDARY_ONLY' | 'SECONDARY' | 'NONE'
}

/** One row of `msdb` history. Times are UTC, RFC 3339. */
export interface SqlBackup {
  database: string
  databaseGuid: string
  name: string | null
  description: string | null
  type: 'D' | 'L'
  copyOnly: boolean
  checksums: boolean
  compressed: boolean
  recoveryModel: RecoveryModel
  startedAt: string
  finishedAt: string
  bytes: number
  compressedBytes: number
  user: string
  /** The device as the statement named it. */
  path: string
  setGuid: string
  mediaGuid: string
  /** Position of the set in the file, from 1. */
  position: number
}

export interface SqlRestore {
  database: string
  at: string
  user: string
  replaced: boolean
  /** WITH NORECOVERY. */
  unrecovered?: true
  setGuid: string
}

/** What goes wrong on demand. Absent: nothing does. */
export interface SqlFaults {
  /** The client's connection is cut when a BACKUP has come so far. */
  dropConnectionAtPercent?: number
  /** What becomes of that BACKUP; `fails` unless told otherwise. */
  thenBackup?: 'succeeds' | 'fails'
  slowBackupSeconds?: number
  /** The same of a RESTORE of a database. */
  dropRestoreAtPercent?: number
  thenRestore?: 'succeeds' | 'fails'
  slowRestoreSeconds?: number
  /** The medium cannot be read any further when a RESTORE has come so far. */
  breakRestoreAtPercent?: number
  refuseLogin?: boolean
  /** No login has more than `public` has, whatever it was granted. */
  withdrawRights?: boolean
  /** The account of the service may not write where backups go. */
  denyDevices?: boolean
  /** The drive of the data files is not there: no folder on it is found, nothing can be restored to it. */
  driveGone?: boolean
  /** Backups end without an error although their last part is missing. */
  cutBackups?: boolean
}

/** Facts of a fresh instance without user databases, for a world to start from. */
export function newSqlServer(base: {
  host: string
  instance: string
  version: SqlVersion
  edition: SqlEdition
}): SqlServerFacts {
  return {
    ...base,
    machine: (base.host.split('.')[0] ?? base.host).toUpperCase().slice(0, 15),
    running: true,
    utcOffsetMinutes: 0,
    clockOffsetSeconds: 0,
    dataPath: 'C:\\CsData',
    logins: [],
    databases: [],
    backups: [],
    logBackups: { everyMinutes: 15, stoppedAt: null },
    restores: [],
    faults: {},
  }
}

/** An empty database as the engine makes it. */
export function newDatabase(name: string, guid: string, createdAt: string): SqlDatabase {
  return {
    name,
    guid,
    createdAt,
    state: 'ONLINE',
    recoveryModel: 'FULL',
    sizeBytes: 4 * 1024 * 1024,
    readOnly: false,
    singleUser: false,
    corruptPages: 0,
    tables: {},
    mirroring: null,
    availabilityGroup: null,
  }
}
