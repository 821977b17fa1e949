import { sqlRights } from '../../domain/sql-rights.ts'

/**
 * Every T-SQL text that Holdfast sends: constants, so that nothing from outside ever becomes part of a statement. The
 * parameters are bound as nvarchar; where the grammar wants a name, the engine's own QUOTENAME makes it from one. The
 * texts keep to what SQL Server 2008 R2 to 2022 know; the one that needs a newer version says so.
 */
export const statements = {
  instance: `
SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)) AS version,
       CAST(SERVERPROPERTY('Edition') AS nvarchar(128)) AS edition,
       CAST(SERVERPROPERTY('MachineName') AS nvarchar(128)) AS machine,
       CAST(SERVERPROPERTY('IsHadrEnabled') AS int) AS hadr,
       ${sqlRights.sysadmin.check} AS administrator,
       ${sqlRights.viewAnyDatabase.check} AS viewAnyDatabase,
       ${sqlRights.readHistory.check} AS readHistory,
       ${sqlRights.readLogShipping.check} AS readLogShipping,
       DATEDIFF(minute, GETUTCDATE(), GETDATE()) AS utcOffset,
       GETUTCDATE() AS utc`,

  /** A database that AUTO_CLOSE has closed has no collation here, and is not opened by this question. */
  databases: `
SELECT d.name AS name, d.state_desc AS state, d.recovery_model_desc AS recoveryModel, d.create_date AS created,
       d.collation_name AS collation, d.is_auto_close_on AS autoClose, d.is_encrypted AS encrypted,
       m.mirroring_role_desc AS mirroringRole, m.mirroring_state_desc AS mirroringState,
       m.mirroring_partner_instance AS mirroringPartner, m.mirroring_witness_name AS witness,
       m.mirroring_witness_state_desc AS mirroringWitnessState
FROM sys.databases AS d
LEFT JOIN sys.database_mirroring AS m ON m.database_id = d.database_id
WHERE d.database_id > 4
ORDER BY d.name`,

  /** Opens every database that is not open. */
  identities: `
SELECT d.name AS name, r.database_guid AS guid, r.family_guid AS family
FROM sys.databases AS d
JOIN sys.database_recovery_status AS r ON r.database_id = d.database_id
WHERE d.database_id > 4`,

  /** What opens the backups of encrypted databases on this instance: all of them are shown to sysadmin. */
  certificates: `
SELECT c.thumbprint AS thumbprint, c.pvt_key_encryption_type AS privateKey
FROM master.sys.certificates AS c`,

  asymmetricKeys: `
SELECT k.thumbprint AS thumbprint
FROM master.sys.asymmetric_keys AS k`,

  logShipping: `
SELECT p.primary_database AS name
FROM msdb.dbo.log_shipping_primary_databases AS p`,

  logBackups: `
SELECT b.database_name AS name, MAX(b.backup_finish_date) AS finished
FROM msdb.dbo.backupset AS b
WHERE b.type = 'L'
GROUP BY b.database_name`,

  /** From 2012: the views are not there before. */
  replicaRoles: `
SELECT d.name AS name, a.role_desc AS role
FROM sys.dm_hadr_database_replica_states AS s
JOIN sys.dm_hadr_availability_replica_states AS a ON a.replica_id = s.replica_id AND a.group_id = s.group_id
JOIN sys.databases AS d ON d.database_id = s.database_id
WHERE s.is_local = 1`,

  /** Who may use it. */
  userAccess: `
SELECT d.user_access_desc AS access, d.state_desc AS state
FROM sys.databases AS d
WHERE d.name = @database`,

  /** From metadata: no table is read. Each row once, whatever indexes its table has. */
  tableRows: `
DECLARE @ask nvarchar(600) = N'USE ' + QUOTENAME(@database) + N';
SELECT t.name AS name, p.rows AS tableRows
FROM sys.tables AS t
JOIN sys.partitions AS p ON p.object_id = t.object_id
WHERE t.is_ms_shipped = 0 AND p.index_id < 2';
EXEC sp_executesql @ask`,

  roleMembers: `
DECLARE @ask nvarchar(600) = N'USE ' + QUOTENAME(@database) + N';
SELECT g.name AS role, m.name AS name
FROM sys.database_role_members AS r
JOIN sys.database_principals AS g ON g.principal_id = r.role_principal_id
JOIN sys.database_principals AS m ON m.principal_id = r.member_principal_id';
EXEC sp_executesql @ask`,

  lastRestore: `
SELECT TOP (1) b.backup_set_uuid AS setGuid, h.recovery AS recovered
FROM msdb.dbo.restorehistory AS h
JOIN msdb.dbo.backupset AS b ON b.backup_set_id = h.backup_set_id
WHERE h.destination_database_name = @database
ORDER BY h.restore_history_id DESC`,

  masterFiles: `
SELECT f.name AS name, f.type AS type, f.physical_name AS path
FROM sys.master_files AS f
JOIN sys.databases AS d ON d.database_id = f.database_id
WHERE d.name = @database
ORDER BY f.file_id`,

  /** How much of its data files is in use: whoever may enter the database sees it. The batch of its own ends the USE. */
  usedPages: `
DECLARE @ask nvarchar(500) = N'USE ' + QUOTENAME(@database) + N';
SELECT FILEPROPERTY(f.name, N''SpaceUsed'') AS pages FROM sys.database_files AS f WHERE f.type = 0';
EXEC sp_executesql @ask`,

  lastFullBackup: `
SELECT TOP (1) b.compressed_backup_size AS compressedBytes
FROM msdb.dbo.backupset AS b
WHERE b.database_name = @database AND b.type = 'D'
ORDER BY b.backup_set_id DESC`,

  backup: `
BACKUP DATABASE @database TO DISK = @path
WITH COPY_ONLY, CHECKSUM, INIT, FORMAT, STATS = 5, NAME = @name`,

  /** Refused by Express, Web and Workgroup. */
  backupCompressed: `
BACKUP DATABASE @database TO DISK = @path
WITH COPY_ONLY, CHECKSUM, COMPRESSION, INIT, FORMAT, STATS = 5, NAME = @name`,

  /** Without VIEW SERVER STATE, the sessions of other connections are silently left out of what the server shows. */
  rights: `
SELECT SUSER_SNAME() AS login,
       ${sqlRights.viewAnyDatabase.check} AS viewAnyDatabase,
       ${sqlRights.viewServerState.check} AS viewServerState,
       ${sqlRights.createAnyDatabase.check} AS createAnyDatabase,
       ${sqlRights.readHistory.check} AS readHistory,
       ${sqlRights.readLogShipping.check} AS readLogShipping,
       ${sqlRights.sysadmin.check} AS sysadmin`,

  mayBackUp: `
SELECT ${sqlRights.backUp.check} AS allowed`,

  clock: `
SELECT GETUTCDATE() AS utc`,

  /** The backup itself cannot be recognised by its text, whose values are bound: its connection's own name can. */
  runningBackup: `
SELECT r.session_id AS session, r.percent_complete AS done
FROM sys.dm_exec_sessions AS s
JOIN sys.dm_exec_requests AS r ON r.session_id = s.session_id
WHERE s.program_name = @application AND r.command LIKE N'BACKUP%'`,

  /** How far the work on the connection of that name has come. */
  progress: `
SELECT r.percent_complete AS done
FROM sys.dm_exec_sessions AS s
JOIN sys.dm_exec_requests AS r ON r.session_id = s.session_id
WHERE s.program_name = @application`,

  backupHistory: `
SELECT TOP (1) b.name AS name, b.database_guid AS guid, b.backup_start_date AS started,
       b.backup_finish_date AS finished, b.compressed_backup_size AS compressedBytes, b.backup_size AS bytes,
       b.is_damaged AS damaged, DATEDIFF(minute, GETUTCDATE(), GETDATE()) AS utcOffset
FROM msdb.dbo.backupset AS b
WHERE b.name = @name AND b.type = 'D'
ORDER BY b.backup_set_id DESC`,

  utcOffset: `
SELECT DATEDIFF(minute, GETUTCDATE(), GETDATE()) AS utcOffset`,

  header: `
RESTORE HEADERONLY FROM DISK = @path`,

  verify: `
RESTORE VERIFYONLY FROM DISK = @path WITH CHECKSUM, STATS = 5`,

  fileList: `
RESTORE FILELISTONLY FROM DISK = @path`,

  /** Not in the documentation of the engine, but in every version and open to all: what its service account sees. */
  folder: `
EXEC master.sys.xp_fileexist @path`,

  restoreTests: `
SELECT d.name AS name FROM sys.databases AS d WHERE d.name LIKE N'holdfast[_]restore[_]test[_]%'`,

  checkRestoreTest: `
DECLARE @check nvarchar(400) = N'DBCC CHECKDB (' + QUOTENAME(@database) + N') WITH NO_INFOMSGS, ALL_ERRORMSGS';
EXEC sp_executesql @check`,

  /** Drops nothing but what a restore test made, whatever name it is given. */
  dropRestoreTest: `
IF @database LIKE N'holdfast[_]restore[_]test[_]%' AND DB_ID(@database) IS NOT NULL
BEGIN
  DECLARE @drop nvarchar(400) = N'DROP DATABASE ' + QUOTENAME(@database);
  EXEC sp_executesql @drop
END`,

  giveBack: `
DECLARE @give nvarchar(400) = N'ALTER DATABASE ' + QUOTENAME(@database) + N' SET MULTI_USER WITH ROLLBACK IMMEDIATE';
EXEC sp_executesql @give`,
} as const

