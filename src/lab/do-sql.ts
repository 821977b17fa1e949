/** SQL Server and the databases of the deployment, empty: Topology Builder, or `Install-CsDatabase`. */
import { impossible, machineAt, memberAt, type Act } from './act.ts'
import type { Bench } from './break.ts'
import { createDatabases, instanceNames, runningServer } from './databases.ts'
import { expectTopology } from './shell-view.ts'
import { databasesOf } from './roles.ts'
import { copiesOf, storesAt } from './topology-lookup.ts'
import { same, sqlName, sqlServerOf } from './world.ts'

export const installSqlServer: Act = {
  kind: 'install-sql-server',
  details: [],
  does: 'Installs SQL Server under the same instance name, in the same version, with its logins and permissions and no databases. Needs a machine in the domain. (Setup brings the instances of a Standard Edition server.)',
  subjects: ({ world }) =>
    world.sqlServers.filter(({ facts }) => facts.edition !== 'Express').map(({ facts }) => sqlName(facts)),
  apply({ world }, name) {
    const facts = sqlServerOf(world, name)?.facts
    if (!facts) return
    memberAt(world, facts.host)
    if (facts.running) throw impossible(name, 'An instance of this name is installed already.')
    facts.running = true
  },
}

/** `sp_addsrvrolemember`: what a restore by that account needs. */
export const grantSysadmin: Act = {
  kind: 'grant-sysadmin',
  details: [],
  does: 'Makes the account of the daemon a member of sysadmin on this instance, as a restore needs it.',
  subjects: ({ world }) => instanceNames(world),
  apply({ world }, name) {
    for (const login of runningServer(world, name).facts.logins) login.sysadmin = true
  },
}

/** `Install-CsDatabase -ConfiguredDatabases`. What exists is left alone ("Install-CsDatabase", cmdlet reference). */
export const createConfiguredDatabases: Act = {
  kind: 'create-databases',
  details: [],
  does: 'Topology Builder, Install Database, or Install-CsDatabase -ConfiguredDatabases: creates the databases that the topology puts on this instance, empty. What exists is left alone; those of the Central Management store are made by their own act. Needs a Central Management store that holds a topology.',
  subjects: ({ world }) => instanceNames(world),
  apply({ world }, name) {
    expectTopology(world)
    const server = runningServer(world, name)
    const stores = storesAt(world.topology, name.split('\\')[0] ?? '').filter(
      ({ service, use }) =>
        use !== 'centralManagement' && same(service.installedOn.sqlInstance ?? '', name.split('\\')[1] ?? ''),
    )
    if (stores.length === 0) throw impossible(name, 'The topology puts no databases on this instance.')
    const uses = new Set(stores.map(({ use }) => use))
    createDatabases(
      world,
      server,
      [...uses].flatMap((use) => Object.entries(databasesOf[use])),
    )
  },
}

/** `Install-CsDatabase -LocalDatabases`. */
export const createLocalDatabases: Act = {
  kind: 'create-local-databases',
  details: [],
  does: 'Install-CsDatabase -LocalDatabases on a Standard Edition server whose SQL Server Express runs: creates what is missing, empty.',
  subjects: standardServers,
  apply({ world }, fqdn) {
    expectTopology(world)
    memberAt(world, fqdn)
    createLocal(world, fqdn)
  },
}

/** What setup does with the databases that are collocated with the role. */
export function createLocal(world: Bench['world'], fqdn: string): void {
  for (const { service, use } of storesAt(world.topology, fqdn)) {
    const name = sqlName({ host: fqdn, instance: service.installedOn.sqlInstance ?? '' })
    createDatabases(world, runningServer(world, name), Object.entries(databasesOf[use]))
  }
}

function standardServers({ world }: Bench): string[] {
  return world.pools.filter(({ type }) => type === 'standard-edition').flatMap(({ servers }) => servers)
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
  details: [],
  does: 'Uninstall-CsMirrorDatabase: the databases of this instance are mirrored no more. Needs an instance that runs and is principal.',
  subjects: ({ world }) => mirrored(world).map(({ name }) => name),
  apply({ world }, name) {
    const server = runningServer(world, name)
    const principals = server.facts.databases.filter(({ mirroring }) => mirroring?.role === 'PRINCIPAL')
    if (principals.length === 0) throw impossible(name, 'No database of this instance is the principal of a mirror.')
    for (const database of principals) {
      const partner = sqlServerOf(world, database.mirroring?.partnerInstance ?? '')
      database.mirroring = null
      if (partner?.facts.running)
        partner.facts.databases = partner.facts.databases.filter((one) => one.name !== database.name)
    }
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

export const prepareFirstStandardEdition: Act = {
  kind: 'prepare-first-standard-edition',
  details: [],
  does: 'Deployment Wizard, Prepare first Standard Edition server: installs the SQL Server Express instance of the server, with an empty Central Management store. Needs a machine in the domain.',
  subjects: standardServers,
  apply({ world }, fqdn) {
    memberAt(world, fqdn)
    for (const server of world.sqlServers.filter(({ facts }) => same(facts.host, fqdn))) {
      server.facts.running = true
      createDatabases(world, server, Object.entries(databasesOf.centralManagement))
    }
  },
}

/** `Install-CsDatabase -CentralManagementDatabase` ("Restoring the server hosting the Central Management store"). */
export const createCentralManagementStore: Act = {
  kind: 'create-central-management-store',
  details: ['missing', 'clean'],
  does: 'Install-CsDatabase -CentralManagementDatabase. missing: creates xds and lis where they are not there, empty. clean: with -Clean, which deletes those that are there, also of a store that is in use.',
  subjects: ({ world }) => instanceNames(world),
  apply({ world }, name, detail) {
    const server = runningServer(world, name)
    machineAt(world, server.facts.host)
    createDatabases(world, server, Object.entries(databasesOf.centralManagement), detail === 'clean')
  },
}
