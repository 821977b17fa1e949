import { cmdlet } from '../cmdlet-text.ts'
import * as commands from '../restore-commands.ts'

/** What a row of Holdfast's own does; the text for people is made from it, and nothing reads that text. */
export type Operation =
  | { kind: 'copy-file-store'; folder: string; path: string }
  | { kind: 'import-configuration'; file: string }
  | { kind: 'import-locations'; file: string }
  | { kind: 'import-user-data'; pool: string; file: string }
  | { kind: 'import-response-groups'; pool: string; file: string }
  | { kind: 'import-persistent-chat'; instance: string; file: string }
  | {
      kind: 'restore-database'
      database: string
      file: string
      /** Logical name and path of each file, as the set recorded them; empty: it did not. */
      files: readonly { name: string; path: string }[]
    }
  | { kind: 'stop-services'; servers: readonly string[] }
  | {
      kind: 'start-services'
      pool: string
      servers: readonly string[]
      /** One cmdlet for the pool, or each server without waiting for the quorum that the others give. */
      how: 'pool' | 'servers-together'
    }
  | { kind: 'check-replication'; server: string }

export function operationText(operation: Operation): string {
  switch (operation.kind) {
    case 'copy-file-store':
      return commands.copyFileStore(operation.folder, operation.path)
    case 'import-configuration':
      return commands.importConfiguration(operation.file)
    case 'import-locations':
      return commands.importLocations(operation.file)
    case 'import-user-data':
      return commands.importUserData(operation.pool, operation.file)
    case 'import-response-groups':
      return commands.importResponseGroups(operation.pool, operation.file)
    case 'import-persistent-chat':
      return commands.importPersistentChat(operation.instance, operation.file)
    case 'restore-database':
      return commands.restoreDatabase(operation.database, operation.file, operation.files)
    case 'stop-services':
      return operation.servers.map((server) => cmdlet('Stop-CsWindowsService', { ComputerName: server })).join('\n')
    case 'start-services':
      return startText(operation)
    case 'check-replication':
      return cmdlet('Get-CsManagementStoreReplicationStatus', { ReplicaFqdn: operation.server })
  }
}

/**
 * `Start-CsPool` came with 2015. `Start-CsWindowsService` returns when the service runs, and the first Front End of a
 * pool waits for the others (domain reference, section 6.14).
 */
function startText({ pool, servers, how }: Extract<Operation, { kind: 'start-services' }>): string {
  if (how === 'pool') return cmdlet('Start-CsPool', { PoolFqdn: pool })
  const NoWait = servers.length > 1
  return [
    ...servers.map((server) => cmdlet('Start-CsWindowsService', { ComputerName: server, NoWait })),
    ...servers.map((server) => cmdlet('Get-CsWindowsService', { ComputerName: server })),
  ].join('\n')
}
