/** Where the Central Management store is in use: its databases, its services, and whose backup service exports it. */
import { guidOf } from './chance.ts'
import { databasesOf } from './roles.ts'
import { giveServices, takeServices } from './services.ts'
import type { SqlDatabase } from './sql/facts.ts'
import { listenerName } from './sql-clusters.ts'
import { hostOf, same, sqlServerOf, timeIn, type LabBackupModule, type LabPool, type World } from './world.ts'

/** The services that replicate the configuration: Master Replicator and File Transfer Agent. */
export const isMaster = (name: string): boolean => name === 'MASTER' || name === 'FTA'
/** `xds` and `lis`. */
export const centralDatabases = Object.keys(databasesOf.centralManagement)

/**
 * The pool uses the store from now on: its copy is made or overwritten from the one in use before, where that can be read;
 * Active Directory names it, and its servers run the services. The old databases stay where they were, as they do in life.
 */
export function useStoreOf(world: World, target: LabPool): void {
  copyStore(world, target, timeIn(world))
  const listener = world.sqlListeners.find(({ replicas }) => replicas.some((name) => target.backEnd.includes(name)))
  world.storeLocation = listener ? listenerName(listener) : (target.backEnd[0] ?? '')
  world.centralManagement = [...target.backEnd]
  for (const fqdn of target.servers) {
    const host = hostOf(world, fqdn)
    if (!host) continue
    takeServices(host, isMaster)
    for (const name of ['MASTER', 'FTA']) host.services.push({ name, running: host.powered })
  }
}

/** What a standby copy holds: all of `xds`; of `lis` nothing, which nobody replicates (domain reference, section 7.1). */
export function giveStandby(world: World, target: LabPool): void {
  copyStore(world, target, null)
  for (const name of target.backEnd) {
    const lis = sqlServerOf(world, name)?.facts.databases.find((one) => one.name === 'lis')
    if (!lis) continue
    lis.tables = Object.fromEntries(Object.keys(lis.tables).map((table) => [table, 0]))
    delete lis.documents
  }
}

/** `createdAt`: of what is not there yet; null: as old as what it is a copy of. */
function copyStore(world: World, target: LabPool, createdAt: string | null): void {
  for (const source of databasesIn(world)) {
    const guid = guidOf(`${source.guid} ${target.fqdn} ${createdAt ?? ''}`)
    for (const name of target.backEnd) {
      const facts = sqlServerOf(world, name)?.facts
      const [neighbour] = facts?.databases ?? []
      if (!facts || !neighbour || facts.databases.some((one) => same(one.name, source.name))) continue
      const { state, recoveryModel, mirroring, availabilityGroup } = structuredClone(neighbour)
      facts.databases.push({
        ...structuredClone(source),
        ...{ guid, createdAt: createdAt ?? source.createdAt, state, recoveryModel, mirroring, availabilityGroup },
      })
    }
  }
}

function databasesIn(world: World): SqlDatabase[] {
  const facts = sqlServerOf(world, world.centralManagement[0] ?? '')?.facts
  return facts?.databases.filter(({ name }) => centralDatabases.includes(name)) ?? []
}

export const neverExported = 'NotInitialized'

export function masterOf({ backupModules }: LabPool): LabBackupModule | undefined {
  return backupModules.find(({ name }) => name === 'CentralMgmt.CMSMaster')
}

/** Only the pool with the store exports it to its partner (domain reference, section 7.6). */
export function exportFrom({ pools }: World, exporting: readonly string[]): void {
  for (const pool of pools) {
    const master = masterOf(pool)
    if (master) master.exported = exporting.includes(pool.fqdn) ? 'FinalState' : neverExported
  }
}

/** The servers whose services replicate the configuration; they run there no more. */
export function stopMasters(world: World): void {
  for (const host of world.hosts) {
    const taken = takeServices(host, isMaster)
    giveServices(
      host,
      taken.map(([index, one]) => [index, { ...one, running: false }]),
    )
  }
}
