/**
 * What a version of SQL Server knows by name, as far as Holdfast uses it. The grammars take any function, object or column,
 * so these are held to the documentation: titles of its pages, with the first version of the range here (2008 R2 to the
 * newest) in which the page has the name. Add a name only with the page that says so.
 */
export const versions = ['2008 R2', '2012', '2014', '2016', '2017', '2019', '2022'] as const
export type Version = (typeof versions)[number]

interface Page {
  title: string
  since: Version
  /** In the words of `tsql.cs`. */
  names: readonly string[]
}

const columns = (object: string, ...names: string[]): string[] => [
  `object ${object}`,
  ...names.map((name) => `column ${object}.${name}`),
]
const argumentsOf = (name: string, ...values: string[]): string[] => [
  `function ${name}`,
  ...values.map((value) => `argument ${name} ${value}`),
]

export const pages: readonly Page[] = [
  // Functions
  { title: 'MAX (Transact-SQL)', since: '2008 R2', names: ['function MAX'] },
  { title: 'GETDATE (Transact-SQL)', since: '2008 R2', names: ['function GETDATE'] },
  { title: 'GETUTCDATE (Transact-SQL)', since: '2008 R2', names: ['function GETUTCDATE'] },
  { title: 'DATEDIFF (Transact-SQL)', since: '2008 R2', names: argumentsOf('DATEDIFF', 'minute') },
  { title: 'QUOTENAME (Transact-SQL)', since: '2008 R2', names: ['function QUOTENAME'] },
  { title: 'USER_ID (Transact-SQL)', since: '2008 R2', names: argumentsOf('USER_ID', "CONTOSO\\svc]hold'fast") },
  { title: 'DB_ID (Transact-SQL)', since: '2008 R2', names: ['function DB_ID'] },
  { title: 'SUSER_SNAME (Transact-SQL)', since: '2008 R2', names: ['function SUSER_SNAME'] },
  { title: 'IS_SRVROLEMEMBER (Transact-SQL)', since: '2008 R2', names: argumentsOf('IS_SRVROLEMEMBER', 'sysadmin') },
  { title: 'DATABASEPROPERTYEX (Transact-SQL)', since: '2008 R2', names: argumentsOf('DATABASEPROPERTYEX', 'Status') },
  { title: 'FILEPROPERTY (Transact-SQL)', since: '2008 R2', names: argumentsOf('FILEPROPERTY', 'SpaceUsed') },
  {
    title: 'SERVERPROPERTY (Transact-SQL)',
    since: '2008 R2',
    names: argumentsOf('SERVERPROPERTY', 'Edition', 'MachineName', 'ProductVersion'),
  },
  {
    title: 'HAS_PERMS_BY_NAME (Transact-SQL)',
    since: '2008 R2',
    names: argumentsOf(
      ...(['HAS_PERMS_BY_NAME', 'DATABASE', 'OBJECT', 'msdb.dbo.backupset'] as const),
      'msdb.dbo.log_shipping_primary_databases',
    ),
  },
  {
    title: 'Permissions (Database Engine)',
    since: '2008 R2',
    names: [
      'argument HAS_PERMS_BY_NAME BACKUP DATABASE', // granted by the role db_backupoperator
      ...['CREATE ANY DATABASE', 'SELECT', 'VIEW ANY DATABASE', 'VIEW SERVER STATE'].flatMap((permission) => [
        `argument HAS_PERMS_BY_NAME ${permission}`,
        `permission ${permission}`,
      ]),
    ],
  },

  // Views and tables
  {
    title: 'sys.databases (Transact-SQL)',
    since: '2008 R2',
    names: columns(
      ...(['sys.databases', 'collation_name', 'create_date', 'database_id', 'is_auto_close_on'] as const),
      ...['is_encrypted', 'name', 'recovery_model_desc', 'state_desc', 'user_access_desc'],
    ),
  },
  {
    title: 'sys.database_mirroring (Transact-SQL)',
    since: '2008 R2',
    names: columns(
      ...['sys.database_mirroring', 'database_id', 'mirroring_partner_instance', 'mirroring_role_desc'],
      ...['mirroring_state_desc', 'mirroring_witness_name', 'mirroring_witness_state_desc'],
    ),
  },
  {
    title: 'sys.database_recovery_status (Transact-SQL)',
    since: '2008 R2',
    names: columns('sys.database_recovery_status', 'database_guid', 'database_id', 'family_guid'),
  },
  {
    title: 'sys.database_files (Transact-SQL)',
    since: '2008 R2',
    names: columns('sys.database_files', 'name', 'type'),
  },
  {
    title: 'sys.master_files (Transact-SQL)',
    since: '2008 R2',
    names: columns('sys.master_files', 'database_id', 'file_id', 'name', 'physical_name', 'type'),
  },
  {
    title: 'sys.certificates (Transact-SQL)',
    since: '2008 R2',
    names: columns('master.sys.certificates', 'pvt_key_encryption_type', 'thumbprint'),
  },
  {
    title: 'sys.asymmetric_keys (Transact-SQL)',
    since: '2008 R2',
    names: columns('master.sys.asymmetric_keys', 'thumbprint'),
  },
  {
    title: 'sys.tables (Transact-SQL)',
    since: '2008 R2',
    names: columns('sys.tables', 'is_ms_shipped', 'name', 'object_id'),
  },
  {
    title: 'sys.partitions (Transact-SQL)',
    since: '2008 R2',
    names: columns('sys.partitions', 'index_id', 'object_id', 'rows'),
  },
  {
    title: 'sys.database_principals (Transact-SQL)',
    since: '2008 R2',
    names: columns('sys.database_principals', 'name', 'principal_id'),
  },
  {
    title: 'sys.database_role_members (Transact-SQL)',
    since: '2008 R2',
    names: columns('sys.database_role_members', 'member_principal_id', 'role_principal_id'),
  },
  {
    title: 'restorehistory (Transact-SQL)',
    since: '2008 R2',
    names: columns(
      ...(['msdb.dbo.restorehistory', 'backup_set_id', 'destination_database_name', 'recovery'] as const),
      'restore_history_id',
    ),
  },
  {
    title: 'sys.dm_exec_sessions (Transact-SQL)',
    since: '2008 R2',
    names: columns('sys.dm_exec_sessions', 'program_name', 'session_id'),
  },
  {
    title: 'sys.dm_exec_requests (Transact-SQL)',
    since: '2008 R2',
    names: columns('sys.dm_exec_requests', 'command', 'percent_complete', 'session_id'),
  },
  {
    title: 'backupset (Transact-SQL)',
    since: '2008 R2',
    names: columns(
      ...[
        'msdb.dbo.backupset',
        'backup_finish_date',
        'backup_set_id',
        'backup_set_uuid',
        'backup_size',
        'backup_start_date',
      ],
      ...['compressed_backup_size', 'database_guid', 'database_name', 'is_damaged', 'name', 'type'],
    ),
  },
  {
    title: 'log_shipping_primary_databases (Transact-SQL)',
    since: '2008 R2',
    names: columns('msdb.dbo.log_shipping_primary_databases', 'primary_database'),
  },
  {
    title: 'sys.dm_hadr_database_replica_states (Transact-SQL)',
    since: '2012',
    names: columns('sys.dm_hadr_database_replica_states', 'database_id', 'group_id', 'is_local', 'replica_id'),
  },
  {
    title: 'sys.dm_hadr_availability_replica_states (Transact-SQL)',
    since: '2012',
    names: columns('sys.dm_hadr_availability_replica_states', 'group_id', 'replica_id', 'role_desc'),
  },

  // Procedures and types
  { title: 'sp_executesql (Transact-SQL)', since: '2008 R2', names: ['procedure sp_executesql'] },
  { title: 'sp_addrolemember (Transact-SQL)', since: '2008 R2', names: ['procedure sp_addrolemember'] },
  { title: 'sp_addsrvrolemember (Transact-SQL)', since: '2008 R2', names: ['procedure sp_addsrvrolemember'] },
  { title: '(not documented: docs/not-proved.md)', since: '2008 R2', names: ['procedure master.sys.xp_fileexist'] },
  { title: 'Data Types (Transact-SQL)', since: '2008 R2', names: ['type int', 'type nvarchar'] },

  // Options
  {
    title: 'BACKUP (Transact-SQL)',
    since: '2008 R2',
    names: ['Checksum', 'Compression', 'CopyOnly', 'Format', 'Init', 'Name', 'Stats'].map(
      (one) => `option BACKUP ${one}`,
    ),
  },
  {
    title: 'RESTORE (Transact-SQL)',
    since: '2008 R2',
    names: ['Database', 'Checksum', 'Move', 'Recovery', 'Replace', 'Stats'].map((one) => `option RESTORE ${one}`),
  },
  { title: 'RESTORE HEADERONLY (Transact-SQL)', since: '2008 R2', names: ['option RESTORE HeaderOnly'] },
  { title: 'RESTORE FILELISTONLY (Transact-SQL)', since: '2008 R2', names: ['option RESTORE FileListOnly'] },
  { title: 'RESTORE VERIFYONLY (Transact-SQL)', since: '2008 R2', names: ['option RESTORE VerifyOnly'] },
  { title: 'Backup Devices (SQL Server)', since: '2008 R2', names: ['option device Disk'] },
  {
    title: 'DBCC CHECKDB (Transact-SQL)',
    since: '2008 R2',
    names: ['AllErrorMessages', 'CheckDB', 'NoInfoMessages'].map((one) => `option DBCC ${one}`),
  },
]

/** Of 2012, and harmless before: "NULL = input is not valid" (SERVERPROPERTY). */
export const answeredWithNull: ReadonlySet<string> = new Set(['argument SERVERPROPERTY IsHadrEnabled'])
