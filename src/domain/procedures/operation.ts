import { conferenceContent } from '../backup-service.ts'
import { cmdlet } from '../cmdlet-text.ts'
import * as commands from '../restore-commands.ts'
import { parseDatabase, sqlSubject } from '../subject.ts'
import type { Item, Subject } from '../words.ts'
import { fileOr, type World } from './context.ts'

/** What a row of Holdfast's own does; the text for people is made from it, and nothing reads that text. */
export type Operation =
  /** The item comes back from the set that holds it. */
  | { kind: 'restore-item'; item: Item }
  | { kind: 'stop-services'; servers: readonly string[] }
  | {
      kind: 'start-services'
      pool: string
      servers: readonly string[]
      /** One cmdlet for the pool, or each server without waiting for the quorum that the others give. */
      how: 'pool' | 'servers-together'
    }
  | PairOperation
  /** Nothing but a look. */
  | { kind: 'check-replication'; server: string }

/** What one pool of a pair gets back from the other one, which has kept it. */
export interface PairOperation {
  kind: 'fail-back-pool' | 'sync-conference-content'
  /** The one that gets it. */
  pool: Subject
  partner: Subject
}

export function isOfPair(operation: Operation | undefined): operation is PairOperation {
  return operation?.kind === 'fail-back-pool' || operation?.kind === 'sync-conference-content'
}

export function operationText(operation: Operation, world: Pick<World, 'copyOf'>): string {
  switch (operation.kind) {
    case 'restore-item':
      return restoreText(operation.item, world)
    case 'stop-services':
      return operation.servers.map((server) => cmdlet('Stop-CsWindowsService', { ComputerName: server })).join('\n')
    case 'start-services':
      return startText(operation)
    case 'fail-back-pool':
      return cmdlet('Invoke-CsPoolFailback', { PoolFqdn: operation.pool, Verbose: true })
    case 'sync-conference-content':
      return [
        cmdlet('Invoke-CsBackupServiceSync', { PoolFqdn: operation.partner, BackupModule: conferenceContent }),
        cmdlet('Get-CsBackupServiceStatus', { PoolFqdn: operation.partner }),
      ].join('\n')
    case 'check-replication':
      return cmdlet('Get-CsManagementStoreReplicationStatus', { ReplicaFqdn: operation.server })
  }
}

function restoreText(item: Item, world: Pick<World, 'copyOf'>): string {
  const file = fileOr(world, item)
  switch (item.kind) {
    case 'file-store':
      return commands.copyFileStore(file, item.subject)
    case 'configuration':
      return commands.importConfiguration(file)
    case 'location-information':
      return commands.importLocations(file)
    case 'user-data':
      return commands.importUserData(item.subject, file)
    case 'response-groups':
      return commands.importResponseGroups(item.subject, file)
    case 'persistent-chat':
      return commands.importPersistentChat(instanceOf(item), file)
    case 'sql-database': {
      const files = world.copyOf(item)?.database?.files ?? []
      return commands.restoreDatabase(parseDatabase(item.subject)?.database ?? item.subject, file, files)
    }
    case 'environment':
    case 'directory-record':
    case 'call-park':
      throw new Error(`An item of kind ${item.kind} is a record: no step restores it.`)
  }
}

function instanceOf({ subject }: Item): string {
  const database = parseDatabase(subject)
  return database ? sqlSubject(database) : subject
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
