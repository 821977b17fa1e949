import type { Desired, SqlStore, StoreRole } from '../model.ts'
import { fileStoreSubject, sameSubject, sqlSubject } from '../subject.ts'
import type { Item, ItemKind } from '../words.ts'
import type { Found } from './found.ts'

/** The databases of each kind of store whose loss is felt (domain reference, section 2.2). */
const databases: Readonly<Record<StoreRole, readonly string[]>> = {
  user: ['rtcxds', 'rgsconfig'],
  archiving: ['LcsLog'],
  monitoring: ['LcsCDR', 'QoEMetrics'],
  persistentChat: ['mgc'],
  compliance: ['mgccomp'],
}

/** Those of them that are lost; `lost` null: all. */
export function databasesOf(role: StoreRole, lost: readonly string[] | null): readonly string[] {
  return databases[role].filter((name) => isAmong(name, lost))
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

function ofCentralManagement({ databases: lost }: Found, { deployment: { name } }: Desired): Item[] {
  const exports: [string, ItemKind][] = [
    ['xds', 'configuration'],
    ['lis', 'location-information'],
  ]
  return exports.flatMap(([database, kind]) => (isAmong(database, lost) ? [{ kind, subject: name }] : []))
}

function ofStore(store: SqlStore, lost: readonly string[] | null, desired: Desired): Item[] {
  const users = desired.pools.filter(({ type }) => type !== 'unsupported')
  return users.flatMap(({ fqdn, stores, applications }) => {
    const uses = (role: StoreRole): boolean => stores[role]?.name === store.name
    const exported: Item[] = []
    if (uses('user') && isAmong('rtcxds', lost)) exported.push({ kind: 'user-data', subject: fqdn })
    if (uses('user') && isAmong('rgsconfig', lost) && applications.includes('response-group'))
      exported.push({ kind: 'response-groups', subject: fqdn })
    const backedUp = (['archiving', 'monitoring', 'persistentChat'] as const).filter(uses).flatMap((role) =>
      databasesOf(role, lost).map((database): Item => ({
        kind: kindOf(role, desired),
        subject: sqlSubject(store, database),
      })),
    )
    return [...exported, ...backedUp]
  })
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
