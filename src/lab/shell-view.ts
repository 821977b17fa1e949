/** What a cmdlet sees of the world, and how it fails. */
import type { SqlDatabase } from './sql/facts.ts'
import {
  hostOf,
  isRunning,
  isSeen,
  primaryOf,
  same,
  sqlName,
  sqlServerOf,
  type LabHost,
  type LabPool,
  type World,
} from './world.ts'

/** An error record; it ends the call unless it says otherwise. */
export class CmdletError extends Error {
  readonly category: string
  readonly errorId: string
  readonly terminating: boolean

  constructor(category: string, errorId: string, message: string, terminating = true) {
    super(message)
    this.terminating = terminating
    this.category = category
    this.errorId = errorId
  }
}

export type Parameters = Readonly<Record<string, string | boolean>>

/** One run: returns what the cmdlet returns; files go through `write`. */
export type Cmdlet = (world: World, parameters: Parameters, write: Writer) => Promise<object[] | string[]>
/** Where an export goes; `fresh`: an existing file is refused. */
type Writer = (content: Buffer, how?: 'fresh') => void

/** The configuration of everything is in the Central Management store: without it no cmdlet works. */
export function centralDatabase(world: World, name: string): SqlDatabase {
  const found = findDatabase(world, world.centralManagement, name)
  if (found) return found
  throw new CmdletError(
    'ConnectionError',
    'CentralManagementStoreUnavailable',
    `Cannot connect to the Central Management store "${world.centralManagement[0] ?? ''}" (database ${name}).`,
  )
}

export function databaseIn(world: World, instances: readonly string[], name: string): SqlDatabase {
  const found = findDatabase(world, instances, name)
  if (found) return found
  throw new CmdletError(
    'ConnectionError',
    'SqlConnectionError',
    `Cannot open database "${name}" on SQL Server instance "${instances[0] ?? ''}".`,
  )
}

/** The store holds a topology; without one no setup, no publishing and no database can be made. */
export function expectTopology(world: World): void {
  if ((centralDatabase(world, 'xds').tables.Document ?? 0) > 0) return
  throw new CmdletError('ObjectNotFound', 'TopologyNotFound', 'The Central Management store holds no topology.')
}

/**
 * The copy that can be used: on a running instance, online, and of a group the primary one. `isReached`: by whom; left
 * out: from the shell.
 */
export function findDatabase(
  world: World,
  instances: readonly string[],
  name: string,
  isReached = (host: LabHost | undefined): boolean => isSeen(world, host, 'shell'),
): SqlDatabase | undefined {
  const listeners = world.sqlListeners.filter((one) =>
    instances.some((instance) => same(instance, sqlName({ host: one.fqdn, instance: one.instance }))),
  )
  return [
    ...instances.map((instance) => sqlServerOf(world, instance)),
    ...listeners.map((one) => primaryOf(world, one)),
  ]
    .filter((server) => server !== undefined)
    .filter((server) => isRunning(world, server) && isReached(hostOf(world, server.facts.host)))
    .flatMap(({ facts }) => facts.databases)
    .find((one) => same(one.name, name) && one.state === 'ONLINE' && one.availabilityGroup?.role !== 'SECONDARY')
}

/** The machine whose services are asked for. An Edge Server lets nobody from inside ask. */
export function serviceHost(world: World, name: Parameters[string] | undefined): LabHost {
  const host = name === undefined ? undefined : hostOf(world, String(name))
  if (host && isSeen(world, host, 'shell') && !host.roles.includes('edge')) return host
  throw new CmdletError(
    'OpenError',
    'CannotOpenServiceControlManager',
    `Cannot open Service Control Manager on computer '${String(name)}'. The RPC server is unavailable.`,
  )
}

export function poolOf(world: World, fqdn: string): LabPool {
  expectTopology(world)
  const pool = world.pools.find((one) => same(one.fqdn, fqdn))
  if (pool && pool.backEnd.length > 0) return pool
  throw new CmdletError('ObjectNotFound', 'PoolNotFound', `The pool "${fqdn}" was not found or has no users.`)
}
