/** The messages of the engine that are needed here, as `sys.messages` words them: number, severity, state, text. */
const table = `
102 15 1 Incorrect syntax near '%1'.
105 15 1 Unclosed quotation mark after the character string '%1'.
134 15 1 The variable name '%1' has already been declared. Variable names must be unique within a query batch or stored procedure.
137 15 2 Must declare the scalar variable "%1".
155 15 1 '%1' is not a recognized %2 option.
174 15 1 The %1 function requires %2 argument(s).
195 15 1 '%1' is not a recognized %2.
207 16 1 Invalid column name '%1'.
208 16 1 Invalid object name '%1'.
209 16 1 Ambiguous column name '%1'.
229 14 5 The SELECT permission was denied on the object '%1', database 'msdb', schema 'dbo'.
241 16 1 Conversion failed when converting date and/or time from character string.
243 16 1 Type %1 is not a defined system type.
245 16 1 Conversion failed when converting the value '%1' to data type int.
262 14 1 %1 permission denied in database '%2'.
281 16 1 %1 is not a valid style number when converting from datetime to a character string.
297 16 1 The user does not have permission to perform this action.
300 14 1 VIEW SERVER STATE permission was denied on object 'server', database 'master'.
911 16 1 Database '%1' does not exist. Make sure that the name is entered correctly.
916 14 1 The server principal "%1" is not able to access the database "%2" under the current security context.
922 14 2 Database '%1' is being recovered. Waiting until recovery is finished.
926 14 1 Database '%1' cannot be opened. It has been marked SUSPECT by recovery. See the SQL Server errorlog for more information.
927 14 2 Database '%1' cannot be opened. It is in the middle of a restore.
942 14 4 Database '%1' cannot be opened because it is offline.
924 14 1 Database '%1' is already open and can only have one user at a time.
945 14 2 Database '%1' cannot be opened due to inaccessible files or insufficient memory or disk space.  See the SQL Server errorlog for details.
954 14 1 The database "%1" cannot be opened. It is acting as a mirror database.
1468 16 1 The operation cannot be performed on database "%1" because it is involved in a database mirroring session or an availability group. Some operations are not allowed on a database that is participating in a database mirroring session or in an availability group.
1834 16 1 The file '%1' cannot be overwritten.  It is being used by database '%2'.
1844 16 1 BACKUP DATABASE WITH COMPRESSION is not supported on %1 Edition.
2520 16 5 Could not find database '%1'. The database either does not exist, or was dropped before a statement tried to use it. Verify if the database exists by querying the sys.databases catalog view.
2528 10 1 DBCC execution completed. If DBCC printed error messages, contact your system administrator.
2571 14 3 User '%1' does not have permission to run DBCC %2.
2812 16 62 Could not find stored procedure '%1'.
3013 16 1 %1 is terminating abnormally.
3014 10 1 %1 successfully processed %2 pages in %3 seconds (%4 MB/sec).
3043 16 1 BACKUP '%1' detected an error on page (1:101) in file '%2'.
3044 16 1 Invalid zero-length device name. Reissue the BACKUP statement with a valid device name.
3059 16 1 This BACKUP or RESTORE command is not supported on a database mirror or secondary replica.
3098 16 1 The backup cannot be performed because '%1' was requested after the media was formatted with an incompatible structure. To append to this media set, either omit the option or specify '%2'.
3101 16 1 Exclusive access could not be obtained because the database is in use.
3104 16 1 RESTORE cannot operate on database '%1' because it is configured for database mirroring or has joined an availability group. If you intend to restore the database, use ALTER DATABASE to remove mirroring or to remove the database from its availability group.
3108 16 1 To restore the master database, the server must be running in single-user mode.
3110 14 1 User does not have permission to RESTORE database '%1'.
3147 16 1 Backup and restore operations are not allowed on database tempdb.
3153 16 2 The database is already fully recovered.
3154 16 4 The backup set holds a backup of a database other than the existing '%1' database.
3159 16 1 The tail of the log for the database "%1" has not been backed up. Use BACKUP LOG WITH NORECOVERY to backup the log if it contains work you do not want to lose. Use the WITH REPLACE or WITH STOPAT clause of the RESTORE statement to just overwrite the contents of the log.
3169 16 1 The database was backed up on a server running version %1. That version is incompatible with this server, which is running version %2. Either restore the database on a server that supports the backup, or use a backup that is compatible with this server.
3187 16 1 RESTORE WITH CHECKSUM cannot be specified because the backup set does not contain checksum information.
3189 16 1 Damage to the backup set was detected.
3201 16 2 Cannot open backup device '%1'. Operating system error %2.
3202 16 2 Write on "%1" failed: %2
3203 16 1 Read on "%1" failed: 38(Reached the end of the file.)
3211 10 1 %1 percent processed.
3234 16 1 Logical file '%1' is not part of database '%2'. Use RESTORE FILELISTONLY to list the logical file names.
3241 16 1 The media family on device '%1' is incorrectly formed. SQL Server cannot process this media family.
3242 16 1 The file on device '%1' is not a valid Microsoft Tape Format backup set.
3254 16 1 The volume on device '%1' is empty.
3262 10 1 The backup set on file %1 is valid.
3701 11 1 Cannot drop the database '%1', because it does not exist or you do not have permission.
3702 16 4 Cannot drop database "%1" because it is currently in use.
3743 16 1 The database '%1' is enabled for database mirroring. Database mirroring must be removed before you drop the database.
3752 16 1 The database '%1' is currently joined to an availability group.  Before you can drop the database, you need to remove it from the availability group.
3989 16 1 New request is not allowed to start because it should come with valid transaction descriptor.
4035 10 1 Processed %1 pages for database '%2', file '%3' on file %4.
4060 11 1 Cannot open database "%1" requested by the login. The login failed.
4104 16 1 The multi-part identifier "%1" could not be bound.
4121 16 1 Cannot find either column "%1" or the user-defined function or aggregate "%2", or the name is ambiguous.
4145 15 1 An expression of non-boolean type specified in a context where a condition is expected.
5011 14 5 User does not have permission to alter database '%1', the database does not exist, or the database is not in a state that allows access checks.
5052 16 1 %1 is not permitted while a database is in the %2 state.
5064 16 1 Changes to the state or options of database '%1' cannot be made at this time. The database is in single-user mode, and a user is currently connected to it.
5133 16 1 Directory lookup for the file "%1" failed with the operating system error %2.
5701 10 2 Changed database context to '%1'.
5703 10 1 Changed language setting to us_english.
6102 14 1 User does not have permission to use the KILL statement.
6104 16 1 Cannot use KILL to kill your own process.
6106 16 1 Process ID %1 is not an active process ID.
7202 11 2 Could not find server '%1' in sys.servers.
8009 16 1 The incoming tabular data stream (TDS) remote procedure call (RPC) protocol stream is incorrect. Data type 0x%1 is unknown.
8115 16 1 Arithmetic overflow error converting expression to data type %1.
8120 16 1 Column '%1' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause.
8134 16 1 Divide by zero error encountered.
8169 16 1 Conversion failed when converting from a character string to uniqueidentifier.
8939 16 1 Table error: Object ID 245575913, index ID 1, partition ID 72057594038845440, alloc unit ID 72057594043170816 (type In-row data), page (1:%1). Test (IS_OFF (BUF_IOERR, pBUF->bstat)) failed. Values are 133129 and -4.
8989 10 1 CHECKDB found 0 allocation errors and %1 consistency errors in database '%2'.
18452 14 1 Login failed. The login is from an untrusted domain and cannot be used with Windows authentication.
18456 14 1 Login failed for user '%1'.
33111 16 3 Cannot find server certificate with thumbprint '%1'.`

interface MessageText {
  severity: number
  state: number
  text: string
}

const messages = new Map(
  table
    .trim()
    .split('\n')
    .map((line): [number, MessageText] => {
      const [, number, severity, state, text = ''] = /^(\d+) (\d+) (\d+) (.*)$/.exec(line) ?? []
      return [Number(number), { severity: Number(severity), state: Number(state), text }]
    }),
)

/** A message with its values in the places `%1`, `%2`. Throws RangeError for a number that the table lacks. */
export function message(number: number, values: readonly (string | number)[]): MessageText {
  const found = messages.get(number)
  if (!found) throw new RangeError(`message ${number} is not in the table`)
  const text = found.text.replaceAll(/%(\d)/g, (_, place) => String(values[Number(place) - 1] ?? ''))
  return { ...found, text }
}
