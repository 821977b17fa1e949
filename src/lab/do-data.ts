/** What the import cmdlets bring back, by an administrator's hand. */
import type { Act } from './act.ts'
import type { Bench } from './break.ts'
import type { ChangingCmdletName } from './cmdlet-names.ts'
import { changingCmdlets } from './cmdlets-changing.ts'
import { instanceNames } from './databases.ts'
import { expectTopology, type Parameters } from './shell-view.ts'
import { runningServices } from './services.ts'
import { userAddress } from './users.ts'

const deployment = ({ world }: Bench): string[] => [world.deployment]
const userPools = ({ world }: Bench): string[] =>
  world.pools.filter(({ backEnd }) => backEnd.length > 0).map(({ fqdn }) => fqdn)

/** An act that is one cmdlet. */
function byCmdlet(
  cmdlet: ChangingCmdletName,
  act: Pick<Act, 'kind' | 'does' | 'subjects' | 'accepts'> & { path?: string },
  parameters: (subject: string, detail: string) => Parameters,
): Act {
  return {
    ...act,
    details: [],
    apply: (bench, subject, detail) => changingCmdlets[cmdlet](bench, parameters(subject, detail)),
  }
}

export const importConfiguration = byCmdlet(
  'Import-CsConfiguration',
  {
    kind: 'import-configuration',
    path: 'Config.zip',
    does: 'Import-CsConfiguration: topology, policies and settings of the file take the place of those in the Central Management store, which has to be there.',
    subjects: deployment,
  },
  (_, FileName) => ({ FileName }),
)

export const importLocations = byCmdlet(
  'Import-CsLisConfiguration',
  {
    kind: 'import-locations',
    path: 'the export of locations',
    does: 'Import-CsLisConfiguration: merges the locations of the file; clients do not see them before they are published.',
    subjects: deployment,
  },
  (_, FileName) => ({ FileName }),
)

export const publishLocations = byCmdlet(
  'Publish-CsLisConfiguration',
  {
    kind: 'publish-locations',
    does: 'Publish-CsLisConfiguration: clients see the locations that were imported.',
    subjects: deployment,
  },
  () => ({}),
)

export const importUserData = byCmdlet(
  'Import-CsUserData',
  {
    kind: 'import-user-data',
    path: 'the export of user data',
    does: 'Import-CsUserData: contacts and conferences of the file take the place of those in the store of the pool. Front Ends that run keep the old ones, and write them back over it when one of them stops or starts.',
    subjects: userPools,
  },
  (PoolFqdn, FileName) => ({ PoolFqdn, FileName }),
)

export const updateUserData = byCmdlet(
  'Update-CsUserData',
  {
    kind: 'update-user-data',
    path: 'the export of user data',
    does: 'Update-CsUserData -UserFilter: merges contacts and conferences of one user into the living pool.',
    subjects: ({ world }) => world.directory.map(({ pool }) => userAddress(world, pool, 1)),
    accepts: (_, subject) => subject.includes('@'),
  },
  (UserFilter, FileName) => ({ UserFilter, FileName }),
)

export const importResponseGroups = byCmdlet(
  'Import-CsRgsConfiguration',
  {
    kind: 'import-response-groups',
    path: 'the export of Response Groups',
    does: 'Import-CsRgsConfiguration -OverwriteOwner -ReplaceExistingRgsSettings: adds the groups of the file, with audio files and the settings of the pool.',
    subjects: ({ world }) =>
      world.pools.filter(({ applications }) => applications.includes('response-group')).map(({ fqdn }) => fqdn),
  },
  (pool, FileName) => ({
    ...{ Destination: `service:ApplicationServer:${pool}`, FileName },
    ...{ OverwriteOwner: true, ReplaceExistingRgsSettings: true },
  }),
)

export const importPersistentChat = byCmdlet(
  'Import-CsPersistentChatData',
  {
    kind: 'import-persistent-chat',
    path: 'the export of Persistent Chat',
    does: 'Import-CsPersistentChatData: adds rooms and messages of the file to the database mgc of the instance.',
    subjects: ({ world }) => instanceNames(world),
  },
  (DBInstance, FileName) => ({ DBInstance, FileName }),
)

export const clearActiveChatServers: Act = {
  kind: 'clear-active-chat-servers',
  details: [],
  does: 'Set-CsPersistentChatActiveServer with an empty list: the chat servers leave their database.',
  subjects: deployment,
  apply({ world }) {
    expectTopology(world)
    world.noActiveChatServers = true
  },
}

export const setActiveChatServers: Act = {
  kind: 'set-active-chat-servers',
  details: [],
  does: 'Set-CsPersistentChatActiveServer with all servers: they open their database again.',
  subjects: deployment,
  apply({ world }) {
    expectTopology(world)
    delete world.noActiveChatServers
  },
}

export const replicateConfiguration: Act = {
  kind: 'replicate-configuration',
  details: [],
  does: 'Invoke-CsManagementStoreReplication: the configuration is pushed to every replica that answers.',
  subjects: deployment,
  apply({ world }) {
    expectTopology(world)
    const runs = runningServices(world)
    for (const host of world.hosts) if (host.replica && runs(host, 'REPLICA')) host.replica.upToDate = true
  },
}
