/** What the login of a session may do (SQL Server: the section "Permissions" of each statement and view). */
import type { SqlLogin } from '../facts.ts'
import { factsOf, type Frame } from './frame.ts'

const ofPublic: readonly string[] = ['CONNECT SQL', 'VIEW ANY DATABASE']

function loginOf(frame: Frame): Required<Omit<SqlLogin, 'user' | 'password'>> {
  const { sysadmin, granted, mayRead = [], backupOperatorIn = [] } = frame.session.login
  return factsOf(frame).faults.withdrawRights
    ? { sysadmin: false, granted: [...ofPublic], mayRead: [], backupOperatorIn: [] }
    : { sysadmin, granted: granted ?? [...ofPublic], mayRead, backupOperatorIn }
}

export function isAdministrator(frame: Frame): boolean {
  return loginOf(frame).sysadmin
}

/** A permission on the server, whatever its case. */
export function isGranted(permission: string, frame: Frame): boolean {
  return isAdministrator(frame) || loginOf(frame).granted.includes(permission.toUpperCase())
}

/** A table of `msdb`, as `msdb.dbo.backupset`. */
export function mayRead(table: string, frame: Frame): boolean {
  return isAdministrator(frame) || loginOf(frame).mayRead.includes(table.toLowerCase())
}

/** Member of db_backupoperator there, and so a user of it. */
export function mayBackUp(database: string, frame: Frame): boolean {
  const { backupOperatorIn: where } = loginOf(frame)
  if (isAdministrator(frame) || where === 'every') return true
  return where.some((name) => name.toLowerCase() === database.toLowerCase())
}

/** `guest` lets everybody into these. */
const open: ReadonlySet<string> = new Set(['master', 'tempdb', 'msdb'])

export function mayEnter(database: string, frame: Frame): boolean {
  return open.has(database.toLowerCase()) || mayBackUp(database, frame)
}

/** The row of a database in sys.databases and its like; `master` and `tempdb` are shown to all. */
export function seesDatabase(database: string, frame: Frame): boolean {
  if (['master', 'tempdb', frame.session.database.toLowerCase()].includes(database.toLowerCase())) return true
  return ['VIEW ANY DATABASE', 'ALTER ANY DATABASE', 'CREATE ANY DATABASE'].some((one) => isGranted(one, frame))
}

/** A row of sys.certificates that is somebody else's. */
export function seesDefinitions(frame: Frame): boolean {
  return isGranted('VIEW ANY DEFINITION', frame)
}

/** A row of sys.master_files. */
export function seesFiles(frame: Frame): boolean {
  return ['VIEW ANY DEFINITION', 'ALTER ANY DATABASE', 'CREATE ANY DATABASE'].some((one) => isGranted(one, frame))
}
