/** Which services come up when somebody starts them, and which do not ("Start services on servers": best effort). */
import { findDatabase } from './shell-view.ts'
import { poolOfMember, runningServices } from './services.ts'
import { writeBack } from './user-store.ts'
import { storesOf } from './topology-lookup.ts'
import type { StoreUse } from './roles.ts'
import { hostOf, same, type LabHost, type World } from './world.ts'

/** Starts what can start. A service without its certificate or its database stops again, and says so only in an event log. */
export function startServices(world: World, host: LabHost): void {
  turnOver(world, host)
  for (const one of host.services) one.running = one.running || comesUp(world, host, one.name)
  // The store pushes to a replica that answers.
  if (host.replica && host.services.some(({ name, running }) => name === 'REPLICA' && running))
    host.replica.upToDate = true
}

export function stopServices(world: World, host: LabHost): void {
  turnOver(world, host)
  for (const one of host.services) one.running = false
}

/** Servers that ran on with old data write it back when one of them stops, or another one joins. */
function turnOver(world: World, { fqdn }: LabHost): void {
  const pool = poolOfMember(world, fqdn)
  if (pool?.inMemory) writeBack(world, pool)
}

function comesUp(world: World, host: LabHost, service: string): boolean {
  const presents = host.listeners.some((one) => one.tls && one.service === service)
  if (presents && host.certificate !== undefined) return false
  const database = databaseOf[service]
  const pool = poolOfMember(world, host.fqdn)
  if (!database || !pool) return true
  const instances = service === 'PersistentChat' ? storesOf(world.topology, pool.fqdn, 'persistentChat') : pool.backEnd
  return (
    instances.length === 0 || findDatabase(world, instances, database, (one) => one?.powered === true) !== undefined
  )
}

/**
 * Whether servers of the product are in a database of an instance: Front Ends in the archive and in the call records, chat
 * servers in the rooms (domain reference, section 6.14). `name`: `host\\instance`.
 */
export function isHeld(world: World, name: string, database: string): boolean {
  const use = useOf[database.toLowerCase()]
  if (use === undefined) return false
  const runs = runningServices(world)
  if (use === 'persistentChat' && world.noActiveChatServers) return false
  const service = use === 'persistentChat' ? 'PersistentChat' : 'RTCSRV'
  return world.pools
    .filter(({ fqdn }) => storesOf(world.topology, fqdn, use).some((one) => same(one, name)))
    .flatMap(({ servers }) => servers.map((fqdn) => hostOf(world, fqdn)))
    .some((host) => host !== undefined && runs(host, service))
}

const useOf: Readonly<Record<string, StoreUse>> = { lcslog: 'archiving', lcscdr: 'monitoring', mgc: 'persistentChat' }

/** What a service cannot start without; a Director has no store of users. */
const databaseOf: Readonly<Record<string, string>> = {
  ...{ RTCSRV: 'rtcxds', RTCCAA: 'rtcxds', RTCASMCU: 'rtcxds' },
  PersistentChat: 'mgc',
}
