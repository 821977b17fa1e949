import type { Row, SqlConnections } from './connections.ts'
import type { Statement } from './statements.ts'
import { number, text } from './rows.ts'
import { canCompress } from './versions.ts'

const pageBytes = 8192

/**
 * About how many bytes a full backup takes: what is in use of the database; where it is compressed, what the last one
 * took, if that was less. Null: the instance does not say, for want of a right or of an earlier backup.
 */
export async function estimateBackup(
  connections: SqlConnections,
  database: string,
  signal: AbortSignal,
): Promise<number | null> {
  const ask = async (statement: Statement, values: Record<string, string>): Promise<readonly Row[]> => {
    const rows = await connections.query(statement, values, { signal }).catch(() => [])
    signal.throwIfAborted()
    return rows
  }
  const [instance] = await ask('instance', {})
  const pages = (await ask('usedPages', { database })).map((file) => number(file, 'pages'))
  if (instance === undefined || pages.length === 0 || pages.includes(null)) return null
  const used = pages.reduce<number>((sum, count) => sum + (count ?? 0), 0) * pageBytes
  if (!canCompress(text(instance, 'version') ?? '', text(instance, 'edition') ?? '')) return used
  const [backup] = await ask('lastFullBackup', { database })
  const last = number(backup, 'compressedBytes')
  return last === null ? null : Math.min(used, last)
}
