/** Mirrors of SQL Server databases: sessions that are made, moved and ended, and what the topology says of them. */
import { impossible, type Act } from './act.ts'
import type { Bench } from './break.ts'
import { runningServer } from './databases.ts'
import { databasesOf } from './roles.ts'
import { expectTopology } from './shell-view.ts'
import type { SqlDatabase } from './sql/facts.ts'
import { takeOver } from './sql-roles.ts'
import { publish } from './topology-file.ts'
import { copiesOf, storesAt } from './topology-lookup.ts'
import { addMirror, leaveAlone } from './topology-stores.ts'
import { same, sqlName, sqlServerOf, timeIn } from './world.ts'

/** `-DatabaseType` of the mirror cmdlets -> the stores whose databases they mean ("Invoke-CsDatabaseFailover"). */
const typesOf = {
  User: 'user',
  Application: 'application',
  CentralMgmt: 'centralManagement',
  Archiving: 'archiving',
  Monitoring: 'monitoring',
  PersistentChat: 'persistentChat',
  PersistentChatCompliance: 'compliance',
} as const
const types = Object.keys(typesOf) as (keyof typeof typesOf)[]

function isOfType(type: string): (database: SqlDatabase) => boolean {
  const names = types.filter((one) => one === type).flatMap((one) => Object.keys(databasesOf[typesOf[one]]))
  return ({ name }) => names.includes(name)
}

/** `Invoke-CsDatabaseFailover`. */
export const failOverMirror: Act = {
  kind: 'fail-over-mirror',
  details: types,
  does: 'Invoke-CsDatabaseFailover -Force, of one type of database: this instance becomes principal of it. Needs mirrors of that type here; where the other partner is gone, what was not mirrored yet is lost.',
  subjects: ({ world }) => mirrored(world).map(({ name }) => name),
  apply({ world }, name, type) {
    const server = runningServer(world, name)
    const mirrors = server.facts.databases
      .filter(isOfType(type))
      .filter(({ mirroring }) => mirroring?.role === 'MIRROR')
    if (mirrors.length === 0) throw impossible(name, `No database of type ${type} is a mirror here.`)
    for (const one of mirrors) takeOver(world, server, one)
  },
}

/** `Install-CsMirrorDatabase` (Deploying SQL mirroring for Back End high availability). */
export const createMirror: Act = {
  kind: 'create-mirror',
  details: ['no-witness'],
  does: 'Topology Builder, Create Mirror Database, or Install-CsMirrorDatabase: each database of the store gets its mirror on this instance. A further detail names the witness (host\\instance). Needs the databases on the other partner.',
  subjects: ({ world }) => mirrored(world).map(({ name }) => name),
  takes: ({ world }, detail) => machineNames(world).some((one) => same(one, detail.split('\\')[0] ?? '')),
  apply({ world }, name, detail) {
    const pair = mirrored(world).find((one) => same(one.name, name))
    const partner = pair?.partner ?? ''
    const [target, source] = [runningServer(world, name), runningServer(world, partner)]
    const uses = storesAt(world.topology, source.facts.host).map(({ use }) => use)
    const names = new Set(uses.flatMap((use) => Object.keys(databasesOf[use])))
    const principals = source.facts.databases.filter((one) => names.has(one.name) && one.state === 'ONLINE')
    if (principals.length === 0) throw impossible(name, `${partner} holds no database that could be mirrored.`)
    const there = target.facts.databases.find((one) => names.has(one.name))
    if (there) throw impossible(name, `The database ${there.name} exists there already.`)
    const witness = detail === 'no-witness' ? null : detail
    for (const database of principals) {
      const session = { state: 'SYNCHRONIZED', witness, safety: 'FULL' } as const
      Object.assign(database, {
        recoveryModel: 'FULL',
        mirroring: { role: 'PRINCIPAL', partnerInstance: name, ...session },
      })
      target.facts.databases.push({
        ...structuredClone(database),
        state: 'RESTORING',
        mirroring: { role: 'MIRROR', partnerInstance: partner, ...session },
      })
    }
  },
}

/** `Uninstall-CsMirrorDatabase`. */
export const removeMirror: Act = {
  kind: 'remove-mirror',
  details: ['all', ...types],
  does: 'Uninstall-CsMirrorDatabase: the databases of this instance, all or those of one type, are mirrored no more. Needs an instance that runs and is principal.',
  // Also one that the published topology does not know as a mirror any more.
  subjects: ({ world }) =>
    world.sqlServers
      .filter(({ facts }) => facts.databases.some(({ mirroring }) => mirroring !== null))
      .map(({ facts }) => sqlName(facts)),
  apply({ world }, name, type) {
    const server = runningServer(world, name)
    const principals = server.facts.databases
      .filter(type === 'all' ? () => true : isOfType(type))
      .filter(({ mirroring }) => mirroring?.role === 'PRINCIPAL')
    if (principals.length === 0)
      throw impossible(name, 'No such database of this instance is the principal of a mirror.')
    for (const database of principals) {
      const partner = sqlServerOf(world, database.mirroring?.partnerInstance ?? '')
      database.mirroring = null
      if (partner?.facts.running)
        partner.facts.databases = partner.facts.databases.filter((one) => one.name !== database.name)
    }
  },
}

export const publishStoreAlone: Act = {
  kind: 'publish-store-alone',
  details: [],
  does: 'Topology Builder: clears Enable SQL Server store mirroring of the store, makes this instance its server, and publishes. Needs a Central Management store that holds a topology.',
  subjects: ({ world }) => mirrored(world).map(({ name }) => name),
  apply(bench, name) {
    const { world } = bench
    expectTopology(world)
    publish(bench, (topology) => leaveAlone(topology, name))
    world.configuredAt = timeIn(world)
  },
}

export const publishStoreMirrored: Act = {
  kind: 'publish-store-mirrored',
  details: [],
  does: 'Topology Builder: enables SQL Server store mirroring of the store on this instance, with the instance of the detail as its mirror, and publishes. Needs a Central Management store that holds a topology.',
  subjects: ({ world }) => world.sqlServers.map(({ facts }) => sqlName(facts)),
  takes: ({ world }, detail) => sqlServerOf(world, detail) !== undefined,
  apply(bench, name, mirror) {
    const { world } = bench
    expectTopology(world)
    if (sqlServerOf(world, mirror) === undefined) throw impossible(name, 'Name the instance that becomes the mirror.')
    publish(bench, (topology) => addMirror(topology, name, mirror))
    world.configuredAt = timeIn(world)
  },
}

/** Each partner of a pair that the topology knows, with the other one. */
function mirrored({ topology, sqlServers }: Bench['world']): { name: string; partner: string }[] {
  return sqlServers.flatMap(({ facts }) => {
    const name = sqlName(facts)
    const copies = storesAt(topology, facts.host).flatMap(({ service }) => copiesOf(topology, service))
    const partner = copies.some((one) => same(one, name)) ? copies.find((one) => !same(one, name)) : undefined
    return partner === undefined ? [] : [{ name, partner }]
  })
}

function machineNames({ hosts }: Bench['world']): string[] {
  return hosts.map(({ fqdn }) => fqdn)
}
