import { cmdlet } from '../cmdlet-text.ts'
import { sqlAddresses } from '../endpoints.ts'
import { distinct, sameSubject, sqlSubject } from '../subject.ts'
import { recordedCertificates } from './certificate-uses.ts'
import { windowsCluster } from './database-rules.ts'
import { keptAt, recorded, storesToStart, type Context } from './context.ts'
import type { RowRule } from './row.ts'

const machines = ({ loss }: Context): readonly string[] => loss.machines
const roleServers = ({ roleServers: servers }: Context): readonly string[] => servers
const isEdge = (server: string, { loss }: Context): boolean =>
  loss.pools.some(({ type, servers }) => type === 'edge' && servers.includes(server))
/** As the set recorded them: what is put into the sentences below. */
function addressOf(machine: string, context: Context): string {
  const address = recorded(context, machine, 'dns')
  return address === null ? '' : ` and address (${address})`
}

function instancesOn(machine: string, context: Context): string {
  const places = distinct(
    sqlAddresses(context.desired)
      .filter(({ host }) => sameSubject(host, machine))
      .map((place) => sqlSubject(place)),
  )
  const told = places.flatMap((place) => {
    const [version, edition] = [recorded(context, place, 'version'), recorded(context, place, 'edition')]
    return version === null ? [] : [`${place}: ${[version, edition].filter(Boolean).join(', ')}`]
  })
  return told.length === 0 ? '' : ` (${told.join('; ')})`
}

function patchLevelOf(server: string, context: Context): string {
  const level = recorded(context, server, 'patchLevel')
  return level === null ? 'that the environment of the set records' : `that gives it the recorded version ${level}`
}

const wizard = 'Restoring an Enterprise Edition member server'

/** "Preparing to restore": the machines, new or wiped, under their old names. */
export const rebuildingRules: readonly RowRule[] = [
  {
    id: 'rebuild-machine',
    actor: 'operator',
    minutes: 90,
    of: machines,
    needs: ['check-surroundings', 'back-up-surviving-mirror'],
    title: (machine, context) =>
      `Install Windows on ${machine}, clean and under the old name${addressOf(machine, context)}; reset the computer account and join with it, but never delete it`,
    why: 'A restore goes onto a clean machine of the same name; the account carries the group memberships.',
    proves: 'The machine answers under its name, and no service of the product is on it.',
    source: 'Preparing to restore Lync Server 2013',
  },
  windowsCluster,
  {
    id: 'install-sql-server',
    actor: 'operator',
    minutes: 60,
    of: ({ sqlServers }) => sqlServers,
    needs: ['=rebuild-machine', '?@build-windows-cluster'],
    title: (machine, context) =>
      `Install SQL Server on ${machine} with the same instance names, logins and permissions, in the same version or newer${instancesOn(machine, context)}`,
    why: 'The topology names the instance, and an older SQL Server cannot restore the backup of a newer one.',
    proves: 'The instance answers under its name, with the version that the set records or a newer one.',
    source: 'Preparing to restore Lync Server 2013',
  },
  {
    id: 'restore-certificates',
    actor: 'operator',
    minutes: 20,
    of: roleServers,
    needs: ['=rebuild-machine'],
    title: (server, context) =>
      `Bring the certificates of ${server} back with their private keys${recordedCertificates(server, context)}: ${keptAt(context, 'certificates')}`,
    why: 'Without the private key nothing connects.',
    proves: 'The thumbprints that the set records are in the store of the computer.',
    source: 'Preparing to restore Lync Server 2013',
  },
  {
    id: 'take-image',
    actor: 'operator',
    minutes: 20,
    of: machines,
    needs: ['=install-sql-server', '=restore-certificates'],
    title: (machine) => `Take an image of ${machine}: the point to fall back to`,
    why: 'What goes wrong from here on is undone by it.',
    proves: 'The image is there.',
    source: 'Preparing to restore Lync Server 2013',
  },
]

