/** The cmdlets that tell how servers are; names and forms as docs/shell-protocol.md expects them of the real ones. */
import { hash } from 'node:crypto'
import { addSeconds } from '../base/time.ts'
import { directoryCmdlets, expectDirectory } from './cmdlets-directory.ts'
import { exportedNow } from './pairs.ts'
import { databasesOf } from './roles.ts'
import { activeMaster, runningServices } from './services.ts'
import {
  CmdletError,
  centralDatabase,
  expectTopology,
  findDatabase,
  serviceHost,
  type Cmdlet,
  type Parameters,
} from './shell-view.ts'
import { copiesOf, partnerOf, storesAt } from './topology-lookup.ts'
import { hostOf, isSeen, same, timeIn, type LabHost, type LabPool, type World } from './world.ts'

type ReadingCmdlet = (world: World, parameters: Parameters) => object[] | string[]

const reading = {
  ...directoryCmdlets,
  'Get-CsWindowsService'(world, { ComputerName }) {
    const host = serviceHost(world, ComputerName)
    const runs = runningServices(world)
    return host.services.map(({ name }) => ({ Name: name, Status: runs(host, name) ? 'Running' : 'Stopped' }))
  },
  'Get-CsManagementStoreReplicationStatus'(world, { CentralManagementStoreStatus }) {
    centralDatabase(world, 'xds')
    if (CentralManagementStoreStatus !== true) return replicas(world)
    const master = activeMaster(world)
    return [{ ActiveMasterFqdn: master ?? '', ActiveFileTransferAgents: master === null ? [] : [master] }]
  },
  'Get-CsConfigurationStoreLocation'(world) {
    expectDirectory(world)
    // Lync Server 2013 returns an object, the others a text.
    return world.managementShell.module === 'Lync' ? [{ BackEndServer: world.storeLocation }] : [world.storeLocation]
  },
  'Test-CsDatabase'(world, { SqlServerFqdn }) {
    expectTopology(world)
    return storesAt(world.topology, String(SqlServerFqdn)).flatMap(({ service, use }) =>
      Object.keys(databasesOf[use]).map((DatabaseName) => ({
        ...{ SqlServerFqdn, SqlInstanceName: service.installedOn.sqlInstance, DatabaseName },
        ...{ ExpectedVersion: '10.13.2', InstalledVersion: '' },
        Succeed: findDatabase(world, copiesOf(world.topology, service), DatabaseName) !== undefined,
      })),
    )
  },
  'Get-CsPoolFabricState'(world, { PoolFqdn }) {
    const pool = poolWith(world, PoolFqdn, ({ type }) => type === 'front-end' || type === 'standard-edition')
    return [fabricText(world, pool)]
  },
  'Get-CsPoolBackupRelationship'(world, { PoolFqdn }) {
    centralDatabase(world, 'xds')
    const partner = partnerOf(world.topology, String(PoolFqdn))
    return partner === null ? [] : [{ PoolFqdn, BackupPoolFqdn: partner }]
  },
  'Get-CsBackupServiceStatus'(world, { PoolFqdn }) {
    const pool = poolWith(world, PoolFqdn, ({ servers, backupModules }) => {
      const runs = runningServices(world)
      return backupModules.length > 0 && membersSeen(world, servers).some((host) => runs(host, 'LYNCBACKUP'))
    })
    const exported = new Map(exportedNow(world, pool).map(({ name, exported }) => [name, exported]))
    const backupModules = pool.backupModules.map((one) => ({ ...one, exported: exported.get(one.name) ?? '' }))
    const failed = (states: string[]): string => (states.includes('ErrorState') ? 'ErrorState' : 'NormalState')
    return [
      {
        OverallExportStatus: failed(backupModules.map(({ exported }) => exported)),
        OverallImportStatus: failed(backupModules.map(({ imported }) => imported)),
        BackupModules: backupModules.map(({ name, exported, imported }) => `${name}:[${exported},${imported}]`),
      },
    ]
  },
  'Get-CsRegistrarConfiguration'(world) {
    centralDatabase(world, 'xds')
    const own = world.pools.flatMap(({ fqdn, poolState }) =>
      poolState === undefined ? [] : [registrarSettings(`Service:Registrar:${fqdn}`, poolState)],
    )
    return [registrarSettings('Global', 'Active'), ...own]
  },
  'Get-CsSimpleUrlConfiguration'(world) {
    centralDatabase(world, 'xds')
    // Each as the text of the object.
    const SimpleUrl = (world.simpleUrls ?? []).map(
      ({ component, domain, url }) => `Component=${component};Domain=${domain};ActiveUrl=${url}`,
    )
    return [{ Identity: 'Global', SimpleUrl }]
  },
  'Get-CsCertificate'(world, { Type }) {
    // The machine of the shell has no role: of all types it has only what every machine is given.
    const issuer = world.certificates.find(({ fqdn }) => same(fqdn, world.deployment))
    if (!issuer || (Type !== undefined && !same(String(Type), 'OAuthTokenIssuer'))) return []
    const [first = ''] = issuer.names
    return [
      {
        ...{ Use: 'OAuthTokenIssuer', Issuer: 'CN=Contoso Lab CA', SerialNumber: issuer.serial.toUpperCase() },
        ...{ Subject: `CN=${first}`, AlternativeNames: issuer.names, NotBefore: issuer.notBefore },
        ...{ NotAfter: issuer.notAfter, Thumbprint: hash('sha1', issuer.serial, 'hex').toUpperCase() },
      },
    ]
  },
  'Get-CsPersistentChatComplianceConfiguration'(world) {
    centralDatabase(world, 'xds')
    return [{ Identity: 'Global', AdapterType: world.complianceAdapter ?? '', RunInterval: '00:15:00' }]
  },
  'Get-DhcpServerInDC'(world) {
    expectDirectory(world)
    return world.dhcpServers.map(({ fqdn }) => ({ DnsName: fqdn }))
  },
  'Get-DhcpServerv4OptionValue'(world, { ComputerName }) {
    const server = world.dhcpServers.find(({ fqdn }) => same(fqdn, String(ComputerName)))
    if (!server || world.cutOff)
      throw new CmdletError(
        'ObjectNotFound',
        'WIN32 1722,Get-DhcpServerv4OptionValue',
        `Failed to get version of the DHCP server ${String(ComputerName)}.`,
      )
    return server.options.map(({ id, vendor, value }) => ({
      ...{ OptionId: id, VendorClass: vendor, Value: value },
    }))
  },
} satisfies Record<string, ReadingCmdlet>

