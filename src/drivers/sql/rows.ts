/** Rows as the engine answers them -> facts. Nothing here trusts a column to be there. */
import { timeOf, type Time } from '../../base/time.ts'
import type { DatabaseFacts } from '../../domain/facts.ts'
import type { Row } from './connections.ts'
import type { OwnFile } from './restore-files.ts'
import type { BackedUpFile, BackupReceipt, TapeFacts } from './sql-server.ts'

export function text(row: Row | undefined, column: string): string | null {
  const value = row?.[column]
  return typeof value === 'string' ? value.trim() : null
}

/** Numbers and bits; bigint and decimal may arrive as text. */
export function number(row: Row | undefined, column: string): number | null {
  const value = row?.[column]
  if (value === true || value === false) return value ? 1 : 0
  if (value === null || value === undefined || value === '') return null
  const converted = Number(value)
  return Number.isFinite(converted) ? converted : null
}

function yes(row: Row, column: string): boolean {
  return number(row, column) === 1
}

function guid(row: Row, column: string): string | null {
  return text(row, column)?.toUpperCase() ?? null
}

/**
 * Minutes by which the server's clock time is ahead of UTC. The server counts minute boundaries between two readings of
 * its clock, so the figure may be one off; zones differ by quarters of an hour.
 */
export function utcOffset(row: Row | undefined): number {
  return Math.round((number(row, 'utcOffset') ?? 0) / 15) * 15
}

/** SQL Server keeps its times in its own clock time without a zone; the driver hands them over as if they were UTC. */
export function toTime(value: unknown, offsetMinutes: number): Time | null {
  return value instanceof Date && !Number.isNaN(value.getTime())
    ? timeOf(value.getTime() - offsetMinutes * 60_000)
    : null
}

/** `identity`: of its row in `identities`; undefined where nobody asked. */
export function databaseFacts(
  row: Row,
  offsetMinutes: number,
  replicaRole: string | null,
  identity: Row | undefined,
): DatabaseFacts {
  return {
    name: text(row, 'name') ?? '',
    guid: identity ? guid(identity, 'guid') : null,
    family: identity ? guid(identity, 'family') : null,
    state: text(row, 'state') ?? 'UNKNOWN',
    recoveryModel: text(row, 'recoveryModel') ?? 'UNKNOWN',
    createdAt: toTime(row['created'], offsetMinutes),
    mirroringRole: text(row, 'mirroringRole'),
    replicaRole,
    mirroringState: text(row, 'mirroringState'),
    mirroringPartner: text(row, 'mirroringPartner'),
    // Without a witness the engine leaves its name empty and still reports a state.
    mirroringWitnessState: text(row, 'witness') ? text(row, 'mirroringWitnessState') : null,
    collation: text(row, 'collation'),
    encrypted: yes(row, 'encrypted'),
  }
}

/** Closed by AUTO_CLOSE, so that any question about its inside opens it (sys.databases, `collation_name`). */
export function isClosed(row: Row): boolean {
  return yes(row, 'autoClose') && text(row, 'state') === 'ONLINE' && text(row, 'collation') === null
}

/** Whether log backups are to be expected: under SIMPLE the engine refuses them. */
export function keepsLog({ recoveryModel }: DatabaseFacts): boolean {
  return recoveryModel === 'FULL' || recoveryModel === 'BULK_LOGGED'
}

/** Database, in lower case -> end of its newest log backup. */
export function newestLogBackups(rows: readonly Row[], offsetMinutes: number): Map<string, Time | null> {
  return new Map(rows.map((row) => [(text(row, 'name') ?? '').toLowerCase(), toTime(row['finished'], offsetMinutes)]))
}

/** Null when the row lacks its times. */
export function backupReceipt(row: Row): BackupReceipt | null {
  const offset = utcOffset(row)
  const startedAt = toTime(row['started'], offset)
  const finishedAt = toTime(row['finished'], offset)
  if (startedAt === null || finishedAt === null) return null
  return {
    name: text(row, 'name') ?? '',
    databaseGuid: guid(row, 'guid'),
    startedAt,
    finishedAt,
    bytes: number(row, 'compressedBytes') ?? number(row, 'bytes') ?? 0,
  }
}

const fullDatabaseBackup = 1

/** Columns of RESTORE HEADERONLY (document "RESTORE HEADERONLY"); null when it names no database or no time. */
export function tapeFacts(row: Row, offsetMinutes: number): TapeFacts | null {
  const database = text(row, 'DatabaseName')
  const finishedAt = toTime(row['BackupFinishDate'], offsetMinutes)
  if (database === null || finishedAt === null) return null
  return {
    name: text(row, 'BackupName'),
    database,
    databaseGuid: guid(row, 'BindingID'),
    family: guid(row, 'FamilyGUID'),
    set: guid(row, 'BackupSetGUID'),
    server: text(row, 'ServerName') ?? '',
    full: number(row, 'BackupType') === fullDatabaseBackup,
    copyOnly: yes(row, 'IsCopyOnly'),
    checksums: yes(row, 'HasBackupChecksums'),
    damaged: yes(row, 'IsDamaged'),
    finishedAt,
    collation: text(row, 'Collation'),
  }
}

/** `varbinary` as people write it, in capitals without `0x`; null: none. */
export function thumbprint(row: Row, column: string): string | null {
  const { [column]: value } = row
  return Buffer.isBuffer(value) && value.length > 0 ? value.toString('hex').toUpperCase() : null
}

/** A certificate without its private key opens nothing (sys.certificates, `pvt_key_encryption_type`). */
export function hasPrivateKey(row: Row): boolean {
  return text(row, 'privateKey')?.trim() !== 'NA'
}

/** Columns of RESTORE FILELISTONLY (document "RESTORE FILELISTONLY"); null when it names no file. */
export function backedUpFile(row: Row): BackedUpFile | null {
  const name = text(row, 'LogicalName')
  if (name === null || name === '') return null
  return {
    name,
    type: text(row, 'Type') ?? 'D',
    bytes: number(row, 'Size') ?? 0,
    path: text(row, 'PhysicalName') ?? '',
    encryptor: thumbprint(row, 'TDEThumbprint'),
  }
}

/** By `type` of sys.master_files (document "sys.master_files"). */
const fileTypes: Readonly<Record<number, string>> = { 0: 'D', 1: 'L', 2: 'S', 4: 'F' }

export function ownFile(row: Row): OwnFile {
  return {
    name: text(row, 'name') ?? '',
    type: fileTypes[number(row, 'type') ?? 0] ?? 'D',
    path: text(row, 'path') ?? '',
  }
}
