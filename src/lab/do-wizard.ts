/** The Deployment Wizard, page "Install or Update Lync Server System", and its services. */
import { existsSync } from 'node:fs'
import { impossible, machineAt, machines, memberAt, type Act } from './act.ts'
import { createLocal } from './do-sql.ts'
import { memberServices } from './roles.ts'
import { startServices, stopServices } from './service-start.ts'
import { poolOfMember } from './services.ts'
import { expectTopology } from './shell-view.ts'
import { toLocalPath } from './shares.ts'
import { isPublished, runsCentralManagement } from './topology-lookup.ts'
import type { Bench } from './break.ts'
import { reissued } from './break-network.ts'
import { hostOf, same, timeIn, type LabHost, type LabPool, type World } from './world.ts'

const members = ({ world }: Bench): string[] => world.pools.flatMap(({ servers }) => servers)

/** Step 1 ("Install the local configuration store"). */
export const installLocalConfigurationStore: Act = {
  kind: 'install-local-configuration-store',
  details: ['from-store'],
  path: 'on an Edge Server: the configuration that was exported inside',
  does: 'Deployment Wizard, step 1: RTCLOCAL with a replica, and REPLICA. from-store: filled from the Central Management store, which has to be reached and to know the machine. An Edge Server takes it from a file (Export-CsConfiguration) and needs no domain.',
  subjects: members,
  apply(bench, fqdn, detail) {
    const { world } = bench
    const host = isEdge(world, fqdn) ? machineAt(world, fqdn) : memberAt(world, fqdn)
    if (detail !== 'from-store') expectFile(bench, fqdn, detail)
    else if (isEdge(world, fqdn)) throw impossible(fqdn, edgeNeedsFile)
    else expectTopology(world)
    if (!isPublished(world.topology, fqdn))
      throw impossible(fqdn, 'The published topology does not know this machine: there is nothing to install.')
    const pool = memberPool(world, fqdn)
    if (!servicesAt(world, pool).includes('REPLICA') || hasLocalStore(host)) return
    host.services.push({ name: 'REPLICA', running: true })
    // What came from a file is up to date once the store has pushed to it. Media are at the level of the first release.
    const productVersion = host.replica?.productVersion.replace(/\d+$/, '0') ?? ''
    host.replica = { upToDate: detail === 'from-store', productVersion, silentSince: null }
  },
}

const edgeNeedsFile =
  'An Edge Server does not reach the Central Management store: import the configuration from a file.'

function expectFile({ world, paths }: Bench, fqdn: string, file: string): void {
  if (!existsSync(toLocalPath(world, paths, file))) throw impossible(fqdn, `Could not find file '${file}'.`)
}

/** Step 2 (`Bootstrapper.exe`). */
export const setupComponents: Act = {
  kind: 'setup-components',
  details: [],
  does: 'Deployment Wizard, step 2, or Bootstrapper.exe: installs the services of the roles, stopped, and on a Standard Edition server SQL Server Express with the databases that are missing, empty. Needs step 1.',
  subjects: members,
  apply({ world }, fqdn) {
    const host = machineAt(world, fqdn)
    const pool = memberPool(world, fqdn)
    const wanted = servicesAt(world, pool)
    if (wanted.includes('REPLICA') && !hasLocalStore(host))
      throw impossible(fqdn, 'The local configuration store is not installed on this machine: run step 1 first.')
    if (pool.type === 'standard-edition') {
      for (const { facts } of world.sqlServers) if (same(facts.host, fqdn)) facts.running = true
      createLocal(world, fqdn)
    }
    const known = new Map(host.services.map((one) => [one.name, one]))
    host.services = wanted.map((name) => known.get(name) ?? { name, running: false })
    delete host.bare
  },
}

/** Before setup, with the private keys ("Preparing to restore"). */
export const restoreCertificates: Act = {
  kind: 'restore-certificates',
  details: ['from-pfx', 'enrolled-again'],
  does: 'The certificates of the machine are in its store again, given to no service yet. from-pfx: the ones it had. enrolled-again: new ones of the same authority.',
  subjects: (bench) => machines(bench).filter((fqdn) => hasCertificate(bench.world, fqdn)),
  apply({ world }, fqdn, detail) {
    const host = machineAt(world, fqdn)
    const certificate = world.certificates.find((one) => same(one.fqdn, fqdn))
    if (detail === 'enrolled-again' && certificate) Object.assign(certificate, reissued(timeIn(world)))
    if (host.certificate === 'lost') host.certificate = 'installed'
  },
}

/** Step 3 (`Set-CsCertificate`). */
export const assignCertificates: Act = {
  kind: 'assign-certificates',
  details: [],
  does: 'Deployment Wizard, step 3, or Set-CsCertificate: the services get the certificates of the machine. Needs step 2 and the certificates.',
  subjects: members,
  apply({ world }, fqdn) {
    const host = machineAt(world, fqdn)
    if (host.bare) throw impossible(fqdn, 'No role is installed on this machine: run step 2 first.')
    if (host.certificate === 'lost') throw impossible(fqdn, 'No certificate with a private key is on this machine.')
    delete host.certificate
  },
}

/** Step 4 (`Start-CsWindowsService`). */
export const startMember: Act = {
  kind: 'start-services',
  details: [],
  does: 'Deployment Wizard, step 4, or Start-CsWindowsService: starts the services of the machine. It reports success also where a service stops again, because it has no certificate or its database is not there, and where a Front End waits for the quorum of its pool.',
  subjects: members,
  apply({ world }, fqdn) {
    startServices(world, installed(world, fqdn))
  },
}

export const stopMember: Act = {
  kind: 'stop-services',
  details: [],
  does: 'Stop-CsWindowsService: stops the services of the machine.',
  subjects: members,
  apply({ world }, fqdn) {
    stopServices(world, installed(world, fqdn))
  },
}

export const startPool: Act = {
  kind: 'start-pool',
  details: [],
  does: 'Start-CsPool, of Front End pools from 2015: starts the services of all its machines together.',
  subjects: ({ world }) =>
    world.pools
      .filter(({ type, product }) => type === 'front-end' && product !== 'lync-server-2013')
      .map(({ fqdn }) => fqdn),
  apply({ world }, fqdn) {
    const hosts = world.pools.find((pool) => same(pool.fqdn, fqdn))?.servers.map((one) => installed(world, one)) ?? []
    for (const host of hosts) startServices(world, host)
  },
}

function installed(world: World, fqdn: string): LabHost {
  const host = machineAt(world, fqdn)
  if (host.services.length > 0) return host
  throw impossible(fqdn, 'No service of the product is installed on this machine.')
}

function hasLocalStore({ services }: LabHost): boolean {
  return services.some(({ name }) => name === 'REPLICA')
}

function servicesAt({ topology }: World, { fqdn, type, backupModules }: LabPool): string[] {
  return memberServices({ type, central: runsCentralManagement(topology, fqdn), paired: backupModules.length > 0 })
}

function memberPool(world: World, fqdn: string): LabPool {
  const pool = poolOfMember(world, fqdn)
  if (pool) return pool
  throw impossible(fqdn, 'The machine is in no pool.')
}

function isEdge(world: World, fqdn: string): boolean {
  return hostOf(world, fqdn)?.roles.includes('edge') === true
}

function hasCertificate({ certificates }: World, fqdn: string): boolean {
  return certificates.some((one) => same(one.fqdn, fqdn))
}