export const readingCmdlets = Object.fromEntries(
  Object.entries<ReadingCmdlet>(reading).map(([name, run]): [string, Cmdlet] => [
    name,
    (world, parameters) => Promise.resolve().then(() => run(world, parameters)),
  ]),
) as Record<keyof typeof reading, Cmdlet>

/** One for each machine that the topology wants to replicate to, whether it was ever set up or not. */
function replicas(world: World): object[] {
  const { topology, hosts, configuredAt } = world
  const known = new Map(hosts.map((host) => [host.fqdn.toLowerCase(), host.replica]))
  const machines = topology.clusters.filter(({ setup }) => setup).flatMap(({ machines }) => machines)
  return machines.flatMap((ReplicaFqdn) => {
    const replica = known.get(ReplicaFqdn.toLowerCase())
    if (replica === undefined) return [{ ReplicaFqdn, UpToDate: false }]
    if (replica === null) return []
    const { upToDate, productVersion, silentSince } = replica
    return [
      {
        ...{ ReplicaFqdn, UpToDate: upToDate, ProductVersion: productVersion },
        LastStatusReport: silentSince ?? timeIn(world),
        LastUpdateCreation: upToDate ? configuredAt : addSeconds(configuredAt, -86_400),
      },
    ]
  })
}

/** Defaults of Set-CsRegistrarConfiguration. */
function registrarSettings(Identity: string, PoolState: string): object {
  return {
    ...{ Identity, MinEndpointExpiration: 600, MaxEndpointExpiration: 900, DefaultEndpointExpiration: 600 },
    ...{ MaxEndpointsPerUser: 8, EnableDHCPServer: false, MaxUserCount: 200_000, PoolState },
    BackupStoreUnavailableThreshold: '00:30:00',
  }
}

function poolWith(world: World, fqdn: unknown, fits: (pool: LabPool) => boolean): LabPool {
  const pool = world.pools.find((one) => same(one.fqdn, String(fqdn)))
  if (pool && membersSeen(world, pool.servers).length > 0 && fits(pool)) return pool
  throw new CmdletError('InvalidOperation', 'PoolNotAvailable', `The pool "${String(fqdn)}" cannot be asked for that.`)
}

function membersSeen(world: World, servers: readonly string[]): LabHost[] {
  return servers
    .map((fqdn) => hostOf(world, fqdn))
    .filter((host) => host !== undefined)
    .filter((host) => isSeen(world, host, 'shell'))
}

/** Two routing groups for each member: one copy of each on up to three members that run. */
function fabricText(world: World, { servers }: LabPool): string {
  const runs = runningServices(world)
  const up = servers.filter((fqdn) => {
    const host = hostOf(world, fqdn)
    return host !== undefined && runs(host, 'RTCSRV')
  })
  return servers
    .flatMap((_, index) => [2 * index, 2 * index + 1])
    .flatMap((group) => [
      `Routing group: {${String(group).padStart(8, '0')}-0000-4000-a000-000000000000}`,
      ...[...up.slice(group % up.length), ...up.slice(0, group % up.length)]
        .slice(0, 3)
        .map((fqdn, copy) => `  ${copy === 0 ? 'Primary' : 'Secondary'}: ${fqdn}`),
    ])
    .join('\r\n')
}
