import { cmdlet } from '../cmdlet-text.ts'
import { isCentralDatabase } from '../databases.ts'
import type { Pool, SqlStore, StoreRole } from '../model.ts'
import { machinesOf } from '../hosts.ts'
import { sameSubject, sqlSubject } from '../subject.ts'
import {
  chatFromSet,
  clearingActiveServers,
  failingBackChat,
  importingChat,
  settingActiveServers,
} from './chat-rules.ts'
import { listed, lost, once, singleDatabases, standardServerOf, storeOf, type Context } from './context.ts'
import type { RowRule } from './row.ts'

/** Stores whose machines are all made anew, by their kind of availability. */
const lostAs =
  (kind: SqlStore['highAvailability']['kind']) =>
  (context: Context): string[] =>
    context.loss.stores
      .filter((store) => store.highAvailability.kind === kind && singleDatabases(context, store) === null)
      .map((store) => sqlSubject(store))
const lostGroups = lostAs('availability-group')
const lostClusters = lostAs('failover-cluster')
const bothKinds = (context: Context): string[] => [...lostGroups(context), ...lostClusters(context)]

/** No chapter of the vendor covers a group or a cluster that is lost as a whole: the SQL administrators' work comes first. */
export const clusterRules: readonly RowRule[] = [
  {
    id: 'create-availability-group',
    actor: 'operator',
    minutes: 60,
    of: lostGroups,
    needs: ['@install-sql-server', '@build-windows-cluster'],
    title: (subject, context) =>
      `Create the availability group of ${storeOf(context, subject).name} again, still without databases, with its listener ${storeOf(context, subject).host} on port 1433`,
    why: 'Every command that names the listener fails before it exists.',
    proves: 'The listener answers.',
    source: 'derived',
  },
]

/** Made before SQL Server is installed on the nodes. */
export const windowsCluster: RowRule = {
  id: 'build-windows-cluster',
  actor: 'operator',
  minutes: 60,
  of: bothKinds,
  needs: ['@rebuild-machine'],
  title: (subject, context) =>
    `Build the Windows cluster of ${storeOf(context, subject).name} on ${listed(machinesOf(storeOf(context, subject)))} with its old names and its quorum`,
  why: 'The instance of a failover cluster, and an availability group, are made on it.',
  proves: 'The cluster validation report has no error, and the old name answers.',
  source: 'derived',
}

/** The databases, empty. */
export const creatingDatabaseRules: readonly RowRule[] = [
  {
    id: 'download-topology',
    actor: 'operator',
    minutes: 10,
    of: once(({ loss }) => loss.stores.length > 0),
    needs: [
      'enable-topology',
      'import-configuration',
      'import-local-replica',
      '?create-availability-group',
      '?install-sql-server',
      'check-restore-rights',
    ],
    title: () => 'In Topology Builder download the topology from the existing deployment, save it, and publish it',
    why: 'It says which databases belong where.',
    proves: 'It was published without an error.',
    source: 'Restoring an Enterprise Edition Back End Server',
  },
  {
    id: 'create-databases',
    actor: 'operator',
    minutes: 20,
    of: (context) =>
      context.loss.stores
        .filter((store) => standardServerOf(store, context.desired) === null && holdsMoreThanCentral(store, context))
        .map((store) => sqlSubject(store)),
    needs: ['download-topology', '@create-availability-group', '@install-sql-server', '@take-image'],
    title: (subject) =>
      `Create the databases of ${subject}, empty: Topology Builder, Install Database, or by command; what exists stays`,
    why: 'Imports and restores fill databases that are there.',
    command: (subject, context) => {
      const store = storeOf(context, subject)
      const isCluster = store.highAvailability.kind === 'failover-cluster'
      return cmdlet('Install-CsDatabase', {
        ...{ ConfiguredDatabases: true, SqlServerFqdn: store.host },
        ...{ UseDefaultSqlPaths: isCluster, Verbose: true },
      })
    },
    proves: 'They are ONLINE and empty.',
    source: 'Install-CsDatabase',
  },
  {
    id: 'create-local-databases',
    actor: 'operator',
    minutes: 10,
    of: withLocalDatabase,
    needs: ['download-topology'],
    title: (server) => `On ${server}, create the missing database, empty; what exists stays`,
    why: 'Imports and restores fill databases that are there.',
    command: () => cmdlet('Install-CsDatabase', { LocalDatabases: true, Verbose: true }),
    proves: 'It is ONLINE and empty.',
    source: 'Install-CsDatabase',
  },
]

/** The Standard Edition servers whose instance lost one database; setup makes those of a server that is rebuilt. */
function withLocalDatabase(context: Context): string[] {
  return context.loss.stores
    .filter((store) => singleDatabases(context, store)?.some((name) => !isCentralDatabase(name)))
    .flatMap((store) => standardServerOf(store, context.desired)?.fqdn ?? [])
}

/** A single lost database of the Central Management store is made by its own command. */
function holdsMoreThanCentral(store: SqlStore, context: Context): boolean {
  const { pools, deployment } = context.desired
  if (deployment.centralManagementStore?.name !== store.name) return true
  const single = singleDatabases(context, store)
  if (single !== null) return single.some((name) => !isCentralDatabase(name))
  return pools.some(({ stores }) => Object.values(stores).some(({ name }) => name === store.name))
}

