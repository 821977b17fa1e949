/** What happens by itself while servers run: a store that was made anew does not stay empty (domain reference, section 6.14). */
import { between, chanceOf } from './chance.ts'
import { contactMark, countOf, setRows, usersIn } from './content.ts'
import { runningServices } from './services.ts'
import { findDatabase } from './shell-view.ts'
import type { SqlDatabase } from './sql/facts.ts'
import { storesOf } from './topology-lookup.ts'
import { userAddress } from './users.ts'
import { hostOf, same, type LabPool, type World } from './world.ts'

export function goOn(world: World): void {
  const runs = runningServices(world)
  for (const pool of world.pools) {
    const hosts = pool.servers.map((fqdn) => hostOf(world, fqdn))
    if (!hosts.some((host) => host !== undefined && runs(host, 'RTCSRV'))) continue
    replicateUsers(world, pool)
    recordCalls(world, storesOf(world.topology, pool.fqdn, 'monitoring'))
  }
}

/** User Replicator: whoever Active Directory homes on the pool is in its store, with no contacts of his own. */
function replicateUsers(world: World, pool: LabPool): void {
  const home = world.directory.find((one) => same(one.pool, pool.fqdn))
  const store = open(world, pool.backEnd, 'rtcxds')
  if (!home || !store || countOf(store, 'Resource') >= home.users) return
  const rows = usersIn(world, pool, store)
  const all = Array.from({ length: home.users }, (_, at) => userAddress(world, pool.fqdn, at + 1))
  for (const user of all) rows[user] ??= []
  const texts = Object.values(rows).flat()
  const Contact = texts.filter((one) => one.startsWith(contactMark)).length
  setRows(world, store, rows, { Resource: all.length, Contact, Conference: texts.length - Contact })
}

/** Front Ends write call records into a new database at once. */
function recordCalls(world: World, instances: readonly string[]): void {
  const records = open(world, instances, 'LcsCDR')
  if (!records || records.singleUser || countOf(records, 'SessionDetails') > 0) return
  setRows(world, records, null, { SessionDetails: between(chanceOf(records.guid), 3, 12) })
}

function open(world: World, instances: readonly string[], name: string): SqlDatabase | undefined {
  return findDatabase(world, instances, name, (host) => host?.powered === true)
}
