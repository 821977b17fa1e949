import { databases, databasesOf, isUsedBy } from '../databases.ts'
import { poolsByStore } from '../pools.ts'
import type { Desired, SqlStore, StoreRole } from '../model.ts'
import { fileStoreSubject, sameSubject, sqlSubject } from '../subject.ts'
import type { Item, ItemKind } from '../words.ts'
import type { Found } from './found.ts'

/** Whether any database of a role is lost; `lost` null: all are. */
export function isHit(role: StoreRole, lost: readonly string[] | null): boolean {
  return databasesOf(role).some(({ name }) => isAmong(name, lost))
}

function isAmong(name: string, lost: readonly string[] | null): boolean {
  return lost === null || lost.some((one) => sameSubject(one, name))
}

/** What is gone as items of a set: the exports of databases, or their backups, and shares (section 3). */
export function itemsOf(found: Found, desired: Desired): Item[] {
  return [
    ...(found.centralManagement ? ofCentralManagement(found, desired) : []),
    ...found.stores.flatMap((store) => ofStore(store, found.databases, desired)),
    ...found.fileStores.map((store): Item => ({ kind: 'file-store', subject: fileStoreSubject(store) })),
  ]
}

function ofCentralManagement({ databases: lost }: Found, { deployment: { name: subject } }: Desired): Item[] {
  return databasesOf('centralManagement').flatMap(({ name, keptBy }) =>
    keptBy !== null && isAmong(name, lost) ? [{ kind: keptBy, subject }] : [],
  )
}

function ofStore(store: SqlStore, lost: readonly string[] | null, desired: Desired): Item[] {
  const users = (poolsByStore(desired).get(store.name) ?? []).filter(({ type }) => type !== 'unsupported')
  return users.flatMap((pool) =>
    databases.flatMap((database): Item[] => {
      const { name, store: use, keptBy } = database
      if (use === 'centralManagement' || pool.stores[use]?.name !== store.name) return []
      if (keptBy === null || !isAmong(name, lost) || !isUsedBy(database, pool.applications)) return []
      return keptBy === 'sql-database'
        ? [{ kind: kindOf(use, desired), subject: sqlSubject(store, name) }]
        : [{ kind: keptBy, subject: pool.fqdn }]
    }),
  )
}

/** Persistent Chat is kept by SQL backup unless every policy that there is keeps it by cmdlet. */
function kindOf(role: StoreRole, { policies }: Desired): ItemKind {
  const isByCmdlet = policies.length > 0 && policies.every(({ persistentChat }) => persistentChat === 'cmdlet')
  return role === 'persistentChat' && isByCmdlet ? 'persistent-chat' : 'sql-database'
}

/** The store holds `xds` and `lis`. */
export function isCentral(store: SqlStore, { deployment }: Desired): boolean {
  return deployment.centralManagementStore?.name === store.name
}
