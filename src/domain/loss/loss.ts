/** What is gone when a host, a database, a file store or a whole pool is gone, and by which procedure it comes back. */
import { isCentralDatabase } from '../databases.ts'
import { partnersOf } from '../endpoints.ts'
import { machinesOf } from '../hosts.ts'
import { compareItems } from '../inventory.ts'
import type { Desired, Pool, SqlStore } from '../model.ts'
import { distinct, fileStoreSubject, itemKey, parseDatabase, sameSubject, sqlSubject } from '../subject.ts'
import { poolNamed } from '../pools.ts'
import type { Subject } from '../words.ts'
import { holdingsOf, type Holdings } from './holdings.ts'
import type { Found, Loss, OtherLosses } from './found.ts'
import { isCentral, itemsOf } from './items.ts'
import { scenarioOf } from './scenario.ts'

/** What the topology says is lost with `subject`; null when it is neither host, pool, database nor file store. */
export function lossOf(subject: Subject, desired: Desired, around: OtherLosses): Loss | null {
  if (subject.startsWith('\\\\')) {
    const fileStore = desired.fileStores.find((store) => sameSubject(fileStoreSubject(store), subject))
    return fileStore ? completed({ ...nothing(subject), fileStores: [fileStore] }, desired) : null
  }
  const database = parseDatabase(subject)
  if (database) return lossOfDatabase(subject, database.database, desired, around)
  const held = holdingsOf(subject, desired)
  if (held) return completed(lossOfHost(subject, subject, held, desired, around), desired)
  const pool = poolNamed(subject, desired)
  const [only, another] = pool?.servers ?? []
  if (!pool || only === undefined) return null
  if (another !== undefined) return lossOfPool(pool, desired, around)
  const server = holdingsOf(only, desired)
  return server && completed(lossOfHost(subject, only, server, desired, around), desired)
}

function nothing(subject: Subject): Found {
  const none = { machines: [], pools: [], stores: [], mirrors: [], fileStores: [] }
  return { subject, ...none, centralManagement: false, databases: null, isPool: false }
}

function lossOfHost(subject: Subject, host: string, held: Holdings, desired: Desired, around: OtherLosses): Found {
  const isGone = (machine: string): boolean => sameSubject(machine, host) || around.isLost(machine)
  const fates = held.stores.map((store) => ({
    store,
    survivor: survivorOf(store, isCentral(store, desired), isGone, around),
  }))
  const stores = fates.flatMap(({ store, survivor }) => (survivor === null ? [store] : []))
  return {
    ...nothing(subject),
    machines: distinct([host, ...stores.flatMap(machinesOf).filter(isGone)]),
    pools: held.pools,
    stores,
    mirrors: fates.flatMap(({ store, survivor }) => (survivor === null ? [] : [{ store, survivor }])),
    fileStores: held.fileStores,
    centralManagement: stores.some((store) => isCentral(store, desired)),
  }
}

/**
 * The machine that still holds a store. A Central Management store whose mirror nobody made principal counts as lost
 * ("Restoring the server hosting the Central Management store": roles cannot be swapped by a topology that cannot be
 * published).
 */
function survivorOf(
  store: SqlStore,
  central: boolean,
  isGone: (machine: string) => boolean,
  around: OtherLosses,
): string | null {
  const survivor = machinesOf(store).find((machine) => !isGone(machine)) ?? null
  if (survivor === null || !central) return survivor
  return store.highAvailability.kind !== 'mirror' || around.isTakenOver(store, survivor) ? survivor : null
}

function lossOfDatabase(subject: Subject, database: string, desired: Desired, around: OtherLosses): Loss | null {
  const store = desired.sqlStores.find((one) =>
    partnersOf(one).some((place) => sameSubject(sqlSubject(place, database), subject)),
  )
  if (!store) return null
  const here = parseDatabase(subject)?.host ?? store.host
  const isGone = (machine: string): boolean => sameSubject(machine, here) || around.isLost(machine)
  const centralManagement = isCentral(store, desired) && isCentralDatabase(database)
  const survivor = survivorOf(store, centralManagement, isGone, around)
  const found = { ...nothing(subject), databases: [database] }
  if (survivor !== null && store.highAvailability.kind !== 'failover-cluster')
    return completed({ ...found, mirrors: [{ store, survivor }] }, desired)
  return completed({ ...found, stores: [store], centralManagement }, desired)
}

/**
 * "Restoring a Lync Server pool": the Back End first, then each member. Where the members are lost already, what was
 * seen of the Back End holds; else it is counted as lost with them.
 */
function lossOfPool(pool: Pool, desired: Desired, around: OtherLosses): Loss {
  const isSeen = pool.servers.every((server) => around.isLost(server))
  const userStore = pool.type === 'front-end' ? pool.stores.user : undefined
  const stores = userStore && (!isSeen || machinesOf(userStore).every((host) => around.isLost(host))) ? [userStore] : []
  const centralManagement = stores.some((store) => isCentral(store, desired))
  const machines = distinct([...stores.flatMap(machinesOf), ...pool.servers])
  return completed({ ...nothing(pool.fqdn), isPool: true, machines, pools: [pool], stores, centralManagement }, desired)
}

function completed(found: Found, desired: Desired): Loss {
  const items = new Map(itemsOf(found, desired).map((item) => [itemKey(item), item]))
  const { subject, machines, pools, stores, mirrors, fileStores, centralManagement } = found
  return {
    ...{ subject, ...scenarioOf(found, desired), machines, pools, stores, mirrors, fileStores, centralManagement },
    items: [...items.values()].sort(compareItems),
  }
}
