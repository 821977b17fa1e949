import * as commands from '../restore-commands.ts'
import { parseDatabase, sqlSubject } from '../subject.ts'
import type { ItemKind } from '../words.ts'
import { fileOr, itemsOf, listed, type Context } from './context.ts'
import type { StepRule } from './step.ts'

const { quoted } = commands
const hasItems =
  (...kinds: readonly ItemKind[]) =>
  ({ loss }: Context): boolean =>
    itemsOf(loss, ...kinds).length > 0

/** "Restoring a file store": to the identical path; access lists are not copied, publishing sets them. */
export const fileStores: readonly StepRule[] = [
  {
    id: 'restore-file-store',
    actor: 'holdfast',
    minutes: 10,
    applies: hasItems('file-store'),
    title: ({ loss }) =>
      `Copy ${listed(itemsOf(loss, 'file-store').map(({ subject }) => subject))} back to the same path`,
    command: (context) =>
      itemsOf(context.loss, 'file-store')
        .map((item) => commands.copyFileStore(fileOr(context, item), item.subject))
        .join('\n'),
    restores: ['file-store'],
  },
]

/** Shares are made before the copy can be written to their path. */
export const sharing: readonly StepRule[] = [
  {
    id: 'share-file-store',
    actor: 'operator',
    minutes: 10,
    applies: hasItems('file-store'),
    title: ({ loss }) =>
      `Create and share the folder of ${listed(itemsOf(loss, 'file-store').map(({ subject }) => subject))} again, empty and under the same name`,
  },
]

/** Publishing sets the access lists of file stores ("Restoring a file store"), and puts an imported topology in force. */
export const enabling: readonly StepRule[] = [
  {
    id: 'enable-topology',
    actor: 'operator',
    minutes: 10,
    applies: (context) => hasItems('configuration', 'file-store')(context),
    title: () =>
      'Enable the topology, with an account that has the right (Domain Admins, or delegated by Grant-CsSetupPermission)',
    command: () => 'Enable-CsTopology',
  },
]

/** User data, locations, Response Groups and databases, in the order of the vendor's chapter. */
export const data: readonly StepRule[] = [
  {
    id: 'stop-services',
    actor: 'holdfast',
    minutes: 5,
    applies: hasItems('user-data'),
    title: ({ userPools }) => `Stop the services of every Front End of ${listed(userPools.map(({ fqdn }) => fqdn))}`,
    command: ({ userPools }) =>
      userPools
        .flatMap(({ servers }) => servers.map((server) => `Stop-CsWindowsService -ComputerName ${quoted(server)}`))
        .join('\n'),
  },
  {
    id: 'import-user-data',
    actor: 'holdfast',
    minutes: 10,
    applies: hasItems('user-data'),
    title: () => 'Import the user data, while all of them are stopped',
    command: (context) =>
      itemsOf(context.loss, 'user-data')
        .map((item) => commands.importUserData(item.subject, fileOr(context, item)))
        .join('\n'),
    restores: ['user-data'],
  },
  {
    id: 'start-services',
    actor: 'holdfast',
    minutes: 15,
    applies: hasItems('user-data'),
    title: () => 'Start them together: only then does the user data take effect',
    command: ({ userPools }) => userPools.flatMap(startOf).join('\n'),
  },
  {
    id: 'import-locations',
    actor: 'holdfast',
    minutes: 5,
    applies: hasItems('location-information'),
    title: () => 'Import the locations for emergency calls, and publish them',
    command: (context) =>
      itemsOf(context.loss, 'location-information')
        .map((item) => commands.importLocations(fileOr(context, item)))
        .join('\n'),
    restores: ['location-information'],
  },
  {
    id: 'import-response-groups',
    actor: 'holdfast',
    minutes: 10,
    applies: hasItems('response-groups'),
    title: () => 'Import the Response Groups',
    command: (context) =>
      itemsOf(context.loss, 'response-groups')
        .map((item) => commands.importResponseGroups(item.subject, fileOr(context, item)))
        .join('\n'),
    restores: ['response-groups'],
  },
  {
    id: 'check-response-groups',
    actor: 'operator',
    minutes: 10,
    applies: hasItems('response-groups'),
    title: () => 'Check the Response Groups, and call one',
    command: ({ loss }) =>
      itemsOf(loss, 'response-groups')
        .map(({ subject }) => `Get-CsRgsWorkflow -Identity ${quoted(`service:ApplicationServer:${subject}`)} -ShowAll`)
        .join('\n'),
  },
  {
    id: 'restore-databases',
    actor: 'holdfast',
    minutes: 10,
    applies: hasItems('sql-database'),
    title: ({ loss }) =>
      `Restore ${listed(itemsOf(loss, 'sql-database').map(({ subject }) => parseDatabase(subject)?.database ?? subject))}`,
    command: (context) =>
      itemsOf(context.loss, 'sql-database')
        .map((item) =>
          commands.restoreDatabase(parseDatabase(item.subject)?.database ?? item.subject, fileOr(context, item)),
        )
        .join('\n'),
    restores: ['sql-database'],
  },
  {
    id: 'grant-database-roles',
    actor: 'operator',
    minutes: 5,
    applies: hasItems('sql-database'),
    title: () =>
      'In each restored database make sure that the domain group RTCComponentUniversalServices is a user with the role ServerRole',
  },
  {
    id: 'import-persistent-chat',
    actor: 'holdfast',
    minutes: 10,
    applies: hasItems('persistent-chat'),
    title: () => 'Import the rooms of Persistent Chat; it adds to what is there',
    command: (context) =>
      itemsOf(context.loss, 'persistent-chat')
        .map((item) => {
          const database = parseDatabase(item.subject)
          return commands.importPersistentChat(database ? sqlSubject(database) : item.subject, fileOr(context, item))
        })
        .join('\n'),
    restores: ['persistent-chat'],
  },
  {
    id: 'restore-reports',
    actor: 'operator',
    minutes: 60,
    applies: ({ loss }) => itemsOf(loss, 'sql-database').some(({ subject }) => /\/QoEMetrics$/i.test(subject)),
    title: () => 'Install Reporting Services where they were, and deploy the monitoring reports again',
  },
]

/** The end of every procedure that installed a role. */
export const checking: readonly StepRule[] = [
  {
    id: 'check-replication',
    actor: 'holdfast',
    minutes: 10,
    applies: ({ roleServers }) => roleServers.length > 0,
    title: ({ roleServers }) =>
      `Check that the replica of ${listed(roleServers)} is up to date and that the services run`,
    command: ({ roleServers }) =>
      roleServers.map((server) => `Get-CsManagementStoreReplicationStatus -ReplicaFqdn ${quoted(server)}`).join('\n'),
  },
]

/** `Start-CsPool` came with 2015; before it, and on a Standard Edition server, each machine is started. */
function startOf({ fqdn, type, product, servers }: Context['userPools'][number]): string[] {
  if (type === 'front-end' && product !== 'lync-server-2013') return [`Start-CsPool -PoolFqdn ${quoted(fqdn)}`]
  return servers.map((server) => `Start-CsWindowsService -ComputerName ${quoted(server)}`)
}
