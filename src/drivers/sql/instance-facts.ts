import type { DatabaseFacts, Facts } from '../../domain/facts.ts'
import type { Row, SqlConnections } from './connections.ts'
import { databaseFacts, keepsLog, newestLogBackups, number, text, utcOffset } from './rows.ts'
import type { SqlTarget } from './target.ts'
import { hasAvailabilityGroups } from './versions.ts'

/** What the instance reports about itself and its databases; nothing about what the login may not see. */
export async function readFacts(
  target: SqlTarget,
  connections: SqlConnections,
  signal: AbortSignal,
): Promise<Facts['sqlInstance']> {
  const [instance] = await connections.query('instance', {}, { signal })
  const version = text(instance, 'version') ?? ''
  const rows = await connections.query('databases', {}, { signal })
  const roles = hasAvailabilityGroups(version, number(instance, 'hadr'))
    ? await replicaRoles(connections, signal)
    : new Map<string, string>()
  const databases = rows.map((row) =>
    databaseFacts(row, utcOffset(instance), roles.get(text(row, 'name') ?? '') ?? null),
  )
  return {
    version,
    edition: text(instance, 'edition') ?? '',
    machine: text(instance, 'machine') ?? '',
    administrator: number(instance, 'administrator') === 1,
    databases: await withLogBackups(databases, instance, connections, signal),
    ...(target.allowOldTls && target.login.authentication.kind !== 'integrated' ? { oldTlsAllowed: true } : {}),
  }
}

async function replicaRoles(connections: SqlConnections, signal: AbortSignal): Promise<Map<string, string>> {
  const rows = await connections.query('replicaRoles', {}, { signal })
  return new Map(rows.map((row) => [text(row, 'name') ?? '', text(row, 'role') ?? 'UNKNOWN']))
}

/** `msdb` may be large: it is asked only where a database keeps its log, and only with the right to read it. */
async function withLogBackups(
  databases: readonly DatabaseFacts[],
  instance: Row | undefined,
  connections: SqlConnections,
  signal: AbortSignal,
): Promise<readonly DatabaseFacts[]> {
  if (number(instance, 'readHistory') !== 1 || !databases.some(keepsLog)) return databases
  const newest = newestLogBackups(await connections.query('logBackups', {}, { signal }), utcOffset(instance))
  return databases.map((database) =>
    keepsLog(database) ? { ...database, lastLogBackupAt: newest.get(database.name.toLowerCase()) ?? null } : database,
  )
}
