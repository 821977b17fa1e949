import { cmdlet, destructiveCmdlet } from '../cmdlet-text.ts'
import { partnersOf } from '../endpoints.ts'
import { machinesOf } from '../hosts.ts'
import type { Pool, SqlStore } from '../model.ts'
import { sameSubject, sqlSubject } from '../subject.ts'
import { fileOr, itemsOf, listed, lost, once, sqlServer, storeOf, type Context } from './context.ts'
import { failovers } from './database-types.ts'
import type { RowRule } from './row.ts'

const isCentral = ({ loss }: Context): boolean => loss.centralManagement
const centralStore = ({ desired }: Context): SqlStore | null => desired.deployment.centralManagementStore
/** Where the locations alone are lost, the store lives. */
const holdsConfiguration = (context: Context): boolean =>
  isCentral(context) && itemsOf(context.loss, 'configuration').length > 0
/** One database of it is lost, on a server that lives: what is left of the store must stay. */
const isOneDatabase = ({ loss }: Context): boolean => loss.machines.length === 0
const ofCentralStore = (context: Context): string[] => {
  const store = centralStore(context)
  return isCentral(context) && store ? [sqlSubject(store)] : []
}
/** The Standard Edition server that held the store, where it is made anew. */
function standardEditionHost(context: Context): string[] {
  const { loss } = context
  if (!isCentral(context) || loss.machines.length === 0) return []
  return loss.pools.filter(({ type }) => type === 'standard-edition').map(({ fqdn }) => fqdn)
}
const restoring = ['fail-over-central-management/restore'] as const

/** "Restoring the server hosting the Central Management store", before the machine is rebuilt. */
export const savingCentralManagementRules: readonly RowRule[] = [
  {
    id: 'save-local-replica',
    actor: 'operator',
    minutes: 10,
    of: once(isCentral),
    needs: ['check-surroundings'],
    title: () => 'On a server that is still running, export its local replica and keep it beside the set',
    why: 'The replica may hold changes that were made after the newest set.',
    command: () => cmdlet('Export-CsConfiguration', { LocalStore: true, FileName: localReplica }),
    proves: 'The file is there and opens.',
    source: 'derived',
  },
  {
    id: 'fail-over-central-management',
    actor: 'operator',
    minutes: 10,
    of: (context) => (holdsConfiguration(context) ? (standbyOf(context)?.map(({ fqdn }) => fqdn) ?? []) : []),
    needs: ['save-local-replica', 'check-restore-rights'],
    title: (pool) =>
      `On a server of ${pool}, see which SQL Server is principal of its store, and fail the Central Management store over to it`,
    why: 'The paired pool has a copy that is minutes old. Where this works, the restore of the store is over.',
    command: (_, context) => failoverOfCentral(context),
    proves:
      'Get-CsManagementStoreReplicationStatus -CentralManagementStoreStatus names an active master of that pool, and all replicas are up to date.',
    risks:
      'After it has worked, never create the store anew, and never point Active Directory back: the old host is empty because the live store is on the partner. In the command, name the SQL Server that is principal now.',
    source: 'Invoke-CsManagementServerFailover; Failing over a pool',
    branches: [
      { name: 'failed-over', when: 'the failover worked: the store lives on the paired pool' },
      { name: 'restore', when: 'the failover cannot be done: the paired pool is lost too, or its copy is of no use' },
    ],
  },
  {
    id: 'back-up-surviving-mirror',
    actor: 'operator',
    minutes: 30,
    of: (context) => {
      const store = centralStore(context)
      if (!isCentral(context) || store?.highAvailability.kind !== 'mirror') return []
      return machinesOf(store).filter((machine) => !context.loss.machines.some((gone) => sameSubject(gone, machine)))
    },
    needs: ['check-surroundings'],
    title: (machine) => `Make ${machine} principal, and back its data up before anything else`,
    why: 'It holds the newest data, and both partners are made anew. A mirror cannot be read before it is principal.',
    command: (machine, context) => {
      const store = centralStore(context)
      return store ? failovers(store, machine, context.desired) : ''
    },
    proves: 'The databases are ONLINE there, and a backup of each can be opened.',
    source: 'Restoring the server hosting the Central Management store',
  },
]

const localReplica = String.raw`C:\Restore\LocalReplica.zip`

/** The pool that keeps a standby copy of the Central Management store; null without a pair, or where it is lost too. */
function standbyOf(context: Context): Pool[] | null {
  const { pools } = context.desired
  const central = centralStore(context)
  const own = pools.find(({ stores, pairedWith }) => stores.user?.name === central?.name && pairedWith !== null)
  const partner = pools.find(({ fqdn }) => sameSubject(fqdn, own?.pairedWith ?? ''))
  const store = partner?.stores.user
  if (!partner || !store || machinesOf(store).every((machine) => context.isLost(machine))) return null
  return [partner]
}

