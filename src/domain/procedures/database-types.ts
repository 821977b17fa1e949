import { cmdlet } from '../cmdlet-text.ts'
import { databasesOf } from '../databases.ts'
import type { Desired, Pool, SqlStore, StoreRole } from '../model.ts'
import { sameSubject } from '../subject.ts'

/** Each type of database that a store holds, with one pool that uses it; the Central Management store is one of them. */
export function typesOf(store: SqlStore, { pools, deployment }: Desired): { type: string; pool: Pool }[] {
  const found = new Map<string, Pool>()
  for (const pool of pools)
    for (const [role, used] of Object.entries(pool.stores))
      if (used.name === store.name)
        for (const { type } of databasesOf(role as StoreRole)) if (!found.has(type)) found.set(type, pool)
  const user = pools.find(({ stores }) => stores.user?.name === store.name)
  if (user && deployment.centralManagementStore?.name === store.name)
    for (const { type } of databasesOf('centralManagement')) found.set(type, user)
  return [...found].map(([type, pool]) => ({ type, pool }))
}

/** A failover of each type of database of a store to the partner that survives. */
export function failovers(store: SqlStore, survivor: string, desired: Desired): string {
  const NewPrincipal = sameSubject(survivor, store.host) ? 'Primary' : 'Mirror'
  return typesOf(store, desired)
    .map(({ type, pool }) =>
      cmdlet('Invoke-CsDatabaseFailover', {
        ...{ PoolFqdn: pool.fqdn, DatabaseType: type, NewPrincipal, Force: true, Verbose: true },
      }),
    )
    .join('\n')
}
