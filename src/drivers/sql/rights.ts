import { Problem } from '../../base/problem.ts'
import type { Time } from '../../base/time.ts'
import type { SqlConnections } from './connections.ts'
import { number, text, toTime } from './rows.ts'
import type { SqlRights } from './sql-server.ts'

export async function readRights(
  connections: SqlConnections,
  databases: readonly string[],
  signal: AbortSignal,
): Promise<SqlRights> {
  const [row] = await connections.query('rights', {}, { signal })
  const mayNotBackUp: string[] = []
  for (const database of databases) {
    const [answer] = await connections.query('mayBackUp', { database }, { signal })
    if (number(answer, 'allowed') !== 1) mayNotBackUp.push(database)
  }
  return {
    login: text(row, 'login') ?? '',
    viewServerState: number(row, 'viewServerState') === 1,
    viewAnyDefinition: number(row, 'viewAnyDefinition') === 1,
    createAnyDatabase: number(row, 'createAnyDatabase') === 1,
    readHistory: number(row, 'readHistory') === 1,
    mayNotBackUp,
  }
}

export async function readClock(connections: SqlConnections, subject: string, signal: AbortSignal): Promise<Time> {
  const [row] = await connections.query('clock', {}, { signal })
  const time = toTime(row?.['utc'], 0)
  if (time !== null) return time
  throw new Problem('sql-failed', { subject, message: 'The instance did not report its time.' })
}
