import type { Time } from '../../base/time.ts'
import type { DatabaseFacts, Facts } from '../../domain/facts.ts'
import type { Lacking } from '../../domain/sql-rights.ts'
import type { Subject } from '../../domain/words.ts'

export interface SqlAddress {
  host: string
  /** Empty for the default instance. */
  instance: string
  port: number | null
}

/** What `msdb` says of a finished backup. */
export interface BackupReceipt {
  /** Unique NAME that the backup was given. */
  name: string
  databaseGuid: string | null
  startedAt: Time
  finishedAt: Time
  bytes: number
}

/** What the login may do, as the engine tells it. */
export interface SqlRights {
  /** The login as the instance knows it. */
  login: string
  /** Rights of the table that it does not have; BACKUP DATABASE only of the databases asked about. */
  lacking: readonly Lacking[]
}

export interface TapeFacts {
  name: string | null
  database: string
  databaseGuid: string | null
  /** FamilyGUID and BackupSetGUID, in capitals. */
  family: string | null
  set: string | null
  server: string
  full: boolean
  copyOnly: boolean
  checksums: boolean
  damaged: boolean
  finishedAt: Time
  collation: string | null
}

/** A file of the database in a backup, as RESTORE FILELISTONLY tells it. */
export interface BackedUpFile {
  /** Logical name. */
  name: string
  /** `D` data, `L` log, `F` full-text catalogue, `S` FILESTREAM or memory-optimised folder. */
  type: string
  bytes: number
  /** Where it lay when the backup was made. */
  path: string
  /** TDE: thumbprint of the certificate (or key) without which no server opens the backup; null: not encrypted. */
  encryptor: string | null
}

/** What a database holds, as the catalogue of the instance tells it. */
export interface DatabaseContents {
  facts: DatabaseFacts
  /** `MULTI_USER`, `SINGLE_USER`, `RESTRICTED_USER`. */
  userAccess: string
  /** In all tables of its own; null: it is not open. */
  rows: number | null
  /** What was restored to it last: BackupSetGUID in capitals, and whether it was to be in use afterwards. Null: nothing. */
  lastRestore: { set: string | null; recovered: boolean } | null
}

export interface RestoreOverRequest {
  database: string
  /** The backup, as the instance reaches it. */
  path: string
}

export interface RestoreTestRequest {
  /** The backup, as the instance reaches it. */
  path: string
  /** Folder on the machine of the instance for the files of the restored database. */
  folder: string
  /** Tells this test from others, part of the database's name. */
  id: string
  /** Who tests: what an earlier test of the same owner left on the instance is dropped first. */
  owner: string
}

/** One SQL Server instance. Offers verbs, never a query. Every method throws a Problem with a code of its own per cause. */
export interface SqlServer {
  readonly subject: Subject
  /**
   * SQL Server keeps `create_date` in its own clock time without a zone. It is turned into UTC by the server's present
   * distance from UTC, so it may be an hour off where daylight saving time began or ended since. So are the times of
   * `msdb` and of backup headers.
   */
  facts(signal: AbortSignal): Promise<Facts['sqlInstance']>
  /** Asked of the engine and not tried. A database that is not open here counts as one that may not be backed up. */
  rights(databases: readonly string[], signal: AbortSignal): Promise<SqlRights>
  /** The clock of its machine now. */
  clock(signal: AbortSignal): Promise<Time>
  /**
   * Copy-only full backup with checksums to `path` (UNC, written by SQL Server itself). Resolves a lost connection by
   * asking the server. Aborting the signal stops the server's work: its reason is thrown once the server has confirmed.
   * So does half an hour without progress: `sql-stalled`, here and wherever the server works long.
   * `name` must be unique and of at most 128 characters. Throws `sql-backup-failed` when the server gave the backup up
   * (worth another try), `sql-backup-unknown` when it could not be asked what became of it. Begins nothing where the login
   * could not prove it afterwards: `sql-permission`.
   */
  backup(
    request: { database: string; path: string; name: string },
    options: { signal: AbortSignal; onProgress?: (percent: number) => void },
  ): Promise<BackupReceipt>
  /** What became of the backup of that NAME. Throws `sql-permission` where the login may not see what runs. */
  backupByName(
    name: string,
    signal: AbortSignal,
  ): Promise<{ state: 'running' | 'finished' | 'failed' | 'absent'; receipt: BackupReceipt | null }>
  /** About how many bytes a full backup of the database takes now; null: not known. Fails for nothing but its signal. */
  backupBytes(database: string, signal: AbortSignal): Promise<number | null>
  /** RESTORE HEADERONLY of a file as this instance sees it. */
  header(path: string, signal: AbortSignal): Promise<TapeFacts>
  /** RESTORE VERIFYONLY WITH CHECKSUM. Throws Problem `sql-backup-damaged` when the file does not pass. */
  verify(path: string, signal: AbortSignal): Promise<void>
  /** Whether the account of its service sees that folder on its machine. */
  hasFolder(path: string, signal: AbortSignal): Promise<boolean>
  /** RESTORE FILELISTONLY: the files of the database in a backup. */
  fileList(path: string, signal: AbortSignal): Promise<readonly BackedUpFile[]>
  /**
   * Restores the backup as a new database of its own name and files, checks it (DBCC CHECKDB), and drops it. Touches no
   * other database. Begins nothing without sysadmin: `sql-permission`. Throws `sql-backup-damaged` or `sql-consistency-errors` when the backup does not pass; any other
   * Problem: the test could not be made. Resolves with the seconds that RESTORE took.
   */
  restoreTest(
    request: RestoreTestRequest,
    options: { signal: AbortSignal; onProgress?: (percent: number) => void },
  ): Promise<number>
  /** Drops what killed restore tests of this owner left, as far as nothing holds it. */
  dropRestoreTests(owner: string, signal: AbortSignal): Promise<void>
  /**
   * What a database holds now; null: it is not there. Asks for no row of a table. Throws `sql-permission` where the login may
   * not read what was restored.
   */
  contents(database: string, signal: AbortSignal): Promise<DatabaseContents | null>
  /**
   * Gives a database back to its users that a restore took from them, where a crash left it so. Throws `sql-single-user` where
   * that cannot be done within two minutes.
   */
  giveBack(database: string): Promise<void>
  /** Members of a role of a database, as they are named there; none where the role is not there. */
  roleMembers(of: { database: string; role: string }, signal: AbortSignal): Promise<readonly string[]>
  /**
   * RESTORE WITH REPLACE over a database that is there, onto its own files. Before it touches anything, it reads all of the
   * backup, and refuses a database that is not there (`sql-database-missing`) or mirrored or grouped
   * (`sql-database-mirrored`), a login without sysadmin, and what `refuse` throws for: asked at the beginning and right before
   * RESTORE. The database is taken from its users, and given back however it ends, unless it was left RESTORING:
   * `sql-single-user` where that failed. A lost connection is resolved by asking the server: `sql-restore-failed`,
   * `sql-restore-unknown`. Aborting the signal stops the server's work. Idempotent: what was broken off is begun again.
   * Resolves with what it holds then, once this backup is seen to be what was restored last.
   */
  restoreOver(
    request: RestoreOverRequest,
    options: {
      signal: AbortSignal
      refuse?: (contents: DatabaseContents) => void | Promise<void>
      onProgress?: (percent: number) => void
    },
  ): Promise<DatabaseContents>
}
