import { databasesOf } from '../databases.ts'
import type { Pool, SqlStore, StoreRole } from '../model.ts'
import { quoted } from '../restore-commands.ts'

/** Each type of database that a store holds, with one pool that uses it. */
export function typesOf(store: SqlStore, pools: readonly Pool[]): { type: string; pool: Pool }[] {
  const found = new Map<string, Pool>()
  for (const pool of pools)
    for (const [role, used] of Object.entries(pool.stores))
      if (used.name === store.name)
        for (const { type } of databasesOf(role as StoreRole)) if (!found.has(type)) found.set(type, pool)
  return [...found].map(([type, pool]) => ({ type, pool }))
}

/** A failover of each type of database of a store. */
export function failovers(store: SqlStore, to: 'Primary' | 'Mirror', pools: readonly Pool[]): string[] {
  return typesOf(store, pools).map(
    ({ type, pool }) =>
      `Invoke-CsDatabaseFailover -PoolFqdn ${quoted(pool.fqdn)} -DatabaseType ${type} -NewPrincipal ${to} -Force -Verbose`,
  )
}
