import type { StoreRole } from './model.ts'
import { foldSubject } from './subject.ts'
import type { ItemKind } from './words.ts'

/** What a database stands in: the store of a role, or the Central Management store. */
export type StoreUse = StoreRole | 'centralManagement'

/** One database of the product (domain reference, section 2.2). */
export interface Database {
  name: string
  store: StoreUse
  /** Only pools that run this application have it. */
  application: string | null
  /** What of a set brings it back, an export or its own backup; null: setup makes it anew, and its loss calls for nothing. */
  keptBy: ItemKind | null
  /** Its `-DatabaseType` in cmdlets ("Lync 2013 Database Mirror Manager"). */
  type: string
}

function row(
  name: string,
  store: StoreUse,
  keptBy: ItemKind | null,
  type: string,
  application: string | null = null,
): Database {
  return { name, store, application, keptBy, type }
}

/** Every database that the product has, each once. Persistent Chat may be kept by its cmdlet instead of a SQL backup. */
export const databases: readonly Database[] = [
  row('xds', 'centralManagement', 'configuration', 'CentralMgmt'),
  row('lis', 'centralManagement', 'location-information', 'CentralMgmt'),
  row('rtcxds', 'user', 'user-data', 'User'),
  row('rtcshared', 'user', null, 'User'),
  row('rtcab', 'user', null, 'User'),
  row('rtcab1', 'user', null, 'User'),
  row('rgsconfig', 'user', 'response-groups', 'Application', 'response-group'),
  row('rgsdyn', 'user', null, 'Application', 'response-group'),
  row('cpsdyn', 'user', null, 'Application', 'call-park'),
  row('LcsLog', 'archiving', 'sql-database', 'Archiving'),
  row('LcsCDR', 'monitoring', 'sql-database', 'Monitoring'),
  row('QoEMetrics', 'monitoring', 'sql-database', 'Monitoring'),
  row('mgc', 'persistentChat', 'sql-database', 'PersistentChat'),
  row('mgccomp', 'compliance', null, 'PersistentChatCompliance'),
]

const byName: ReadonlyMap<string, Database> = new Map(databases.map((one) => [foldSubject(one.name), one]))
const byUse: ReadonlyMap<StoreUse, readonly Database[]> = Map.groupBy(databases, ({ store }) => store)

/** All that a store of this use holds, also what only an application adds. */
export function databasesOf(use: StoreUse): readonly Database[] {
  return byUse.get(use) ?? []
}

/** Whether a pool with these applications has it. */
export function isUsedBy({ application }: Database, applications: readonly string[]): boolean {
  return application === null || applications.includes(application)
}

/** Whether the loss of a database of this name calls for a restore. */
export function isKeptDatabase(name: string): boolean {
  return (byName.get(foldSubject(name))?.keptBy ?? null) !== null
}

/** Whether a store of the topology has a database of this name; others on its instance are not ours to judge. */
export function isLyncDatabase(name: string): boolean {
  return byName.has(foldSubject(name))
}

/** Whether it stands in the Central Management store. */
export function isCentralDatabase(name: string): boolean {
  return byName.get(foldSubject(name))?.store === 'centralManagement'
}
