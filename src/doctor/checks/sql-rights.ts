import { Problem } from '../../base/problem.ts'
import type { Subject } from '../../domain/words.ts'
import type { SqlRights } from '../../drivers/sql/server.ts'

/** Throws `sql-permission` with the statements that grant what is missing. `backsUp`: some policy backs up a database of it. */
export function refuseMissingRights(subject: Subject, rights: SqlRights, backsUp: boolean): string {
  const missing = missingRights(rights, backsUp)
  if (missing.length === 0) return `${rights.login} may do what is needed`
  throw new Problem('sql-permission', {
    subject,
    message: `The login ${rights.login} lacks ${missing.map(({ right }) => right).join(', ')}.`,
    hint: `As an administrator of the instance: ${missing.map(({ grant }) => grant).join('; ')}`,
  })
}

function missingRights(rights: SqlRights, backsUp: boolean): { right: string; grant: string }[] {
  const login = bracketed(rights.login)
  const all = [
    ...server('VIEW ANY DEFINITION', rights.viewAnyDefinition),
    ...(backsUp ? server('VIEW SERVER STATE', rights.viewServerState) : []),
    ...(backsUp ? server('CREATE ANY DATABASE', rights.createAnyDatabase) : []),
  ].map((right) => ({ right, grant: `USE master; GRANT ${right} TO ${login}` }))
  const history = {
    right: 'SELECT on msdb.dbo.backupset',
    grant: `USE msdb; CREATE USER ${login} FOR LOGIN ${login}; GRANT SELECT ON dbo.backupset TO ${login}`,
  }
  const backups = rights.mayNotBackUp.map((database) => ({
    right: `BACKUP DATABASE on ${database}`,
    grant: `USE ${bracketed(database)}; CREATE USER ${login} FOR LOGIN ${login}; EXEC sp_addrolemember N'db_backupoperator', ${quoted(rights.login)}`,
  }))
  return [...all, ...(backsUp && !rights.readHistory ? [history] : []), ...backups]
}

function server(right: string, has: boolean): string[] {
  return has ? [] : [right]
}

/** For a person to run: nothing of it is ever sent. */
function bracketed(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`
}

function quoted(name: string): string {
  return `N'${name.replaceAll("'", "''")}'`
}
