/** SQL Server and the databases of the deployment, empty: Topology Builder, or `Install-CsDatabase`. */
import { impossible, machineAt, memberAt, type Act } from './act.ts'
import type { Bench } from './break.ts'
import { createDatabases, instanceNames, runningServer } from './databases.ts'
import { expectTopology } from './shell-view.ts'
import { databasesOf } from './roles.ts'
import { certificatesOf } from './sql/facts.ts'
import { storesAt } from './topology-lookup.ts'
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

/** `CREATE CERTIFICATE`, from the files that somebody kept beside the backups. */
export const createCertificate: Act = {
  kind: 'create-certificate',
  details: [],
  takes: (_bench, thumbprint) => /^[0-9A-F]+$/i.test(thumbprint),
  does: 'CREATE CERTIFICATE in master of this instance, with its private key: the certificate of that thumbprint, of which somebody kept the files. Backups of databases that it encrypts open there from then on.',
  subjects: ({ world }) => instanceNames(world),
  apply({ world }, name, thumbprint) {
    if (thumbprint === '') throw impossible(name, 'Which certificate? Its thumbprint is missing.')
    const { facts } = runningServer(world, name)
    facts.certificates = [...new Set([...certificatesOf(facts), thumbprint.toUpperCase()])]
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
