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
import { readingCmdlets } from './cmdlets-reading.ts'
import { productFacts } from './roles.ts'
import { CmdletError, centralDatabase, databaseIn, findDatabase, poolOf, type Cmdlet } from './shell-view.ts'
import { topologyDocument } from './topology-document.ts'
import type { World } from './world.ts'

/** Exists on this machine: the module of the product has it. */
export function moduleHas(world: World, cmdlet: CmdletName): boolean {
  return !cmdlet.includes('PersistentChat') || productFacts(world.managementShell.product).persistentChat
}

export const cmdlets: Record<CmdletName, Cmdlet> = {
  ...readingCmdlets,
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
