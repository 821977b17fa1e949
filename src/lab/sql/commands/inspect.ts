import { stableGuid } from '../catalogue/databases.ts'
import { columnsOf, valuesOf, type Row } from '../catalogue/table.ts'
import { EngineError, terminated } from '../errors.ts'
import { factsOf, type Frame } from '../run/frame.ts'
import { isGranted } from '../run/rights.ts'
import { pageBytes, pageCount } from '../tape/pages.ts'
import type { FoundSet } from '../tape/read.ts'
import type { Inspection, StatementOf } from '../tsql/ast.ts'
import { checkCertificate, checkSet, chosenSet, deviceOf, readDevice } from './device.ts'

const verbs: Record<Inspection, string> = {
  headeronly: 'RESTORE HEADERONLY',
  filelistonly: 'RESTORE FILELIST',
  verifyonly: 'VERIFY DATABASE',
}

/** RESTORE HEADERONLY, FILELISTONLY and VERIFYONLY: all really read the file. */
export async function inspectBackup(statement: StatementOf<'inspect'>, frame: Frame): Promise<void> {
  try {
    await inspect(statement, frame)
  } catch (error) {
    throw terminated(verbs[statement.what], error)
  }
}

async function inspect({ what, devices, options }: StatementOf<'inspect'>, frame: Frame): Promise<void> {
  if (!isGranted('CREATE ANY DATABASE', frame)) throw new EngineError(262, 'CREATE DATABASE', 'master')
  const path = deviceOf(devices, frame)
  const medium = await readDevice(path, frame)
  if (what === 'headeronly') {
    sendRows(headerColumns, medium.sets.map(headerRow), frame)
    return
  }
  const set = chosenSet(medium, path, options, frame)
  if (what === 'filelistonly') {
    checkCertificate(set, frame)
    sendRows(fileColumns, fileRows(set), frame)
    return
  }
  checkSet(set, path, options, frame)
  frame.sink.info(3262, set.position)
  frame.sink.done(null)
}

function sendRows(definition: string, rows: Row[], frame: Frame): void {
  const columns = columnsOf(definition, factsOf(frame))
  frame.sink.columns(columns)
  for (const row of rows) frame.sink.row(valuesOf(row, columns))
  frame.sink.done(rows.length)
}

const headerColumns = `BackupName nvarchar(128), BackupDescription nvarchar(255), BackupType smallint, ExpirationDate datetime, Compressed tinyint,
  Position smallint, DeviceType tinyint, UserName nvarchar(128), ServerName nvarchar(128), DatabaseName nvarchar(128), DatabaseVersion int,
  DatabaseCreationDate datetime, BackupSize numeric(20), FirstLSN numeric(25), LastLSN numeric(25), CheckpointLSN numeric(25),
  DatabaseBackupLSN numeric(25), BackupStartDate datetime, BackupFinishDate datetime, SortOrder smallint, CodePage smallint,
  UnicodeLocaleId int, UnicodeComparisonStyle int, CompatibilityLevel tinyint, SoftwareVendorId int, SoftwareVersionMajor int,
  SoftwareVersionMinor int, SoftwareVersionBuild int, MachineName nvarchar(128), Flags int, BindingID uniqueidentifier,
  RecoveryForkID uniqueidentifier, Collation nvarchar(128), FamilyGUID uniqueidentifier, HasBulkLoggedData bit, IsSnapshot bit,
  IsReadOnly bit, IsSingleUser bit, HasBackupChecksums bit, IsDamaged bit, BeginsLogChain bit, HasIncompleteMetaData bit, IsForceOffline bit,
  IsCopyOnly bit, FirstRecoveryForkID uniqueidentifier, ForkPointLSN numeric(25), RecoveryModel nvarchar(60), DifferentialBaseLSN numeric(25),
  DifferentialBaseGUID uniqueidentifier, BackupTypeDescription nvarchar(60), BackupSetGUID uniqueidentifier, CompressedBackupSize bigint,
  Containment tinyint @11, KeyAlgorithm nvarchar(32) @12, EncryptorThumbprint varbinary(20) @12, EncryptorType nvarchar(32) @12,
  LastValidRestoreTime datetime @16, TimeZone nvarchar(32) @16, CompressionAlgorithm nvarchar(32) @16`

