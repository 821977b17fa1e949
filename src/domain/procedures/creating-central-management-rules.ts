import { cmdlet, destructiveCmdlet } from '../cmdlet-text.ts'
import {
  centralStore,
  hasReplica,
  holdsConfiguration,
  isCentral,
  localReplica,
  ofCentralStore,
  restoring,
} from './central-management.ts'
import { lost, once, singleDatabases, sqlServer, standardServerOf, storeOf, type Context } from './context.ts'
import type { RowRule } from './row.ts'

/** The empty Central Management store, and what it held. */
export const creatingCentralManagementRules: readonly RowRule[] = [
  {
    id: 'prepare-first-standard-edition',
    actor: 'operator',
    minutes: 20,
    in: restoring,
    of: standardEditionHost,
    needs: ['@restore-file-store', '=take-image'],
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
      '@install-sql-server',
      '@build-windows-cluster',
      '@create-availability-group',
      '@take-image',
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
    of: once((context) => holdsConfiguration(context) && hasReplica(context)),
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
    operation: (subject) => ({ kind: 'restore-item', item: { kind: 'configuration', subject } }),
    proves: 'Get-CsTopology shows the pools of the deployment.',
    source: 'Restoring the server hosting the Central Management store',
    restores: (subject) => [{ kind: 'configuration', subject }],
  },
]

/** Some databases of it are lost, on a server that lives: what is left of the store must stay. */
function isOneDatabase(context: Context): boolean {
  const store = centralStore(context)
  return store !== null && singleDatabases(context, store) !== null
}

/** The Standard Edition server that held the store, where it is made anew. */
function standardEditionHost(context: Context): string[] {
  const store = centralStore(context)
  if (!store || !isCentral(context) || isOneDatabase(context)) return []
  const server = standardServerOf(store, context.desired)
  return server ? [server.fqdn] : []
}
