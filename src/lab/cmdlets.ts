/** The cmdlets of the Management Shell, as the cmdlet reference and the operations documentation describe them. */
import { existsSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parameterSets, type ChangingCmdletName, type CmdletName } from './cmdlet-names.ts'
import { conferenceDirectoriesIn, locationsIn, responseGroupsIn, roomsIn, usersIn } from './content.ts'
import {
  configurationExport,
  locationExport,
  persistentChatExport,
  responseGroupExport,
  userExport,
} from './export-content.ts'
import { readingCmdlets } from './cmdlets-reading.ts'
import { productFacts } from './roles.ts'
import {
  CmdletError,
  centralDatabase,
  databaseIn,
  expectTopology,
  findDatabase,
  poolOf,
  type Cmdlet,
  type Parameters,
} from './shell-view.ts'
import { topologyDocument } from './topology-document.ts'
import type { LabPool, World } from './world.ts'

/** Exists on this machine: the module of the product has it. */
export function moduleHas(world: World, cmdlet: CmdletName | ChangingCmdletName): boolean {
  const { module, product } = world.managementShell
  // It came with 2015.
  if (cmdlet === 'Start-CsPool') return module !== 'Lync'
  return !cmdlet.includes('PersistentChat') || productFacts(product).persistentChat
}

/** The parameter sets of a cmdlet, as the module of the product has them. */
export function parameterSetsIn({ managementShell }: World, cmdlet: CmdletName | ChangingCmdletName): string[] {
  const since2015 = cmdlet === 'Update-CsUserData' && managementShell.module !== 'Lync' ? ' [-TestMode]' : ''
  return parameterSets[cmdlet].map((set) => set + since2015)
}

export const cmdlets: Record<CmdletName, Cmdlet> = {
  ...readingCmdlets,
  'Export-CsConfiguration': async (world, _parameters, write) => {
    write(await configurationExport(world, centralDatabase(world, 'xds')))
    return []
  },
  'Export-CsLisConfiguration': async (world, _parameters, write) => {
    write(await locationExport(locationsIn(centralDatabase(world, 'lis'))), 'fresh')
    return []
  },
  'Export-CsUserData': async (world, parameters, write) => {
    const pool = poolOf(world, String(parameters.PoolFqdn ?? ''))
    const users = databaseIn(world, pool.backEnd, 'rtcxds')
    const directories = conferenceDirectoriesIn(findDatabase(world, pool.backEnd, 'rtcshared'))
    write(await userExport(pool, usersIn(world, pool, users), directories))
    return []
  },
  'Export-CsRgsConfiguration': async (world, parameters, write) => {
    const pool = responseGroupPool(world, parameters.Source)
    write(await responseGroupExport(pool, responseGroupsIn(databaseIn(world, pool.backEnd, 'rgsconfig'))), 'fresh')
    return []
  },
  'Export-CsPersistentChatData': async (world, parameters, write) => {
    centralDatabase(world, 'xds')
    const mgc = databaseIn(world, [instanceIn(parameters)], 'mgc')
    write(await persistentChatExport(mgc, roomsIn(mgc)))
    return []
  },
  // Settings are global or of a site, whatever the pools are (Get-CsCpsConfiguration).
  'Get-CsCpsConfiguration': (world) => {
    centralDatabase(world, 'xds')
    const sites = world.pools.filter(({ applications }) => applications.includes('call-park')).map(({ site }) => site)
    return Promise.resolve(['Global', ...new Set(sites.map((site) => `Site:${site}`))].map(callPark))
  },
  'Get-CsTopology': (world, parameters) => {
    expectTopology(world)
    if (parameters.AsXml === true) return Promise.resolve([topologyDocument(world.topology)])
    return Promise.resolve(['Microsoft.Rtc.Management.Deploy.Internal.DefaultTopology'])
  },
}

/** The pool of a service identity. The reference writes it with and without `service:`. */
export function responseGroupPool(world: World, identity: Parameters[string] | undefined): LabPool {
  const source = /^(?:service:)?ApplicationServer:(.+)$/i.exec(String(identity ?? ''))
  if (!source) throw new CmdletError('InvalidArgument', 'InvalidSource', 'The source is not a valid service identity.')
  const pool = poolOf(world, source[1] ?? '')
  if (pool.applications.includes('response-group')) return pool
  throw new CmdletError(
    'ObjectNotFound',
    'RgsNotFound',
    `The Response Group application is not activated on "${pool.fqdn}".`,
  )
}

/** The default instance is named, too. */
export function instanceIn({ DBInstance }: Parameters): string {
  return String(DBInstance ?? '').replace(/\\MSSQLSERVER$/i, '')
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
