import { Problem } from '../../base/problem.ts'
import type { Time } from '../../base/time.ts'
import { lackingRights, type Lacking, type SqlRightKey } from '../../domain/sql-rights.ts'
import type { SqlConnections } from './connections.ts'
import { number, text, toTime } from './rows.ts'
import type { SqlRights } from './sql-server.ts'
import type { Statement } from './statements.ts'
import type { SqlTarget } from './target.ts'

const onInstance = [
  'viewAnyDatabase',
  'viewServerState',
  'createAnyDatabase',
  'readHistory',
  'readLogShipping',
  'sysadmin',
] as const satisfies readonly SqlRightKey[]

export async function readRights(
  connections: SqlConnections,
  databases: readonly string[],
  signal: AbortSignal,
): Promise<SqlRights> {
  const [row] = await connections.query('rights', {}, { signal })
  const lacking: Lacking[] = onInstance.filter((key) => number(row, key) !== 1).map((right) => ({ right }))
  for (const database of databases) {
    const [answer] = await connections.query('mayBackUp', { database }, { signal })
    if (number(answer, 'allowed') !== 1) lacking.push({ right: 'backUp', database })
  }
  return { login: text(row, 'login') ?? '', lacking }
}

/**
 * Throws `sql-permission` where one of these rights is not there, before anything begins. `sysadmin` has them all, and the
 * engine says so.
 */
export async function refuseWithout(
  rights: readonly SqlRightKey[],
  connections: SqlConnections,
  subject: string,
  signal: AbortSignal,
): Promise<void> {
  const { login, lacking } = await readRights(connections, [], signal)
  const missing = lacking.filter(({ right }) => rights.includes(right))
  if (missing.length > 0) throw lackingRights(subject, login, missing)
}

/** What each statement asks for, where the engine refuses those who lack it. */
const neededBy: Readonly<Partial<Record<Extract<Statement, string>, SqlRightKey>>> = {
  replicaRoles: 'viewServerState',
  logBackups: 'readHistory',
  lastFullBackup: 'readHistory',
  backupHistory: 'readHistory',
  logShipping: 'readLogShipping',
  usedPages: 'backUp',
  backup: 'backUp',
  backupCompressed: 'backUp',
  header: 'createAnyDatabase',
  verify: 'createAnyDatabase',
  fileList: 'createAnyDatabase',
  checkRestoreTest: 'sysadmin',
  dropRestoreTest: 'sysadmin',
  lastRestore: 'sysadmin',
  giveBack: 'sysadmin',
}

/** Connections whose `sql-permission` names the right that is lacking, and how it is granted. */
export function namingRights(connections: SqlConnections, { subject, login }: SqlTarget): SqlConnections {
  return {
    ...connections,
    async query(statement, values, options) {
      try {
        return await connections.query(statement, values, options)
      } catch (thrown) {
        if (!(thrown instanceof Problem) || thrown.code !== 'sql-permission') throw thrown
        const right = typeof statement === 'string' ? neededBy[statement] : 'sysadmin'
        if (right === undefined) throw thrown
        const { database } = values
        const missing = { right, ...(database === undefined ? {} : { database }) }
        throw lackingRights(subject, nameOf(login), [missing], { message: thrown.message, cause: thrown.cause })
      }
    },
  }
}

/** Null for the account under which we run. */
function nameOf({ authentication }: SqlTarget['login']): string | null {
  switch (authentication.kind) {
    case 'sql':
      return authentication.user
    case 'ntlm':
      return `${authentication.domain}\\${authentication.user}`
    case 'integrated':
      return null
  }
}

export async function readClock(connections: SqlConnections, subject: string, signal: AbortSignal): Promise<Time> {
  const [row] = await connections.query('clock', {}, { signal })
  const time = toTime(row?.['utc'], 0)
  if (time !== null) return time
  throw new Problem('sql-failed', { subject, message: 'The instance did not report its time.' })
}
