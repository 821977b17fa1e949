import { columnsOf, valuesOf, zeros, type Row } from '../catalogue/table.ts'
import { stableGuid } from '../catalogue/databases.ts'
import { EngineError, terminated } from '../errors.ts'
import { factsOf, isAdministrator, type Frame } from '../run/frame.ts'
import { pageBytes, pageCount } from '../tape/pages.ts'
import type { FoundSet, Medium } from '../tape/read.ts'
import type { Inspection, Statement } from '../tsql/ast.ts'
import { checkSet, chosenSet, readDevice } from './device.ts'
import { deviceOf } from './options.ts'

const verbs: Record<Inspection, string> = {
  headeronly: 'RESTORE HEADERONLY',
  filelistonly: 'RESTORE FILELIST',
  labelonly: 'RESTORE LABELONLY',
  verifyonly: 'VERIFY DATABASE',
}

/** RESTORE HEADERONLY, FILELISTONLY, LABELONLY and VERIFYONLY: all really read the file. */
export async function inspectBackup(statement: Statement & { node: 'inspect' }, frame: Frame): Promise<void> {
  try {
    if (!isAdministrator(frame))
      throw new EngineError(262, `CREATE DATABASE permission denied in database 'master'.`, { severity: 14 })
    const path = deviceOf(statement.devices, frame)
    const medium = await readDevice(path, frame)
    if (statement.what === 'headeronly') {
      sendRows(
        headerColumns,
        medium.sets.map((set) => headerRow(set)),
        frame,
      )
      return
    }
    if (statement.what === 'labelonly') {
      sendRows(labelColumns, [labelRow(medium)], frame)
      return
    }
    const set = chosenSet(medium, path, statement.options, frame)
    if (statement.what === 'filelistonly') {
      sendRows(fileColumns, fileRows(set), frame)
      return
    }
    checkSet(set, path, statement.options, frame)
    frame.sink.info(3262, `The backup set on file ${set.position} is valid.`)
    frame.sink.done(null)
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    throw terminated(verbs[statement.what], error)
  }
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

const headerZeros = zeros(
  'SortOrder CodePage HasBulkLoggedData IsSnapshot IsSingleUser IsDamaged BeginsLogChain HasIncompleteMetaData IsForceOffline Containment',
)

function headerRow(set: FoundSet): Row {
  const { facts } = set
  // A set whose end is missing shows so, and little else.
  if (!set.complete)
    return {
      BackupName: '*** INCOMPLETE ***',
      Position: set.position,
      DeviceType: 2,
      ServerName: facts.server,
      UserName: facts.user,
    }
  const started = new Date(facts.startedAt)
  const lsn = BigInt(Math.floor(started.getTime() / 1000)) * 1_000_000_000n
  const fork = stableGuid(`${facts.databaseGuid}/fork`)
  return {
    ...headerZeros,
    BackupName: facts.backupName,
    BackupDescription: facts.description,
    BackupType: facts.sizeBytes === 0 ? 2 : 1,
    Compressed: Number(facts.compressed),
    Position: set.position,
    DeviceType: 2,
    UserName: facts.user,
    ServerName: facts.server,
    DatabaseName: facts.name,
    DatabaseVersion: facts.software.databaseVersion,
    DatabaseCreationDate: new Date(facts.databaseCreatedAt),
    BackupSize: BigInt(pageCount(facts.sizeBytes) * pageBytes),
    FirstLSN: lsn,
    LastLSN: lsn + 1n,
    CheckpointLSN: lsn,
    DatabaseBackupLSN: 0n,
    BackupStartDate: started,
    BackupFinishDate: new Date(facts.finishedAt),
    UnicodeLocaleId: 1033,
    UnicodeComparisonStyle: 196_609,
    CompatibilityLevel: Math.min(facts.software.major * 10, 160),
    SoftwareVendorId: 4608,
    SoftwareVersionMajor: facts.software.major,
    SoftwareVersionMinor: facts.software.minor,
    SoftwareVersionBuild: facts.software.build,
    MachineName: facts.machine,
    Flags: (facts.checksums ? 16 : 0) + (facts.copyOnly ? 1024 : 0) + 512,
    BindingID: facts.databaseGuid,
    RecoveryForkID: fork,
    Collation: 'Latin1_General_CI_AS',
    FamilyGUID: facts.familyGuid,
    IsReadOnly: Number(facts.readOnly),
    HasBackupChecksums: Number(facts.checksums),
    IsCopyOnly: Number(facts.copyOnly),
    FirstRecoveryForkID: fork,
    RecoveryModel: facts.recoveryModel.replace('_', '-'),
    BackupTypeDescription: facts.sizeBytes === 0 ? 'Transaction Log' : 'Database',
    BackupSetGUID: facts.setGuid,
    CompressedBackupSize: BigInt(facts.compressed ? set.bytes : pageCount(facts.sizeBytes) * pageBytes),
    CompressionAlgorithm: facts.compressed ? 'MS_XPRESS' : null,
  }
}

const labelColumns = `MediaName nvarchar(128), MediaSetId uniqueidentifier, FamilyCount int, FamilySequenceNumber int, MediaFamilyId uniqueidentifier,
  MediaSequenceNumber int, MediaLabelPresent tinyint, MediaDescription nvarchar(255), SoftwareName nvarchar(128), SoftwareVendorId int,
  MediaDate datetime, MirrorCount int, IsCompressed bit`

function labelRow(medium: Medium): Row {
  const [first] = medium.sets
  return {
    MediaSetId: first?.facts.mediaGuid ?? null,
    FamilyCount: 1,
    FamilySequenceNumber: 1,
    MediaFamilyId: first ? stableGuid(`${first.facts.mediaGuid}/family`) : null,
    MediaSequenceNumber: 1,
    MediaLabelPresent: 0,
    SoftwareName: medium.softwareName,
    SoftwareVendorId: 4608,
    MediaDate: first ? new Date(first.facts.startedAt) : null,
    MirrorCount: 1,
    IsCompressed: Number(medium.compressed),
  }
}

const fileColumns = `LogicalName nvarchar(128), PhysicalName nvarchar(260), Type char(1), FileGroupName nvarchar(128), Size numeric(20),
  MaxSize numeric(20), FileId bigint, CreateLSN numeric(25), DropLSN numeric(25), UniqueId uniqueidentifier, ReadOnlyLSN numeric(25),
  ReadWriteLSN numeric(25), BackupSizeInBytes bigint, SourceBlockSize int, FileGroupId int, LogGroupGUID uniqueidentifier,
  DifferentialBaseLSN numeric(25), DifferentialBaseGUID uniqueidentifier, IsReadOnly bit, IsPresent bit, TDEThumbprint varbinary(32),
  SnapshotUrl nvarchar(360) @13`

function fileRows({ facts }: FoundSet): Row[] {
  const both: Row = {
    MaxSize: 35_184_372_080_640n,
    CreateLSN: 0n,
    DropLSN: 0n,
    ReadOnlyLSN: 0n,
    ReadWriteLSN: 0n,
    SourceBlockSize: 512,
    IsReadOnly: 0,
    IsPresent: 1,
  }
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
      UniqueId: stableGuid(`${facts.databaseGuid}/data`),
      BackupSizeInBytes: bytes,
      FileGroupId: 1,
    },
    {
      ...both,
      LogicalName: `${facts.name}_log`,
      PhysicalName: facts.files.log,
      Type: 'L',
      Size: 1_048_576n,
      FileId: 2n,
      UniqueId: stableGuid(`${facts.databaseGuid}/log`),
      BackupSizeInBytes: 0n,
      FileGroupId: 0,
    },
  ]
}