/** What is certain of a set stands here; log positions and other things inside the engine are left NULL. */
function headerRow(set: FoundSet): Row {
  const { facts, position, complete, bytes } = set
  const { software, checksums, copyOnly } = facts
  const medium = { Position: position, DeviceType: 2, ServerName: facts.server, UserName: facts.user }
  // A set whose end is missing shows so, and little else.
  if (!complete) return { ...medium, BackupName: '*** INCOMPLETE ***' }
  const size = BigInt(pageCount(facts.sizeBytes) * pageBytes)
  return {
    ...medium,
    BackupName: facts.backupName,
    BackupDescription: facts.description,
    BackupType: 1,
    BackupTypeDescription: 'Database',
    BackupSetGUID: facts.setGuid,
    BackupSize: size,
    Compressed: Number(facts.compressed),
    CompressedBackupSize: facts.compressed ? BigInt(bytes) : size,
    CompressionAlgorithm: facts.compressed ? 'MS_XPRESS' : null,
    DatabaseName: facts.name,
    DatabaseVersion: software.databaseVersion,
    DatabaseCreationDate: new Date(facts.databaseCreatedAt),
    BackupStartDate: new Date(facts.startedAt),
    BackupFinishDate: new Date(facts.finishedAt),
    CompatibilityLevel: Math.min(software.major * 10, 160),
    SoftwareVendorId: 4608,
    SoftwareVersionMajor: software.major,
    SoftwareVersionMinor: software.minor,
    SoftwareVersionBuild: software.build,
    MachineName: facts.machine,
    Flags: (checksums ? 16 : 0) + (copyOnly ? 1024 : 0) + 512,
    BindingID: facts.databaseGuid,
    FamilyGUID: facts.familyGuid,
    Collation: facts.collation,
    HasBackupChecksums: Number(checksums),
    IsCopyOnly: Number(copyOnly),
    IsReadOnly: Number(facts.readOnly),
    IsDamaged: 0,
    IsSnapshot: 0,
    IsSingleUser: 0,
    BeginsLogChain: 0,
    HasIncompleteMetaData: 0,
    RecoveryModel: facts.recoveryModel.replace('_', '-'),
  }
}

const fileColumns = `LogicalName nvarchar(128), PhysicalName nvarchar(260), Type char(1), FileGroupName nvarchar(128), Size numeric(20),
  MaxSize numeric(20), FileId bigint, CreateLSN numeric(25), DropLSN numeric(25), UniqueId uniqueidentifier, ReadOnlyLSN numeric(25),
  ReadWriteLSN numeric(25), BackupSizeInBytes bigint, SourceBlockSize int, FileGroupId int, LogGroupGUID uniqueidentifier,
  DifferentialBaseLSN numeric(25), DifferentialBaseGUID uniqueidentifier, IsReadOnly bit, IsPresent bit, TDEThumbprint varbinary(32),
  SnapshotUrl nvarchar(360) @13`

function fileRows({ facts }: FoundSet): Row[] {
  const TDEThumbprint = facts.encryptor === null ? null : Buffer.from(facts.encryptor, 'hex')
  const both: Row = { SourceBlockSize: 512, IsReadOnly: 0, IsPresent: 1, TDEThumbprint }
  const bytes = BigInt(pageCount(facts.sizeBytes) * pageBytes)
  return [
    {
      ...both,
      LogicalName: facts.name,
      PhysicalName: facts.files.data,
      Type: 'D',
      FileGroupName: 'PRIMARY',
      Size: bytes,
      FileId: 1n,
      FileGroupId: 1,
      BackupSizeInBytes: bytes,
      UniqueId: stableGuid(`${facts.databaseGuid}/data`),
    },
    {
      ...both,
      LogicalName: `${facts.name}_log`,
      PhysicalName: facts.files.log,
      Type: 'L',
      Size: 1_048_576n,
      FileId: 2n,
      FileGroupId: 0,
      BackupSizeInBytes: 0n,
      UniqueId: stableGuid(`${facts.databaseGuid}/log`),
    },
  ]
}
