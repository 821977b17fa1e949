/** The cmdlets of the Management Shell, as the cmdlet reference and the operations documentation describe them. */
import { existsSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { CmdletName } from './cmdlet-names.ts'
import {
  configurationExport,
  locationExport,
  persistentChatExport,
  responseGroupExport,
  userExport,
} from './export-content.ts'
import { productFacts } from './roles.ts'
import type { SqlDatabase } from './sql/facts.ts'
import { topologyDocument } from './topology-document.ts'
import { isRunning, primaryOf, same, sqlName, sqlServerOf, type LabPool, type World } from './world.ts'

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
type Cmdlet = (world: World, parameters: Parameters, write: Writer) => Promise<object[] | string[]>
/** Where an export goes; `fresh`: an existing file is refused. */
type Writer = (content: Buffer, how?: 'fresh') => void

/** Exists on this machine: the module of the product has it. */
export function moduleHas(world: World, cmdlet: CmdletName): boolean {
  return cmdlet !== 'Export-CsPersistentChatData' || productFacts(world.managementShell.product).persistentChat
}

export const cmdlets: Record<CmdletName, Cmdlet> = {
  'Export-CsConfiguration': async (world, _parameters, write) => {
    centralDatabase(world, 'xds')
    write(await configurationExport(world))
    return []
  },
  'Export-CsLisConfiguration': async (world, _parameters, write) => {
    write(await locationExport(centralDatabase(world, 'lis')), 'fresh')
    return []
  },
  'Export-CsUserData': async (world, parameters, write) => {
    const pool = poolOf(world, String(parameters.PoolFqdn ?? ''))
    const users = databaseIn(world, pool.backEnd, 'rtcxds')
    write(await userExport(world, pool, users, findDatabase(world, pool.backEnd, 'rtcshared')))
    return []
  },
  'Export-CsRgsConfiguration': async (world, parameters, write) => {
    // The reference writes the source with and without `service:`.
    const source = /^(?:service:)?ApplicationServer:(.+)$/i.exec(String(parameters.Source ?? ''))
    if (!source)
      throw new CmdletError('InvalidArgument', 'InvalidSource', 'The source is not a valid service identity.')
    const pool = poolOf(world, source[1] ?? '')
    if (!pool.applications.includes('response-group'))
      throw new CmdletError(
        'ObjectNotFound',
        'RgsNotFound',
        `The Response Group application is not activated on "${pool.fqdn}".`,
      )
    write(await responseGroupExport(pool, databaseIn(world, pool.backEnd, 'rgsconfig')), 'fresh')
    return []
  },
  'Export-CsPersistentChatData': async (world, parameters, write) => {
    centralDatabase(world, 'xds')
    const instance = String(parameters.DBInstance ?? '').replace(/\\MSSQLSERVER$/i, '')
    write(await persistentChatExport(databaseIn(world, [instance], 'mgc')))
    return []
  },
  // Settings are global or of a site, whatever the pools are (Get-CsCpsConfiguration).
  'Get-CsCpsConfiguration': (world) => {
    centralDatabase(world, 'xds')
    const sites = world.pools.filter(({ applications }) => applications.includes('call-park')).map(({ site }) => site)
    return Promise.resolve(['Global', ...new Set(sites.map((site) => `Site:${site}`))].map(callPark))
  },
  'Get-CsTopology': (world, parameters) => {
    centralDatabase(world, 'xds')
    if (parameters.AsXml === true) return Promise.resolve([topologyDocument(world.topology)])
    return Promise.resolve(['Microsoft.Rtc.Management.Deploy.Internal.DefaultTopology'])
  },
}

function callPark(Identity: string): object {
  return {
    ...{ Identity, CallPickupTimeoutThreshold: '00:01:30', EnableMusicOnHold: true },
    ...{ MaxCallPickupAttempts: 1, OnTimeoutURI: '' },
  }
}

/** Writes as a cmdlet does: the folder must be there. */
export function writeExport(file: string, content: Buffer, how?: 'fresh'): void {
  if (!existsSync(dirname(file)))
    throw new CmdletError('WriteError', 'DirectoryNotFound', `Could not find a part of the path '${file}'.`)
  if (how === 'fresh' && existsSync(file))
    throw new CmdletError('ResourceExists', 'FileExists', `The file "${file}" already exists.`)
  writeFileSync(file, content)
}

/** The configuration of everything is in the Central Management store: without it no cmdlet works. */
function centralDatabase(world: World, name: string): SqlDatabase {
  const found = findDatabase(world, world.centralManagement, name)
  if (found) return found
  throw new CmdletError(
    'ConnectionError',
    'CentralManagementStoreUnavailable',
    `Cannot connect to the Central Management store "${world.centralManagement[0] ?? ''}" (database ${name}).`,
  )
}

function databaseIn(world: World, instances: readonly string[], name: string): SqlDatabase {
  const found = findDatabase(world, instances, name)
  if (found) return found
  throw new CmdletError(
    'ConnectionError',
    'SqlConnectionError',
    `Cannot open database "${name}" on SQL Server instance "${instances[0] ?? ''}".`,
  )
}

/** The copy that can be used: on a running instance, online, and of a group the primary one. */
function findDatabase(world: World, instances: readonly string[], name: string): SqlDatabase | undefined {
  const listeners = world.sqlListeners.filter((one) =>
    instances.some((instance) => same(instance, sqlName({ host: one.fqdn, instance: one.instance }))),
  )
  return [
    ...instances.map((instance) => sqlServerOf(world, instance)),
    ...listeners.map((one) => primaryOf(world, one)),
  ]
    .filter((server) => server !== undefined && isRunning(world, server))
    .flatMap((server) => server?.facts.databases ?? [])
    .find((one) => same(one.name, name) && one.state === 'ONLINE' && one.availabilityGroup?.role !== 'SECONDARY')
}

function poolOf(world: World, fqdn: string): LabPool {
  centralDatabase(world, 'xds')
  const pool = world.pools.find((one) => same(one.fqdn, fqdn))
  if (pool && pool.backEnd.length > 0) return pool
  throw new CmdletError('ObjectNotFound', 'PoolNotFound', `The pool "${fqdn}" was not found or has no users.`)
}