function failoverOfCentral(context: Context): string {
  const [pool] = standbyOf(context) ?? []
  const store = pool?.stores.user
  if (!pool || !store) return ''
  const { highAvailability: mode } = store
  const look = cmdlet('Get-CsDatabaseMirrorState', { DatabaseType: 'CentralMgmt', PoolFqdn: pool.fqdn })
  const failover = cmdlet('Invoke-CsManagementServerFailover', {
    ...sqlServer(store, 'BackupSql'),
    ...(mode.kind === 'mirror' ? sqlServer(mode.partner, 'BackupMirrorSql') : {}),
    ...{ Force: true, Verbose: true },
  })
  return [...(mode.kind === 'mirror' ? [look] : []), failover].join('\n')
}

/** The empty Central Management store, and what it held. */
export const creatingCentralManagementRules: readonly RowRule[] = [
  {
    id: 'prepare-first-standard-edition',
    actor: 'operator',
    minutes: 20,
    in: restoring,
    of: standardEditionHost,
    needs: ['restore-file-store', 'take-image'],
    title: (host) => `On ${host}, Deployment Wizard: Prepare first Standard Edition server`,
    why: 'It installs the SQL Server instance of the store and opens the firewall.',
    proves: 'The instance answers.',
    source: 'Restoring the server hosting the Central Management store',
  },
  {
    id: 'update-administrative-tools',
    actor: 'operator',
    minutes: 20,
    in: restoring,
    of: standardEditionHost,
    needs: ['prepare-first-standard-edition'],
    title: (host) =>
      `On ${host}, install the administrative tools and bring them to the cumulative update that the set records`,
    why: 'They create the store in the schema of their own level, and media are at the level of the first release.',
    proves: 'The installed components have the version that the set records.',
    source: 'derived',
  },
  {
    id: 'prove-store-empty',
    actor: 'operator',
    minutes: 5,
    in: restoring,
    of: (context) => (isOneDatabase(context) ? [] : ofCentralStore(context)),
    needs: [
      'update-administrative-tools',
      'install-sql-server',
      'build-windows-cluster',
      'create-availability-group',
      'take-image',
      'back-up-surviving-mirror',
      'save-local-replica',
    ],
    title: (store) =>
      `Prove that what is on ${store} is empty, and that no Central Management store is active anywhere`,
    why: 'The next command deletes the databases that are there. A database of that name may exist and be empty: setup makes one.',
    command: () =>
      [
        cmdlet('Get-CsManagementStoreReplicationStatus', { CentralManagementStoreStatus: true }),
        cmdlet('Get-CsConfigurationStoreLocation'),
      ].join('\n'),
    proves:
      'No active master answers; xds and lis are absent, or were created after the machine was rebuilt and hold no topology.',
    risks: 'Where an active master answers, stop: the store lives, and nothing of it is to be created.',
    source: 'derived',
  },
  {
    id: 'create-central-management-store',
    actor: 'operator',
    minutes: 10,
    in: restoring,
    of: ofCentralStore,
    needs: ['prove-store-empty'],
    title: (store, context) =>
      isOneDatabase(context)
        ? `Create the missing database of the Central Management store on ${store}; what is there stays`
        : `Create the Central Management store on ${store}, empty`,
    why: 'Imports fill databases that are there.',
    command: (subject, context) => {
      const store = storeOf(context, subject)
      const isCluster = store.highAvailability.kind === 'failover-cluster'
      const parameters = {
        ...{ CentralManagementDatabase: true, ...sqlServer(store) },
        ...{ UseDefaultSqlPaths: isCluster, Verbose: true },
      } as const
      return isOneDatabase(context)
        ? cmdlet('Install-CsDatabase', parameters)
        : destructiveCmdlet('Install-CsDatabase', 'Clean', parameters)
    },
    proves: 'xds and lis are ONLINE; what was made anew is empty.',
    risks:
      '-Clean deletes the databases that are there. Never run it after a failover, nor against a store that is in use.',
    source: 'Restoring the server hosting the Central Management store',
  },
  {
    id: 'point-directory',
    actor: 'operator',
    minutes: 5,
    in: restoring,
    of: (context) => (holdsConfiguration(context) ? ofCentralStore(context) : []),
    needs: ['create-central-management-store'],
    title: (store) => `Point Active Directory at ${store}`,
    why: 'Every server finds the store by it. The mirror is named once it is there.',
    command: (subject, context) =>
      cmdlet('Set-CsConfigurationStoreLocation', { ...sqlServer(storeOf(context, subject)), Verbose: true }),
    proves: 'Get-CsConfigurationStoreLocation names it.',
    source: 'Restoring the server hosting the Central Management store',
  },
  {
    id: 'choose-configuration',
    actor: 'operator',
    minutes: 5,
    in: restoring,
    of: once(holdsConfiguration),
    needs: ['point-directory'],
    title: () => 'Compare the saved replica with the set, and choose what is imported',
    why: 'The replica is newer where something was changed since the set was made.',
    proves: 'The times of both are written down.',
    source: 'derived',
    branches: [
      { name: 'from-replica', when: 'the replica is newer and can be read' },
      { name: 'from-set', when: 'the replica is older, or cannot be read' },
    ],
  },
  {
    id: 'import-local-replica',
    actor: 'operator',
    minutes: 5,
    in: [...restoring, 'choose-configuration/from-replica'],
    of: once(holdsConfiguration),
    needs: ['point-directory'],
    title: () => 'Import topology, policies and settings from the saved replica',
    why: 'It holds what was changed since the newest set.',
    command: () => cmdlet('Import-CsConfiguration', { FileName: localReplica }),
    proves: 'Get-CsTopology shows the pools of the deployment.',
    source: 'derived',
  },
  {
    id: 'import-configuration',
    actor: 'holdfast',
    minutes: 5,
    in: [...restoring, 'choose-configuration/from-set'],
    of: lost('configuration'),
    needs: ['point-directory'],
    title: () => 'Import topology, policies and settings from the set',
    why: 'The new store is empty.',
    operation: (subject, context) => ({
      kind: 'import-configuration',
      file: fileOr(context, { kind: 'configuration', subject }),
    }),
    proves: 'Get-CsTopology shows the pools of the deployment.',
    source: 'Restoring the server hosting the Central Management store',
    restores: (subject) => [{ kind: 'configuration', subject }],
  },
]

