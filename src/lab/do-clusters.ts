/** Windows clusters and availability groups: the work of the SQL Server administrators (domain reference, section 6.14). */
import { impossible, memberAt, type Act } from './act.ts'
import { runningServer } from './databases.ts'
import { databasesOf } from './roles.ts'
import { clusterBehind, hostPart, listenerName, settleClusters } from './sql-clusters.ts'
import type { SqlDatabase } from './sql/facts.ts'
import { storesAt } from './topology-lookup.ts'
import { hostOf, isRunning, same, sqlName, sqlServerOf, type LabSqlListener, type World } from './world.ts'

export const buildWindowsCluster: Act = {
  kind: 'build-windows-cluster',
  details: [],
  does: 'Failover Cluster Manager: the machines of a failover cluster, or of an availability group, become a Windows cluster with its old names; machines that were made anew join the one that is there. Needs them in the domain.',
  subjects: ({ world }) => [
    ...world.sqlServers.flatMap(({ facts, nodes }) => (nodes ? [sqlName(facts)] : [])),
    ...world.sqlListeners.map(listenerName),
  ],
  apply({ world }, name) {
    const { server, listener } = clusterBehind(world, name) ?? {}
    const machines = server?.nodes ?? listener?.replicas.map(hostPart) ?? []
    for (const machine of machines.filter((one) => hostOf(world, one)?.powered)) memberAt(world, machine)
    const missing = machines.filter((one) => !hostOf(world, one)?.powered)
    if (missing.length === machines.length) throw impossible(name, 'None of its machines answers.')
    if (server) {
      server.without = missing
      delete hostOf(world, server.facts.host)?.bare
      settleClusters(world)
    } else if (listener?.gone) listener.gone = 'group'
  },
}

export const createAvailabilityGroup: Act = {
  kind: 'create-availability-group',
  details: [],
  does: 'Creates the availability group with its listener, still without databases. Needs the Windows cluster, and SQL Server on one of its replicas; those that do not run are left out.',
  subjects: listeners,
  apply({ world }, name) {
    const listener = listenerAt(world, name)
    if (!listener.gone) throw impossible(name, 'The listener is there already.')
    if (listener.gone === 'cluster') throw impossible(name, 'The machines are in no Windows cluster.')
    const out = listener.replicas.filter((one) => !runs(world, one))
    if (out.length === listener.replicas.length) throw impossible(name, 'SQL Server runs on none of its replicas.')
    delete listener.gone
    listener.without = out
  },
}

export const joinAvailabilityGroup: Act = {
  kind: 'join-availability-group',
  details: [],
  does: 'Adds the databases of the primary replica to the availability group, and the replicas that run but were left out of it, and seeds them: under FULL, after a full backup. Needs the listener, and databases that are online.',
  subjects: listeners,
  apply({ world }, name) {
    const listener = listenerAt(world, name)
    const primary = runningServer(world, name)
    const names = new Set(storesAt(world.topology, listener.fqdn).flatMap(({ use }) => Object.keys(databasesOf[use])))
    const databases = primary.facts.databases.filter((one) => names.has(one.name))
    if (databases.length === 0) throw impossible(name, 'Its primary replica holds no database that could join.')
    const busy = databases.find(({ state, singleUser }) => state !== 'ONLINE' || singleUser)
    if (busy) throw impossible(name, `The database ${busy.name} is ${busy.state}, or in use by one user alone.`)
    const members = listener.replicas.filter((one) => runs(world, one))
    listener.without = listener.replicas.filter((one) => !members.includes(one))
    for (const database of databases) {
      Object.assign(database, { recoveryModel: 'FULL', availabilityGroup: memberOf(listener, 'PRIMARY') })
      for (const one of members) if (!same(one, sqlName(primary.facts))) seed(world, one, database, listener)
    }
  },
}

export const leaveAvailabilityGroup: Act = {
  kind: 'leave-availability-group',
  details: [],
  does: 'Takes the databases of the primary replica out of the availability group (ALTER AVAILABILITY GROUP ... REMOVE DATABASE): they stay there, and the copies of the other replicas are dropped.',
  subjects: listeners,
  apply({ world }, name) {
    const listener = listenerAt(world, name)
    const primary = runningServer(world, name)
    const databases = primary.facts.databases.filter(({ availabilityGroup }) => availabilityGroup?.role === 'PRIMARY')
    if (databases.length === 0) throw impossible(name, 'Its primary replica holds no database of the group.')
    for (const database of databases) database.availabilityGroup = null
    for (const one of listener.replicas.filter((other) => !same(other, sqlName(primary.facts)))) {
      const facts = sqlServerOf(world, one)?.facts
      if (facts) facts.databases = facts.databases.filter(({ availabilityGroup: own }) => own?.role !== 'SECONDARY')
    }
  },
}

function seed(world: World, name: string, database: SqlDatabase, listener: LabSqlListener): void {
  const facts = sqlServerOf(world, name)?.facts
  if (!facts) return
  const others = facts.databases.filter((one) => !same(one.name, database.name))
  facts.databases = [...others, { ...structuredClone(database), availabilityGroup: memberOf(listener, 'SECONDARY') }]
}

function memberOf({ fqdn, replicas }: LabSqlListener, role: 'PRIMARY' | 'SECONDARY'): SqlDatabase['availabilityGroup'] {
  return {
    ...{ group: fqdn.split('.')[0] ?? fqdn, listener: fqdn, role, synchronization: 'SYNCHRONIZED', suspended: false },
    ...{ replicas: [...replicas], backupPreference: 'PRIMARY' },
  }
}

function listeners({ world }: { world: World }): string[] {
  return world.sqlListeners.map(listenerName)
}

function listenerAt({ sqlListeners }: World, name: string): LabSqlListener {
  const found = sqlListeners.find((one) => same(listenerName(one), name))
  if (found) return found
  throw impossible(name, 'There is no such listener.')
}

function runs(world: World, name: string): boolean {
  const server = sqlServerOf(world, name)
  return server !== undefined && isRunning(world, server)
}
