import { Problem } from '../../base/problem.ts'
import type { Subject } from '../../domain/words.ts'
import type { SqlRights } from '../../drivers/sql/sql-server.ts'

/** Throws `sql-permission` with the statements that grant what is missing. `backsUp`: some policy backs up a database of it. */
export function refuseMissingRights(subject: Subject, rights: SqlRights, backsUp: boolean): string {
  refuse(subject, rights, missingRights(rights, backsUp))
  return `${rights.login} may do what is needed`
}

/** The same for an instance on which backups are restored for a test. */
export function refuseNoRestore(subject: Subject, rights: SqlRights): void {
  refuse(subject, rights, serverRights(rights, { 'CREATE ANY DATABASE': rights.createAnyDatabase }))
}

interface Missing {
  right: string
  grant: string
}

function refuse(subject: Subject, rights: SqlRights, missing: readonly Missing[]): void {
  if (missing.length === 0) return
  throw new Problem('sql-permission', {
    subject,
    message: `The login ${rights.login} lacks ${missing.map(({ right }) => right).join(', ')}.`,
    hint: `As an administrator of the instance: ${missing.map(({ grant }) => grant).join('; ')}`,
  })
}

function missingRights(rights: SqlRights, backsUp: boolean): Missing[] {
  const login = bracketed(rights.login)
  const all = serverRights(rights, {
    'VIEW ANY DEFINITION': rights.viewAnyDefinition,
    'VIEW SERVER STATE': rights.viewServerState || !backsUp,
    'CREATE ANY DATABASE': rights.createAnyDatabase || !backsUp,
  })
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

/** Those of the rights that are not held. */
function serverRights({ login }: SqlRights, held: Readonly<Record<string, boolean>>): Missing[] {
  return Object.entries(held)
    .filter(([, has]) => !has)
    .map(([right]) => ({ right, grant: `USE master; GRANT ${right} TO ${bracketed(login)}` }))
}

/** For a person to run: nothing of it is ever sent. */
function bracketed(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`
}

function quoted(name: string): string {
  return `N'${name.replaceAll("'", "''")}'`
}
