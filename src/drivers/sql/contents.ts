import type { Clock } from '../../base/clock.ts'
import { sameSubject } from '../../domain/subject.ts'
import type { SqlConnections } from './connections.ts'
import { readFacts } from './instance-facts.ts'
import { number, text } from './rows.ts'
import type { DatabaseContents, TapeFacts } from './sql-server.ts'
import type { SqlTarget } from './target.ts'

/** What a database holds now, from the catalogue alone: no table is read. Null: it is not there, or not to be seen. */
export async function readContents(
  { connections, target, clock }: { connections: SqlConnections; target: SqlTarget; clock: Clock },
  database: string,
  signal: AbortSignal,
): Promise<DatabaseContents | null> {
  const { databases } = await readFacts(target, connections, clock, signal)
  const facts = databases.find(({ name }) => sameSubject(name, database))
  if (!facts) return null
  const [access] = await connections.query('userAccess', { database }, { signal })
  const [last] = await connections.query('lastRestore', { database }, { signal })
  return {
    facts,
    userAccess: text(access, 'access') ?? 'UNKNOWN',
    rows: facts.state === 'ONLINE' ? await rowsIn(database, connections, signal) : null,
    lastRestore: last
      ? { set: text(last, 'setGuid')?.toUpperCase() ?? null, recovered: number(last, 'recovered') === 1 }
      : null,
  }
}

async function rowsIn(database: string, connections: SqlConnections, signal: AbortSignal): Promise<number> {
  const tables = await connections.query('tableRows', { database }, { signal })
  return tables.reduce((sum, row) => sum + (number(row, 'tableRows') ?? 0), 0)
}

/**
 * Whether this very backup was restored there last, to the end: a RESTORE that breaks off leaves no ONLINE database
 * (document "RESTORE"), and `family_guid` comes with the backup.
 */
export function holdsBackup({ facts, lastRestore }: DatabaseContents, { family, set }: TapeFacts): boolean {
  if (facts.state !== 'ONLINE' || family === null || set === null) return false
  return facts.family === family && lastRestore?.set === set && lastRestore.recovered
}

/** Why a backup is not one that `database` is restored from; null: it is. */
export function whyNotRestored(database: string, { database: own, full, damaged }: TapeFacts): string | null {
  if (!sameSubject(own, database)) return `it holds ${own}`
  if (!full) return 'it is not a full backup'
  return damaged ? 'SQL Server met damaged pages while writing it' : null
}