/** The Deployment Wizard, and what the vendor's chapter leaves between the lines: media are at the level of the first release. */
export const installingRules: readonly RowRule[] = [
  {
    id: 'export-for-edge',
    actor: 'operator',
    minutes: 10,
    of: ({ loss }) => loss.pools.filter(({ type }) => type === 'edge').map(({ fqdn }) => fqdn),
    needs: ['enable-topology', '@take-image'],
    title: (pool) => `Export the configuration on a server inside and carry the file to the servers of ${pool}`,
    why: 'An Edge Server does not reach the Central Management store.',
    command: () => cmdlet('Export-CsConfiguration', { FileName: String.raw`C:\edge.zip` }),
    proves: 'The file is on the server.',
    source: wizard,
  },
  {
    id: 'install-local-store',
    actor: 'operator',
    minutes: 20,
    of: roleServers,
    needs: ['=take-image', '@export-for-edge', 'enable-topology', 'download-topology'],
    after: storesOf('create-databases'),
    title: (server, context) =>
      `Deployment Wizard on ${server}, step 1: Install Local Configuration Store${isEdge(server, context) ? ', from the file' : ''}`,
    why: 'The server learns from its replica which roles it has.',
    proves: 'The instance RTCLOCAL is there, and the replica is up to date.',
    source: wizard,
  },
  {
    id: 'install-components',
    actor: 'operator',
    minutes: 20,
    of: roleServers,
    needs: ['=install-local-store'],
    title: (server) => `Deployment Wizard on ${server}, step 2: Setup Components`,
    why: 'It installs the roles; on a Standard Edition server it creates the databases too.',
    proves: 'The services of the roles are installed.',
    source: wizard,
  },
  {
    id: 'assign-certificates',
    actor: 'operator',
    minutes: 10,
    of: roleServers,
    needs: ['=install-components'],
    title: (server) => `Deployment Wizard on ${server}, step 3: assign the certificates`,
    why: 'Services start with the certificates that are assigned to them.',
    proves: 'Get-CsCertificate shows each use.',
    source: wizard,
  },
  {
    id: 'apply-updates',
    actor: 'operator',
    minutes: 30,
    of: roleServers,
    needs: ['=assign-certificates'],
    title: (server, context) =>
      `Bring ${server} to the cumulative update ${patchLevelOf(server, context)}; media: ${keptAt(context, 'media')}`,
    why: 'Media are at the level of the first release; the other servers and the databases are not.',
    proves: 'The patch level is that of the set.',
    source: 'derived',
  },
]

/** The end of the wizard. */
export const startingRules: readonly RowRule[] = [
  {
    id: 'start-server',
    actor: 'operator',
    minutes: 10,
    of: roleServers,
    needs: ['=apply-updates', '=update-databases', '?=remove-machine-state'],
    after: storesOf('update-databases', 'create-mirror', 'point-directory-at-mirror', 'join-availability-group'),
    title: (server) =>
      `Deployment Wizard on ${server}, step 4: Start Services; then look at the services themselves, for the wizard reports success without proof`,
    why: 'Started before the databases are ready, they run with errors or stop.',
    proves: 'All services of the roles run.',
    source: wizard,
  },
  {
    id: 'check-oauth-certificate',
    actor: 'operator',
    minutes: 5,
    of: webServicePools,
    needs: ['@start-server'],
    title: (pool) =>
      `On a server of ${pool}, check that the certificate of OAuthTokenIssuer is the one of the deployment`,
    why: 'One certificate signs for all servers; Exchange and partners trust that one.',
    command: () => cmdlet('Get-CsCertificate', { Type: 'OAuthTokenIssuer' }),
    proves: 'Its thumbprint is that of the other servers.',
    source: 'derived',
  },
  {
    id: 'renew-kerberos-account',
    actor: 'operator',
    minutes: 5,
    of: webServicePools,
    needs: ['@start-server'],
    title: (pool) =>
      `Where the web services of ${pool} use a Kerberos account: set its password again (Set-CsKerberosAccountPassword)`,
    why: 'A rebuilt member does not know the password.',
    proves: 'Test-CsKerberosAccountAssignment ends without an error.',
    source: 'derived',
  },
  {
    id: 'reset-pool',
    actor: 'operator',
    minutes: 10,
    of: ({ loss, roleServers: servers }) =>
      loss.pools
        .filter((pool) => pool.type === 'front-end' && pool.servers.length > 1)
        .filter((pool) => pool.servers.every((server) => servers.includes(server)))
        .map(({ fqdn }) => fqdn),
    needs: ['@start-server'],
    title: (pool) => `Start ${pool} with its new members`,
    why: 'The pool forms anew; none of its members knows the others.',
    command: (pool) => cmdlet('Reset-CsPoolRegistrarState', { PoolFqdn: pool, ResetType: 'ServiceReset' }),
    proves: 'Get-CsPoolFabricState shows a primary and a secondary for every routing group.',
    source: 'Reset-CsPoolRegistrarState',
  },
]

/** These rows of the stores without which a server does not start. */
function storesOf(...ids: readonly string[]): NonNullable<RowRule['after']> {
  return (server, context) =>
    context.loss.pools
      .filter(({ servers }) => servers.includes(server))
      .flatMap((pool) => storesToStart(context, pool))
      .flatMap((store) => ids.map((id) => ({ id, subject: sqlSubject(store) })))
}

/** Pools with web services of which a member is made anew. */
function webServicePools({ loss, roleServers: servers }: Context): string[] {
  if (servers.length === 0) return []
  return loss.pools
    .filter(({ type }) => ['front-end', 'standard-edition', 'director'].includes(type))
    .map(({ fqdn }) => fqdn)
}
