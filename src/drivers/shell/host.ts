import type { Readable } from 'node:stream'
import type { Content } from '../files/durable.ts'

/** The names in `calls.json`: nothing else can be called. */
export type CallName =
  | 'export-configuration'
  | 'export-location-information'
  | 'export-user-data'
  | 'export-response-groups'
  | 'export-persistent-chat'
  | 'call-park-settings'
  | 'directory-users'
  | 'directory-access-numbers'
  | 'directory-um-contacts'
  | 'directory-common-area-phones'
  | 'directory-trusted-endpoints'
  | 'published-topology'
  | 'services'
  | 'replication'
  | 'central-management-status'
  | 'configuration-store-location'
  | 'configuration-store-location-as-text'
  | 'database-tests'
  | 'fabric'
  | 'pool-pairing'
  | 'registrar-settings'
  | 'simple-urls'
  | 'certificates'
  | 'compliance-settings'
  | 'backup-service-status'
  | 'dhcp-servers'
  | 'dhcp-options'
  | 'commands'
  | 'import-configuration'
  | 'import-location-information'
  | 'publish-location-information'
  | 'import-user-data'
  | 'update-user-data'
  | 'test-user-data'
  | 'import-response-groups'
  | 'import-persistent-chat'
  | 'stop-services'
  | 'start-services'
  | 'start-pool'
  | 'fail-back-pool'
  | 'sync-backup-service'

export interface ShellError {
  message: string
  /** Category of the PowerShell error record, such as `ObjectNotFound`. */
  category: string
  /** Whether the call ended by it. */
  terminating: boolean
}

export interface CallResult {
  /** What the cmdlet returned, as plain values. */
  objects: readonly unknown[]
  errors: readonly ShellError[]
  warnings: readonly string[]
}

/** Takes the objects of a call one by one, as they come; what it throws ends the call. */
export type TakeObject = (value: unknown) => Promise<void>

/** A fresh folder on the shell host for one export or import; removed with its content when disposed. */
export interface ScratchFolder extends AsyncDisposable {
  /** Path of a file in it, as the shell host sees it. */
  path(file: string): string
  /** The file's content, wherever it is. Throws Problem `shell-no-output` when the file does not exist. */
  open(file: string): Promise<Readable>
  /** Path on this machine: of the file itself, or of a copy that goes with the folder. Throws as `open` does. */
  here(file: string, signal: AbortSignal): Promise<string>
  /** Writes a new file there, as the cmdlets do, in constant memory. What the content throws goes through as it is. */
  write(file: string, content: Content): Promise<void>
}

/** A session on the machine that has the Management Shell. */
export interface ShellHost {
  /**
   * Runs one call to its end. Error records that did not end the call are in the result: the caller judges them.
   * Throws Problem `shell-call-failed` for a terminating error, `shell-deadline` when the process had to be ended,
   * `shell-unreachable` or `ssh-...` when no session could be had. With `take` no object is kept or is in the result,
   * however many there are, and the host is read no faster than they are taken.
   */
  call(
    name: CallName,
    parameters: Readonly<Record<string, string | boolean>>,
    signal: AbortSignal,
    take?: TakeObject,
  ): Promise<CallResult>
  scratch(): Promise<ScratchFolder>
  /** Ends the shell hosts of killed processes of the actor, and removes their scratch folders. */
  removeLeftovers(): Promise<void>
}