/** What no import brings back: archives, monitoring, Persistent Chat by SQL. Before a mirror or a group: under it RESTORE is refused. */
export const restoringDatabaseRules: readonly RowRule[] = [
  {
    id: 'update-databases',
    actor: 'operator',
    minutes: 10,
    of: ({ loss, desired }) => [
      ...loss.pools.filter(({ type }) => type === 'standard-edition').map(({ fqdn }) => fqdn),
      ...loss.stores.map((store) => standardServerOf(store, desired)?.fqdn ?? sqlSubject(store)),
    ],
    needs: ['@create-databases', '=create-local-databases', '@create-central-management-store', '=apply-updates'],
    // It is run with tools of that level: where no server of the pool is left, with those of a rebuilt one.
    after: (subject, context) =>
      wholePoolsOn(subject, context).flatMap(({ servers }) =>
        servers.map((server) => ({ id: 'apply-updates', subject: server })),
      ),
    title: (subject) => `Bring the schema of the databases of ${subject} to the level that the set records`,
    why: 'Data have to meet the schema that they were written in.',
    command: (subject, context) => {
      const { pools } = context.desired
      if (pools.some(({ type, fqdn }) => type === 'standard-edition' && sameSubject(fqdn, subject)))
        return cmdlet('Install-CsDatabase', { Update: true, LocalDatabases: true })
      const store = storeOf(context, subject)
      return cmdlet('Install-CsDatabase', {
        ...{ Update: true, ConfiguredDatabases: true, SqlServerFqdn: store.host },
        ExcludeCollocatedStores: isCollocated(store, context),
      })
    },
    proves: 'Test-CsDatabase shows the expected version as installed.',
    risks: 'It fails on a database that is mirrored.',
    source: 'Install-CsDatabase',
  },
  {
    id: 'bring-encryption-certificate',
    actor: 'operator',
    minutes: 15,
    of: (context) =>
      lost('sql-database')(context).filter(
        (subject) => typeof context.copyOf({ kind: 'sql-database', subject })?.database?.encryptor === 'string',
      ),
    late: true,
    needs: ['@create-databases', '@install-sql-server'],
    title: (subject, context) =>
      `In master of the instance of ${subject}, create the certificate of thumbprint 0x${context.copyOf({ kind: 'sql-database', subject })?.database?.encryptor ?? ''} from its backup, with its private key`,
    why: 'The database was encrypted (TDE): without that certificate no server opens its backup.',
    proves: 'sys.certificates shows the thumbprint.',
    source: 'Move a TDE protected database to another SQL Server',
  },
  clearingActiveServers,
  {
    id: 'restore-databases',
    actor: 'holdfast',
    minutes: 10,
    in: chatFromSet,
    of: lost('sql-database'),
    late: true,
    needs: [
      '@create-databases',
      '@update-databases',
      '=bring-encryption-certificate',
      '=clear-active-chat-servers',
      '@create-availability-group',
    ],
    title: (subject) => `Restore ${subject}, taken from its users and given back in any case`,
    why: 'Its backup is the only source of its data.',
    operation: (subject) => ({ kind: 'restore-item', item: { kind: 'sql-database', subject } }),
    proves: 'It is ONLINE and MULTI_USER, and holds the rows that the set counted.',
    risks: 'A database in a mirroring session or an availability group cannot be restored: do this before either.',
    source: 'Restoring monitoring or archiving data; RESTORE (Transact-SQL)',
    restores: (subject) => [{ kind: 'sql-database', subject }],
  },
  importingChat,
  failingBackChat,
  {
    id: 'grant-database-roles',
    actor: 'operator',
    minutes: 5,
    of: lost('sql-database'),
    late: true,
    needs: ['=restore-databases', '=fail-back-chat'],
    title: (subject) =>
      `In ${subject} make sure that the domain group RTCComponentUniversalServices is a user with the role ServerRole`,
    why: 'A backup of another server may not know the group.',
    proves: 'The group is a member of the role.',
    source: 'Restoring monitoring or archiving data',
  },
  ...settingActiveServers,
  {
    id: 'restore-reports',
    actor: 'operator',
    minutes: 60,
    of: (context) => lost('sql-database')(context).filter((subject) => /\/QoEMetrics$/i.test(subject)),
    late: true,
    needs: ['=restore-databases', '=grant-database-roles'],
    title: () => 'Install Reporting Services where they were, and deploy the monitoring reports again',
    why: 'The reports were on the server that was lost.',
    proves: 'A report opens.',
    source: 'Restoring monitoring or archiving data',
  },
]

/** The group takes databases in when they hold what they shall hold. */
export const joiningRules: readonly RowRule[] = [
  {
    id: 'join-availability-group',
    actor: 'operator',
    late: true,
    minutes: 30,
    of: lostGroups,
    needs: ['@grant-database-roles', '@restore-databases', '@update-databases', '@create-databases'],
    title: (subject, context) =>
      `Add the databases to the availability group of ${storeOf(context, subject).name}, and seed the other replicas`,
    why: 'They were created and restored on the primary replica alone.',
    proves: 'Every replica shows them as SYNCHRONIZED.',
    source: 'derived',
  },
]

/** Pools with this store of user data of which no server is left. */
function wholePoolsOn(subject: string, context: Context): Pool[] {
  const isLost = (server: string): boolean => context.isLost(server)
  return context.desired.pools.filter(
    ({ stores: { user }, servers }) => user && sameSubject(sqlSubject(user), subject) && servers.every(isLost),
  )
}

/** A store of user data that holds archives or monitoring as well ("Install-CsDatabase": a warning is suppressed). */
function isCollocated(store: SqlStore, { desired }: Context): boolean {
  const roles = new Set(
    desired.pools.flatMap(({ stores }) =>
      Object.entries(stores).flatMap(([role, used]) => (used.name === store.name ? [role as StoreRole] : [])),
    ),
  )
  return roles.has('user') && (roles.has('archiving') || roles.has('monitoring'))
}
