/**
 * The commands that bring one artefact back, with real names filled in, for a person who reads them: the text of
 * `RESTORE.md` and of the procedures. Sources: the vendor's chapter "Restoring Lync Server 2013", and "RESTORE".
 */

/** A PowerShell text that holds nothing but itself; the typographic quotes end one too. */
export function quoted(text: string): string {
  return `'${text.replaceAll(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`
}

/** "Restoring the server hosting the Central Management store". */
export function importConfiguration(file: string): string {
  return `Import-CsConfiguration -FileName ${quoted(file)}`
}

/** It merges; clients see nothing before it is published ("Import-CsLisConfiguration", "Publish-CsLisConfiguration"). */
export function importLocations(file: string): string {
  return `Import-CsLisConfiguration -FileName ${quoted(file)}\nPublish-CsLisConfiguration`
}

/** Takes effect only when the services of all Front Ends of the pool were stopped and are started together. */
export function importUserData(pool: string, file: string): string {
  return `Import-CsUserData -PoolFqdn ${quoted(pool)} -FileName ${quoted(file)}`
}

/** One user's contacts and conferences, by the SIP address without `sip:` ("Update-CsUserData"). */
export function updateUserData(file: string): string {
  return `Update-CsUserData -FileName ${quoted(file)} -UserFilter '<user@domain>'`
}

/** "Restoring Response Group settings": after a rebuild the directory still holds the old owner, whatever the name. */
export function importResponseGroups(pool: string, file: string): string {
  const destination = quoted(`service:ApplicationServer:${pool}`)
  return `Import-CsRgsConfiguration -Destination ${destination} -OverwriteOwner -ReplaceExistingRgsSettings -FileName ${quoted(file)}`
}

/** "Restoring Persistent Chat data": it adds to the database that is there. */
export function importPersistentChat(instance: string, file: string): string {
  return `Import-CsPersistentChatData -DBInstance ${quoted(instance)} -FileName ${quoted(file)}`
}

/**
 * "Restoring a file store": to the identical path; access lists come from `Enable-CsTopology`. A set writes some characters of
 * a name as `=` with two digits (docs/backup-set-format.md), which the second line undoes, the deepest names first.
 */
export function copyFileStore(folder: string, path: string): string {
  const original = "[Uri]::UnescapeDataString(($_.Name -replace '=([0-9A-F]{2})', '%$1'))"
  return [
    `robocopy ${quoted(folder)} ${quoted(path)} /E /COPY:DAT /DCOPY:T /R:1 /W:5`,
    `Get-ChildItem -LiteralPath ${quoted(path)} -Recurse -Attributes !Hidden, Hidden | Sort-Object { $_.FullName.Length } -Descending | Where-Object { $_.Name -match '=[0-9A-F]{2}' } | Rename-Item -NewName { ${original} }`,
  ].join('\n')
}

/**
 * "Restoring monitoring or archiving data"; the folders differ between SQL Server versions, hence `MOVE`. The database is
 * taken from its users first, or RESTORE ends with error 3101. `files`: with their logical names and where they lay, as
 * far as they are known.
 */
export function restoreDatabase(
  database: string,
  file: string,
  files: readonly { name: string; path: string }[] = [],
): string {
  const name = `[${database.replaceAll(']', ']]')}]`
  const text = file.replaceAll("'", "''")
  const moved = files.length === 0 ? unknownFiles : files
  const moves = moved.map(
    (one) => `  MOVE N'${one.name.replaceAll("'", "''")}' TO N'${one.path.replaceAll("'", "''")}'`,
  )
  return `USE master;
RESTORE VERIFYONLY FROM DISK = N'${text}' WITH CHECKSUM;
RESTORE FILELISTONLY FROM DISK = N'${text}';
ALTER DATABASE ${name} SET SINGLE_USER WITH ROLLBACK IMMEDIATE;
RESTORE DATABASE ${name} FROM DISK = N'${text}' WITH REPLACE, CHECKSUM, STATS = 10,
${moves.join(',\n')};
ALTER DATABASE ${name} SET MULTI_USER; -- run it also when RESTORE failed`
}

/** "Failing over Persistent Chat Server": the log-shipped secondary takes no more logs from then on. */
export function recoverSecondary(): string {
  return `sqlcmd -S ${quoted('<SQL Server of the secondary>')} -E -Q 'RESTORE DATABASE [mgc] WITH RECOVERY'`
}

/** In which language a command of these is written, as Markdown names it. */
export function languageOf(command: string): 'powershell' | 'sql' {
  return /^(?:USE|ALTER|RESTORE) /.test(command) ? 'sql' : 'powershell'
}

const unknownFiles = [
  { name: '<logical name of the data file>', path: '<path>.mdf' },
  { name: '<logical name of the log file>', path: '<path>.ldf' },
]
