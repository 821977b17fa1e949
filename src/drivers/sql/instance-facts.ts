import type { Clock } from '../../base/clock.ts'
import { skewOf } from '../../domain/clock-skew.ts'
import type { DatabaseFacts, Facts } from '../../domain/facts.ts'
import type { Row, SqlConnections } from './connections.ts'
import { databaseFacts, hasPrivateKey, isClosed, keepsLog, newestLogBackups } from './rows.ts'
import { number, text, thumbprint, toTime, utcOffset } from './rows.ts'
import type { SqlTarget } from './target.ts'
import { hasAvailabilityGroups } from './versions.ts'

/** What the instance reports about itself and its databases; nothing about what the login may not see. */
export async function readFacts(
  target: SqlTarget,
  connections: SqlConnections,
  clock: Pick<Clock, 'now'>,
  signal: AbortSignal,
): Promise<Facts['sqlInstance']> {
  const [instance] = await connections.query('instance', {}, { signal })
  const utc = toTime(instance?.['utc'], 0)
  const administrator = number(instance, 'administrator') === 1
  const skew = utc === null ? null : skewOf(utc, clock.now())
  const version = text(instance, 'version') ?? ''
  const rows = await connections.query('databases', {}, { signal })
  const identities = await identitiesOf(rows, connections, signal)
  const roles = hasAvailabilityGroups(version, number(instance, 'hadr'))
    ? await replicaRoles(connections, signal)
    : new Map<string, string>()
  const databases = rows.map((row) => {
    const name = text(row, 'name') ?? ''
    return databaseFacts(row, utcOffset(instance), roles.get(name) ?? null, identities.get(name))
  })
  return {
    version,
    edition: text(instance, 'edition') ?? '',
    machine: text(instance, 'machine') ?? '',
    administrator,
    viewAnyDatabase: number(instance, 'viewAnyDatabase') === 1,
    databases: await withLogShipping(
      await withLogBackups(databases, instance, connections, signal),
      instance,
      connections,
      signal,
    ),
    ...(administrator ? { encryptors: await encryptorsOf(connections, signal) } : {}),
    ...(target.allowOldTls && target.login.authentication.kind !== 'integrated' ? { oldTlsAllowed: true } : {}),
    ...(skew === null ? {} : { clock: skew }),
  }
}

/**
 * By name of the database. The view opens what is not open: where AUTO_CLOSE has closed a database, nobody is asked, and
 * `create_date` alone tells a database from one of the same name.
 */
async function identitiesOf(
  rows: readonly Row[],
  connections: SqlConnections,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Row>> {
  if (rows.some(isClosed)) return new Map()
  const identities = await connections.query('identities', {}, { signal })
  return new Map(identities.map((row) => [text(row, 'name') ?? '', row]))
}

async function replicaRoles(connections: SqlConnections, signal: AbortSignal): Promise<Map<string, string>> {
  const rows = await connections.query('replicaRoles', {}, { signal })
  return new Map(rows.map((row) => [text(row, 'name') ?? '', text(row, 'role') ?? 'UNKNOWN']))
}

/** Others see only some of them, and what they do not see may be there. */
async function encryptorsOf(connections: SqlConnections, signal: AbortSignal): Promise<readonly string[]> {
  const certificates = await connections.query('certificates', {}, { signal })
  const keys = await connections.query('asymmetricKeys', {}, { signal })
  return [...certificates.filter(hasPrivateKey), ...keys].flatMap((row) => thumbprint(row, 'thumbprint') ?? [])
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

/** The same rules. A log that is shipped shows as backed up, too; that somebody restores it elsewhere shows here alone. */
async function withLogShipping(
  databases: readonly DatabaseFacts[],
  instance: Row | undefined,
  connections: SqlConnections,
  signal: AbortSignal,
): Promise<readonly DatabaseFacts[]> {
  if (number(instance, 'readLogShipping') !== 1 || !databases.some(keepsLog)) return databases
  const rows = await connections.query('logShipping', {}, { signal })
  const shipped = new Set(rows.map((row) => (text(row, 'name') ?? '').toLowerCase()))
  return databases.map((database) =>
    keepsLog(database) ? { ...database, logShipped: shipped.has(database.name.toLowerCase()) } : database,
  )
}
