/** How partners and replicas of SQL Server behave when a machine goes and comes back. */
import { randomUUID } from 'node:crypto'
import { newDatabase, type SqlDatabase } from './sql/facts.ts'
import { settleClusters } from './sql-clusters.ts'
import { isRunning, same, sqlName, sqlServerOf, timeIn, type LabSqlServer, type World } from './world.ts'

/** The machine is gone: a mirror with a witness takes over, one without stays what it is; a group gets a new primary. */
export function loseHost(world: World, fqdn: string): void {
  seeWitness(world, fqdn, false)
  settleClusters(world)
  for (const server of world.sqlServers.filter(({ facts }) => same(facts.host, fqdn))) {
    for (const database of server.facts.databases) {
      disconnect(othersOf(world, database))
      if (database.mirroring?.role === 'PRINCIPAL' && hasWitness(database.mirroring)) failOver(world, server, database)
      if (database.availabilityGroup?.role === 'PRIMARY') failOver(world, server, database)
    }
  }
}

/** These copies hear nothing from the other one any more. */
export function disconnect(copies: readonly SqlDatabase[]): void {
  for (const one of copies) {
    if (one.mirroring) one.mirroring.state = 'DISCONNECTED'
    if (one.availabilityGroup) one.availabilityGroup.synchronization = 'NOT SYNCHRONIZING'
  }
}

/** The two copies change their parts, as `ALTER DATABASE ... SET PARTNER FAILOVER` does. */
export function swap(world: World, server: LabSqlServer, database: SqlDatabase): void {
  const other = othersOf(world, database, server)[0]
  if (!other) return
  const used = inUse(database)
  become(other, used)
  become(database, !used)
}

/** This copy becomes the one in use, whether the other one answers or not (`SET PARTNER FORCE_SERVICE_ALLOW_DATA_LOSS`). */
export function takeOver(world: World, server: LabSqlServer, database: SqlDatabase): void {
  for (const other of othersOf(world, database, server)) become(other, false)
  become(database, true)
}

/** The other copy becomes the one in use; this one becomes the copy. */
function failOver(world: World, server: LabSqlServer, database: SqlDatabase): void {
  const heir = othersOf(world, database, server)[0]
  if (!heir) return
  become(heir, true)
  become(database, false)
}

/** The machine is back: its copies join the others again, and where both think to be in use, the others are right. */
export function rejoin(world: World, fqdn: string): void {
  seeWitness(world, fqdn, true)
  settleClusters(world)
  for (const server of world.sqlServers.filter(({ facts }) => same(facts.host, fqdn)))
    for (const database of server.facts.databases) {
      const others = othersOf(world, database, server)
      if (others.some(inUse)) become(database, false)
      for (const one of others.length > 0 ? [database, ...others] : []) {
        if (one.mirroring) one.mirroring.state = 'SYNCHRONIZED'
        if (one.availabilityGroup) one.availabilityGroup.synchronization = 'SYNCHRONIZED'
      }
    }
}

/** What stands in the place of a database that was dropped and created again: empty, alone, of another identity. */
export function madeAnew(world: World, { name, tables }: SqlDatabase): SqlDatabase {
  return {
    ...newDatabase(name, randomUUID(), timeIn(world)),
    recoveryModel: 'SIMPLE',
    tables: Object.fromEntries(Object.keys(tables).map((table) => [table, 0])),
  }
}

/** The copies of a database on other instances that run. */
export function othersOf(world: World, database: SqlDatabase, self?: LabSqlServer): SqlDatabase[] {
  const names = database.mirroring ? [database.mirroring.partnerInstance] : (database.availabilityGroup?.replicas ?? [])
  return names
    .filter((name) => !self || !same(name, sqlName(self.facts)))
    .map((name) => sqlServerOf(world, name))
    .filter((server) => server !== undefined && isRunning(world, server))
    .flatMap((server) => server?.facts.databases ?? [])
    .filter((other) => other !== database && same(other.name, database.name))
}

function inUse(database: SqlDatabase): boolean {
  return database.mirroring?.role === 'PRINCIPAL' || database.availabilityGroup?.role === 'PRIMARY'
}

function become(database: SqlDatabase, used: boolean): void {
  if (database.mirroring) {
    database.mirroring.role = used ? 'PRINCIPAL' : 'MIRROR'
    database.state = used ? 'ONLINE' : 'RESTORING'
  }
  if (database.availabilityGroup) database.availabilityGroup.role = used ? 'PRIMARY' : 'SECONDARY'
}

/** What the partners of a mirror see of this machine as their witness. */
function seeWitness(world: World, fqdn: string, answers: boolean): void {
  for (const { mirroring } of world.sqlServers.flatMap(({ facts }) => facts.databases))
    if (mirroring?.witness && same(mirroring.witness.split('\\')[0] ?? '', fqdn)) mirroring.witnessLost = !answers
}

function hasWitness({ witness: name, witnessLost }: NonNullable<SqlDatabase['mirroring']>): boolean {
  return name !== null && witnessLost !== true
}
