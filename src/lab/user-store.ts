/** The Back End of a pool and what its Front Ends have in memory ("Import-CsUserData": stopped all, and started together). */
import { contactMark, setRows, usersIn, type Content } from './content.ts'
import { findDatabase } from './shell-view.ts'
import { serversRunning } from './services.ts'
import type { SqlDatabase } from './sql/facts.ts'
import type { LabPool, World } from './world.ts'

/** What users added since is among the rows from now on. */
export function setUsers(world: World, pool: LabPool, store: SqlDatabase, rows: Content): void {
  if (pool.newContacts) pool.newContacts.here = 0
  const texts = Object.values(rows).flat()
  const Contact = texts.filter((one) => one.startsWith(contactMark)).length
  setRows(world, store, rows, {
    ...{ Resource: Object.keys(rows).length, Contact, Conference: texts.length - Contact },
  })
}

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

/**
 * Where no server of a pool runs any more, what was in memory is gone, and its next start is a cold one; that ends when as many
 * run as a first start needs.
 */
export function settlePools(world: World): void {
  for (const pool of world.pools) {
    const running = serversRunning(world, pool).length
    if (running === 0) delete pool.inMemory
    if (pool.type !== 'front-end') continue
    if (running === 0) pool.cold = true
    else if (running >= neededToStart(pool.servers.length)) delete pool.cold
  }
}

/** How many of a pool's members have to run at its first or cold start (domain reference, section 8.4). */
function neededToStart(members: number): number {
  return [0, 1, 1, 3, 3, 4, 5, 5, 6, 7][members] ?? members - 2
}