/** Once there is a mirror of the store: Active Directory knows both partners. */
export const directoryAtMirror: RowRule = {
  id: 'point-directory-at-mirror',
  actor: 'operator',
  minutes: 5,
  in: restoring,
  of: (context) => {
    const store = centralStore(context)
    if (store?.highAvailability.kind !== 'mirror') return []
    const isHalved = context.loss.mirrors.some((one) => one.store.name === store.name)
    return isHalved ? [sqlSubject(store)] : ofCentralStore(context)
  },
  needs: ['=create-mirror'],
  title: (store) => `Tell Active Directory the mirror of ${store}`,
  why: 'Servers look for the store there when the principal fails.',
  command: (subject, context) => {
    const store = storeOf(context, subject)
    const halved = context.loss.mirrors.find((one) => one.store.name === store.name)
    const principal = halved ? survivingPlace(halved) : store
    const mirror = partnersOf(store).find(({ host }) => !sameSubject(host, principal.host))
    return cmdlet('Set-CsConfigurationStoreLocation', {
      ...{ ...sqlServer(principal), ...(mirror ? sqlServer(mirror, 'MirrorSql') : {}), Verbose: true },
    })
  },
  proves: 'Get-CsConfigurationStoreLocation names both.',
  source: 'Set-CsConfigurationStoreLocation',
}

/** The store survives at its mirror and became principal there. */
export const directoryAtSurvivor: RowRule = {
  id: 'point-directory-at-survivor',
  actor: 'operator',
  minutes: 5,
  in: ['find-principal/principal-lost'],
  of: ({ loss, desired }) =>
    loss.mirrors
      .filter(({ store }) => store.highAvailability.kind === 'mirror')
      .filter(({ store }) => store.name === desired.deployment.centralManagementStore?.name)
      .map(({ store }) => sqlSubject(store)),
  needs: ['=fail-over-mirror'],
  title: (store, { loss }) => {
    const survivor = loss.mirrors.find((one) => sameSubject(sqlSubject(one.store), store))?.survivor ?? store
    return `Point Active Directory at ${listed([survivor])}, which holds the Central Management store now`
  },
  why: 'The survivor is the store now.',
  command: (subject, { loss }) => {
    const found = loss.mirrors.find((one) => sameSubject(sqlSubject(one.store), subject))
    return found
      ? cmdlet('Set-CsConfigurationStoreLocation', { ...sqlServer(survivingPlace(found)), Verbose: true })
      : ''
  },
  proves: 'Get-CsConfigurationStoreLocation names it.',
  source: 'Set-CsConfigurationStoreLocation',
}

/** Host and instance of the partner that is left. */
export function survivingPlace({
  store,
  survivor,
}: Context['loss']['mirrors'][number]): Pick<SqlStore, 'host' | 'instance'> {
  const { highAvailability: mode } = store
  return mode.kind === 'mirror' && sameSubject(mode.partner.host, survivor) ? mode.partner : store
}