/**
 * RESTORE of a database with that many files, each moved (`@logical1` to `@physical1`, ...). `restoreFiles`: as a new one.
 * `restoreOver`: over one that is there, which it takes from its users.
 */
export type Statement = keyof typeof statements | { restoreFiles: number } | { restoreOver: number }

/** The T-SQL of a statement, with `@name` where a value is bound. */
export function sqlOf(statement: Statement): string {
  if (typeof statement === 'string') return statements[statement]
  return 'restoreFiles' in statement ? restoreText(statement.restoreFiles) : restoreOverText(statement.restoreOver)
}

/** Never WITH REPLACE: over a database that is there, the engine refuses. */
function restoreText(files: number): string {
  return `
RESTORE DATABASE @database FROM DISK = @path
WITH ${[...moves(files), 'CHECKSUM', 'RECOVERY', 'STATS = 5'].join(', ')}`
}

/** In one batch, so that nobody comes in between. Where nothing is there, nothing is made. */
function restoreOverText(files: number): string {
  return `
DECLARE @take nvarchar(400) = N'ALTER DATABASE ' + QUOTENAME(@database) + N' SET SINGLE_USER WITH ROLLBACK IMMEDIATE';
IF CAST(DATABASEPROPERTYEX(@database, 'Status') AS nvarchar(60)) = N'ONLINE' EXEC sp_executesql @take;
IF DB_ID(@database) IS NOT NULL
RESTORE DATABASE @database FROM DISK = @path
WITH ${['REPLACE', ...moves(files), 'CHECKSUM', 'RECOVERY', 'STATS = 5'].join(', ')}`
}

function moves(files: number): string[] {
  return Array.from({ length: files }, (_, index) => `MOVE @logical${index + 1} TO @physical${index + 1}`)
}
