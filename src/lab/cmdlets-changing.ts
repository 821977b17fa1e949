/** The cmdlets that bring data back and start services, as the cmdlet reference and the chapter on restoring describe them. */
import type { Bench } from './break.ts'
import { instanceIn, responseGroupPool } from './cmdlets.ts'
import {
  countOf,
  locationsIn,
  responseGroupElements,
  responseGroupsIn,
  roomsIn,
  setRows,
  settingsName,
  usersIn,
  type Content,
} from './content.ts'
import { chatOf, configurationIn, locationsOf, responseGroupsOf, usersOf } from './import-content.ts'
import { failBack, syncContent } from './pairs.ts'
import { startServices, stopServices } from './service-start.ts'
import { CmdletError, centralDatabase, databaseIn, poolOf, serviceHost, type Parameters } from './shell-view.ts'
import { toLocalPath } from './shares.ts'
import { writeTopology } from './topology-file.ts'
import { keepInMemory, setUsers } from './user-store.ts'
import { hostOf, timeIn } from './world.ts'
import type { ChangingCmdletName } from './cmdlet-names.ts'

type ChangingCmdlet = (bench: Bench, parameters: Parameters) => void | Promise<void>

export const changingCmdlets: Record<ChangingCmdletName, ChangingCmdlet> = {
  async 'Import-CsConfiguration'(bench, parameters) {
    const { world, paths } = bench
    const xds = centralDatabase(world, 'xds')
    const { topology, settings } = await configurationIn(fileOf(bench, parameters))
    Object.assign(world, { topology, settings, configuredAt: timeIn(world) })
    setRows(world, xds, null, { Document: settings.length + 1, Item: topology.services.length + settings.length })
    writeTopology(paths, world)
  },
  /** It merges: what was added since stays ("Import-CsLisConfiguration"). */
  async 'Import-CsLisConfiguration'(bench, parameters) {
    const lis = centralDatabase(bench.world, 'lis')
    const rows = { ...locationsIn(lis), ...(await locationsOf(fileOf(bench, parameters))) }
    setRows(bench.world, lis, rows, { Location: named(rows, 'Location '), Subnet: named(rows, 'Subnet ') })
    lis.unpublished = true
  },
  'Publish-CsLisConfiguration'({ world }) {
    delete centralDatabase(world, 'lis').unpublished
  },
  /** It overwrites; servers that run keep what they have in memory, and tell nobody. */
  async 'Import-CsUserData'(bench, parameters) {
    const { world } = bench
    const pool = poolOf(world, String(parameters.PoolFqdn))
    const store = databaseIn(world, pool.backEnd, 'rtcxds')
    const shared = databaseIn(world, pool.backEnd, 'rtcshared')
    const { users, directories } = await usersOf(fileOf(bench, parameters))
    keepInMemory(world, pool, store)
    setUsers(world, pool, store, { ...usersIn(world, pool, store), ...users })
    setRows(world, shared, directories, { ConferenceDirectory: Object.keys(directories).length })
  },
  /** One user, into the living pool; with `TestMode` nobody, from 2015 on. */
  async 'Update-CsUserData'(bench, parameters) {
    const { world } = bench
    if (parameters.TestMode !== undefined && world.managementShell.module === 'Lync')
      throw new CmdletError(
        'InvalidArgument',
        'NamedParameterNotFound',
        "A parameter cannot be found that matches parameter name 'TestMode'.",
      )
    if (parameters.TestMode === true) {
      await usersOf(fileOf(bench, parameters))
      return
    }
    const wanted = String(parameters.UserFilter)
    const { users } = await usersOf(fileOf(bench, parameters))
    const found = world.pools
      .filter(({ backEnd }) => backEnd.length > 0)
      .map((pool) => ({ pool, store: databaseIn(world, pool.backEnd, 'rtcxds') }))
      .find(({ pool, store }) => wanted in usersIn(world, pool, store))
    const imported = users[wanted]
    if (!found || !imported)
      throw new CmdletError('ObjectNotFound', 'UserNotFound', `No data of the user "${wanted}" was found.`)
    const rows = usersIn(world, found.pool, found.store)
    setUsers(world, found.pool, found.store, {
      ...rows,
      [wanted]: [...new Set([...(rows[wanted] ?? []), ...imported])],
    })
  },
  async 'Import-CsRgsConfiguration'(bench, parameters) {
    const { world } = bench
    const isPlain = world.managementShell.behaviours['Import-CsRgsConfiguration'] === 'no-prefix'
    if (isPlain && /^service:/i.test(String(parameters.Destination)))
      throw new CmdletError('InvalidArgument', 'InvalidIdentity', 'The destination is not a valid service identity.')
    const pool = responseGroupPool(world, parameters.Destination)
    const store = databaseIn(world, pool.backEnd, 'rgsconfig')
    const current = responseGroupsIn(store)
    // Active Directory still holds the contact objects of the groups that were here.
    if (Object.keys(current).length === 0 && parameters.OverwriteOwner !== true)
      throw new CmdletError(
        'InvalidOperation',
        'OwnerConflict',
        'The contact objects of these workflows belong to another owner. Use the parameter OverwriteOwner.',
      )
    const { [settingsName]: settings, ...groups } = await responseGroupsOf(fileOf(bench, parameters))
    const taken = parameters.ReplaceExistingRgsSettings === true ? settings : undefined
    const rows = { ...current, ...groups, [settingsName]: taken ?? current[settingsName] ?? defaultSettings }
    const counts = responseGroupElements.map(([table, element]) => [table, named(rows, `${element} `)] as const)
    setRows(world, store, rows, Object.fromEntries(counts))
  },
  /** It adds to what is there. */
  async 'Import-CsPersistentChatData'(bench, parameters) {
    const { world } = bench
    centralDatabase(world, 'xds')
    const mgc = databaseIn(world, [instanceIn(parameters)], 'mgc')
    const { rooms, messages, people } = await chatOf(fileOf(bench, parameters))
    const rows = { ...roomsIn(mgc), ...rooms }
    setRows(world, mgc, rows, {
      ...{ tblNode: Object.keys(rows).length, tblChat: countOf(mgc, 'tblChat') + messages },
      tblPrincipal: Math.max(countOf(mgc, 'tblPrincipal'), people),
    })
  },
  'Stop-CsWindowsService'({ world }, { ComputerName }) {
    stopServices(world, serviceHost(world, ComputerName))
  },
  'Start-CsWindowsService'({ world }, { ComputerName }) {
    startServices(world, serviceHost(world, ComputerName))
  },
  'Start-CsPool'({ world }, { PoolFqdn }) {
    const { servers } = poolOf(world, String(PoolFqdn))
    for (const host of servers.map((fqdn) => hostOf(world, fqdn))) if (host?.powered) startServices(world, host)
  },
  'Invoke-CsPoolFailback'({ world }, { PoolFqdn, DisasterMode }) {
    failBack(world, poolOf(world, String(PoolFqdn)), DisasterMode === true)
  },
  'Invoke-CsBackupServiceSync'(bench, { PoolFqdn }) {
    syncContent(bench, poolOf(bench.world, String(PoolFqdn)))
  },
}

const defaultSettings = ['AgentRingbackGracePeriod=60']

function fileOf({ world, paths }: Bench, { FileName }: Parameters): string {
  return toLocalPath(world, paths, String(FileName))
}

function named(rows: Content, name: string): number {
  return Object.keys(rows).filter((one) => one.startsWith(name)).length
}
