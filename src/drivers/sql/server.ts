import type { Time } from '../../base/time.ts'
import type { Facts } from '../../domain/facts.ts'
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

/** A file of the database in a backup, as RESTORE FILELISTONLY tells it. */
export interface BackedUpFile {
  /** Logical name. */
  name: string
  /** `D` data, `L` log, `F` full-text catalogue, `S` FILESTREAM or memory-optimised folder. */
  type: string
  bytes: number
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
  /** RESTORE FILELISTONLY: the files of the database in a backup. */
  fileList(path: string, signal: AbortSignal): Promise<readonly BackedUpFile[]>
  /**
   * Restores the backup as a new database of its own name and files, checks it (DBCC CHECKDB), and drops it. Touches no
   * other database. Throws `sql-backup-damaged` or `sql-consistency-errors` when the backup does not pass; any other
   * Problem: the test could not be made.
   */
  restoreTest(
    request: RestoreTestRequest,
    options: { signal: AbortSignal; onProgress?: (percent: number) => void },
  ): Promise<void>
}
