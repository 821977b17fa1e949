import { quoted } from '../restore-commands.ts'
import { keptAt, listed, type Context } from './context.ts'
import type { StepRule } from './step.ts'

const hasMachines = ({ loss }: Context): boolean => loss.machines.length > 0
const hasRoles = ({ roleServers }: Context): boolean => roleServers.length > 0
const ofMachines = ({ loss }: Context): number => loss.machines.length
const ofRoles = ({ roleServers }: Context): number => roleServers.length
const hasEdge = ({ loss }: Context): boolean => loss.pools.some(({ type }) => type === 'edge')

/** "Preparing to restore": before anything else, whatever was lost. */
export const preparing: readonly StepRule[] = [
  {
    id: 'check-surroundings',
    actor: 'operator',
    minutes: 15,
    applies: () => true,
    title: () =>
      'Make sure that Active Directory, DNS, DHCP, addresses and share paths are as they were when the set was made',
  },
]

/** "Preparing to restore": the machines, new or wiped, under their old names. */
export const rebuilding: readonly StepRule[] = [
  {
    id: 'rebuild-machine',
    actor: 'operator',
    minutes: 90,
    each: ofMachines,
    applies: hasMachines,
    title: ({ loss }) =>
      `Install Windows on ${listed(loss.machines)}, clean and under the old name; reset the computer account and join with it, but never delete it`,
  },
  {
    id: 'install-sql-server',
    actor: 'operator',
    minutes: 60,
    each: ({ sqlServers }) => sqlServers.length,
    applies: ({ sqlServers }) => sqlServers.length > 0,
    title: ({ sqlServers }) =>
      `Install SQL Server on ${listed(sqlServers)} with the same instance names, logins and permissions, in the same version or newer`,
  },
  {
    id: 'restore-certificates',
    actor: 'operator',
    minutes: 20,
    each: ofRoles,
    applies: hasRoles,
    title: (context) => `Bring the certificates back with their private keys: ${keptAt(context, 'certificates')}`,
  },
  {
    id: 'take-image',
    actor: 'operator',
    minutes: 20,
    each: ofMachines,
    applies: hasMachines,
    title: ({ loss }) => `Take an image of ${listed(loss.machines)}: the point to fall back to`,
  },
]

/** "Restoring an Enterprise Edition member server", "Restoring a Standard Edition server": the Deployment Wizard. */
export const installing: readonly StepRule[] = [
  {
    id: 'export-for-edge',
    actor: 'operator',
    minutes: 10,
    applies: hasEdge,
    title: () => 'Export the configuration on a server inside and carry the file to the Edge Server',
    command: () => String.raw`Export-CsConfiguration -FileName 'C:\edge.zip'`,
  },
  {
    id: 'install-local-store',
    actor: 'operator',
    minutes: 20,
    each: ofRoles,
    applies: hasRoles,
    title: (context) =>
      `Deployment Wizard on ${listed(context.roleServers)}, step 1: Install Local Configuration Store${hasEdge(context) ? ', from the file' : ''}`,
  },
  {
    id: 'install-components',
    actor: 'operator',
    minutes: 20,
    each: ofRoles,
    applies: hasRoles,
    title: ({ roleServers }) => `Deployment Wizard on ${listed(roleServers)}, step 2: Setup Components`,
  },
  {
    id: 'assign-certificates',
    actor: 'operator',
    minutes: 10,
    each: ofRoles,
    applies: hasRoles,
    title: ({ roleServers }) => `Deployment Wizard on ${listed(roleServers)}, step 3: assign the certificates`,
  },
]

/** What the vendor's chapter leaves between the lines: media are at the level of the first release. */
export const updating: readonly StepRule[] = [
  {
    id: 'apply-updates',
    actor: 'operator',
    minutes: 30,
    each: ofRoles,
    applies: hasRoles,
    title: (context) =>
      `Bring ${listed(context.roleServers)} to the cumulative update that the environment of the set records; media: ${keptAt(context, 'media')}`,
  },
  {
    id: 'update-databases',
    actor: 'operator',
    minutes: 10,
    applies: ({ loss, standardEdition }) => standardEdition || loss.stores.length > 0,
    title: () => 'Bring the schema of the databases to the same level, before any data comes back',
    command: ({ loss, standardEdition }) =>
      standardEdition
        ? 'Install-CsDatabase -Update -LocalDatabases'
        : loss.stores
            .map(({ host }) => `Install-CsDatabase -Update -ConfiguredDatabases -SqlServerFqdn ${quoted(host)}`)
            .join('\n'),
  },
  {
    id: 'start-server',
    actor: 'operator',
    minutes: 10,
    each: ofRoles,
    applies: hasRoles,
    title: ({ roleServers }) =>
      `Deployment Wizard on ${listed(roleServers)}, step 4: Start Services; check the services themselves, its success proves nothing`,
  },
  {
    id: 'renew-kerberos-account',
    actor: 'operator',
    minutes: 5,
    applies: ({ loss }) => loss.pools.some(({ type }) => ['front-end', 'standard-edition', 'director'].includes(type)),
    title: () => 'Where web services use a Kerberos account: set its password again (Set-CsKerberosAccountPassword)',
  },
  {
    id: 'reset-pool',
    actor: 'operator',
    minutes: 10,
    applies: ({ loss }) => loss.scenario === 'pool' && loss.pools.some(({ type }) => type === 'front-end'),
    title: () => 'Start the pool with its new members',
    command: ({ loss }) =>
      loss.pools
        .map(({ fqdn }) => `Reset-CsPoolRegistrarState -PoolFqdn ${quoted(fqdn)} -ResetType ServiceReset`)
        .join('\n'),
  },
]
