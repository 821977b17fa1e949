/** What the login needs on SQL Server: one table, read by the driver, `doctor`, the errors and the how-to. */
import { Problem } from '../base/problem.ts'
import type { Subject } from './words.ts'

/** What a right is needed for. `restore`: of lost data, by a person. */
export type SqlDeed = 'look' | 'back-up' | 'restore-test' | 'restore'

export interface SqlRight {
  /** As messages and the how-to call it. */
  name: string
  /** Where it is granted: once on an instance, or in each database. */
  scope: 'instance' | 'database'
  /** The statements and views that ask for it, by deed. */
  neededFor: Partial<Record<SqlDeed, string>>
  /** A T-SQL expression that is 1 where the login has it; `@database` in it is the name of the database. */
  check: string
  /** The T-SQL that an administrator runs, in lines; `login` and `database` as they are named there. */
  grant(login: string, database: string): readonly string[]
}

export type SqlRightKey =
  | 'viewAnyDatabase'
  | 'viewServerState'
  | 'readHistory'
  | 'readLogShipping'
  | 'createAnyDatabase'
  | 'backUp'
  | 'sysadmin'

/** In the order in which they are granted. */
export const sqlRights: Readonly<Record<SqlRightKey, SqlRight>> = {
  viewAnyDatabase: {
    ...onInstance('VIEW ANY DATABASE'),
    neededFor: { look: 'sys.databases, sys.database_mirroring, sys.database_recovery_status: every row' },
  },
  viewServerState: {
    ...onInstance('VIEW SERVER STATE'),
    neededFor: {
      look: 'the views of availability groups (sys.dm_hadr_...)',
      'back-up': 'sys.dm_exec_requests: progress, and what became of a BACKUP whose connection was lost',
    },
  },
  createAnyDatabase: {
    ...onInstance('CREATE ANY DATABASE'),
    neededFor: {
      'back-up': 'RESTORE HEADERONLY, FILELISTONLY and VERIFYONLY of what was written; nothing is created',
    },
  },
  readHistory: {
    ...onTable('backupset'),
    neededFor: { look: 'when each log was last backed up', 'back-up': 'the proof that a BACKUP ended well' },
  },
  readLogShipping: {
    ...onTable('log_shipping_primary_databases'),
    neededFor: { look: 'whether a log is shipped' },
  },
  backUp: {
    name: 'BACKUP DATABASE',
    scope: 'database',
    neededFor: { 'back-up': 'BACKUP DATABASE, and the size of the database before it' },
    check: "HAS_PERMS_BY_NAME(QUOTENAME(@database), N'DATABASE', N'BACKUP DATABASE')",
    grant: (login, database) => [
      `USE ${bracketed(database)}`,
      userOf(login),
      `EXEC sp_addrolemember N'db_backupoperator', ${quoted(login)}`,
    ],
  },
  sysadmin: {
    name: 'sysadmin',
    scope: 'instance',
    neededFor: {
      'restore-test': 'RESTORE of a new database, DBCC CHECKDB and DROP DATABASE of it, on the test instance alone',
      restore:
        'ALTER DATABASE and RESTORE over the lost database; granted for that time, or done by its administrators',
    },
    check: "IS_SRVROLEMEMBER(N'sysadmin')",
    grant: (login) => ['USE master', `EXEC sp_addsrvrolemember ${quoted(login)}, N'sysadmin'`],
  },
}

/** The keys of the rights that a deed needs, in the order of the table. */
export function rightsFor(...deeds: readonly SqlDeed[]): SqlRightKey[] {
  const keys = Object.keys(sqlRights) as SqlRightKey[]
  return keys.filter((key) => deeds.some((deed) => sqlRights[key].neededFor[deed] !== undefined))
}

export interface Lacking {
  right: SqlRightKey
  /** Of a right in a database: which one. */
  database?: string
}

/** The how-to that lists every right. */
export const rightsPage = 'docs/how-to/sql-rights.md'

/** Names each right with the T-SQL that grants it. `login`: as the instance knows it; null: not known. */
export function lackingRights(
  subject: Subject,
  login: string | null,
  lacking: readonly Lacking[],
  because?: { message?: string; cause?: unknown },
): Problem {
  const names = lacking.map(({ right, database }) => nameOf(right, database)).join(', ')
  const who = login === null || login === '' ? 'The login' : `The login ${login}`
  return new Problem('sql-permission', {
    subject,
    message: because?.message === undefined ? `${who} lacks ${names}.` : `${because.message} It takes ${names}.`,
    hint: `As an administrator of the instance: ${grants(login, lacking)}. Every right: ${rightsPage}`,
    ...(because?.cause === undefined ? {} : { cause: because.cause }),
  })
}

function nameOf(right: SqlRightKey, database: string | undefined): string {
  const { name, scope } = sqlRights[right]
  return scope === 'database' ? `${name} on ${database ?? 'the database'}` : name
}

function grants(login: string | null, lacking: readonly Lacking[]): string {
  return lacking
    .flatMap(({ right, database }) =>
      sqlRights[right].grant(login || 'the login of Holdfast', database ?? 'the database'),
    )
    .join('; ')
}

function onInstance(name: string): Pick<SqlRight, 'name' | 'scope' | 'check' | 'grant'> {
  return {
    ...{ name, scope: 'instance', check: `HAS_PERMS_BY_NAME(NULL, NULL, N'${name}')` },
    grant: (login) => ['USE master', `GRANT ${name} TO ${bracketed(login)}`],
  }
}

function onTable(table: string): Pick<SqlRight, 'name' | 'scope' | 'check' | 'grant'> {
  return {
    ...{ name: `SELECT on msdb.dbo.${table}`, scope: 'instance' },
    check: `HAS_PERMS_BY_NAME(N'msdb.dbo.${table}', N'OBJECT', N'SELECT')`,
    grant: (login) => ['USE msdb', userOf(login), `GRANT SELECT ON dbo.${table} TO ${bracketed(login)}`],
  }
}

/** Does nothing where the user is there. */
function userOf(login: string): string {
  return `IF USER_ID(${quoted(login)}) IS NULL CREATE USER ${bracketed(login)} FOR LOGIN ${bracketed(login)}`
}

/** For a person to run: nothing of it is ever sent. */
function bracketed(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`
}

function quoted(name: string): string {
  return `N'${name.replaceAll("'", "''")}'`
}
