/** Which services come up when somebody starts them, and which do not ("Start services on servers": best effort). */
import { findDatabase } from './shell-view.ts'
import { poolOfMember } from './services.ts'
import { storesOf } from './topology-lookup.ts'
import type { LabHost, World } from './world.ts'

/** Starts what can start. A service without its certificate or its database stops again, and says so only in an event log. */
export function startServices(world: World, host: LabHost): void {
  for (const one of host.services) one.running = one.running || comesUp(world, host, one.name)
}

export function stopServices(host: LabHost): void {
  for (const one of host.services) one.running = false
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

/** What a service cannot start without; a Director has no store of users. */
const databaseOf: Readonly<Record<string, string>> = {
  ...{ RTCSRV: 'rtcxds', RTCCAA: 'rtcxds', RTCASMCU: 'rtcxds' },
  PersistentChat: 'mgc',
}
