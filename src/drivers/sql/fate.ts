import { hash } from 'node:crypto'
import { lackingRights } from '../../domain/sql-rights.ts'
import type { SqlConnections } from './connections.ts'
import { readRights } from './rights.ts'
import { backupReceipt, number } from './rows.ts'
import type { BackupReceipt } from './sql-server.ts'

/** What became of one backup, as the server reports it. `percent` while it runs. */
export interface Fate {
  state: 'running' | 'finished' | 'failed' | 'absent'
  receipt: BackupReceipt | null
  percent: number | null
}

/** The name under which the server shows the connection that makes the backup of that NAME. */
export function applicationOf(name: string): string {
  return `Holdfast ${hash('sha256', name, 'hex').slice(0, 32)}`
}

/**
 * Looks for a running backup first: a backup writes its history before it ends, so none falls between the two
 * questions. Throws `sql-permission` rather than to call absent what it may not see.
 */
export async function backupFate(
  connections: SqlConnections,
  subject: string,
  name: string,
  signal: AbortSignal,
): Promise<Fate> {
  const [running] = await connections.query('runningBackup', { application: applicationOf(name) }, { signal })
  if (running) return { state: 'running', receipt: null, percent: number(running, 'done') }
  const [history] = await connections.query('backupHistory', { name }, { signal })
  const receipt = history ? backupReceipt(history) : null
  if (receipt) return { state: number(history, 'damaged') === 1 ? 'failed' : 'finished', receipt, percent: null }
  const { login, lacking } = await readRights(connections, [], signal)
  const missing = lacking.filter(({ right }) => right === 'viewServerState')
  if (missing.length === 0) return { state: 'absent', receipt: null, percent: null }
  throw lackingRights(subject, login, missing, { message: 'Whether the backup still runs cannot be seen.' })
}
