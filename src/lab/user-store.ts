/** The Back End of a pool and what its Front Ends have in memory ("Import-CsUserData": stopped all, and started together). */
import { setRows, usersIn } from './content.ts'
import { findDatabase } from './shell-view.ts'
import { serversRunning } from './services.ts'
import type { SqlDatabase } from './sql/facts.ts'
import type { LabPool, World } from './world.ts'

/** Servers that run keep the rows that they have loaded. To be called before the rows of the store are changed behind them. */
export function keepInMemory(world: World, pool: LabPool, store: SqlDatabase): void {
  if (serversRunning(world, pool).length === 0) return
  pool.inMemory ??= { rows: usersIn(world, pool, store), tables: { ...store.tables } }
}

/** One of its servers stops or starts beside another: what they have in memory goes back over the rows of the store. */
export function writeBack(world: World, pool: LabPool): void {
  const { inMemory } = pool
  delete pool.inMemory
  const store = findDatabase(world, pool.backEnd, 'rtcxds', (host) => host?.powered === true)
  if (inMemory && store) setRows(world, store, inMemory.rows, inMemory.tables)
}

/** What was in memory is gone when no server of the pool runs any more. */
export function settleMemory(world: World): void {
  for (const pool of world.pools) if (pool.inMemory && serversRunning(world, pool).length === 0) delete pool.inMemory
}
