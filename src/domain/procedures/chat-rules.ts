/** Persistent Chat: a pool over two sites with a log-shipped copy, and the list of its active servers. */
import { cmdlet } from '../cmdlet-text.ts'
import type { Pool } from '../model.ts'
import { recoverSecondary, restoreDatabase } from '../restore-commands.ts'
import { parseDatabase, sameSubject, sqlSubject } from '../subject.ts'
import type { Subject } from '../words.ts'
import { itemsOf, listed, lost, type Context } from './context.ts'
import type { BranchName, RowRule } from './row.ts'

/** Where the rooms were not failed over, or no pool could have been. */
export const chatFromSet: readonly BranchName[] = ['=fail-over-chat/from-set']
const failedOver: readonly BranchName[] = ['=fail-over-chat/failed-over']

/** Where it is log-shipped is not in the topology that Holdfast reads: a pool of one server cannot be stretched. */
function perhapsStretched(context: Context): Subject[] {
  const rooms = itemsOf(context.loss, 'sql-database', 'persistent-chat').map(({ subject }) => subject)
  return rooms.filter((subject) => isRooms(subject) && livingChatServers(subject, context).length > 0)
}

/** "Failing over Persistent Chat Server". */
export const failingOverChatRules: readonly RowRule[] = [
  {
    id: 'fail-over-chat',
    actor: 'operator',
    minutes: 30,
    of: perhapsStretched,
    needs: ['check-restore-rights', 'fail-over-central-management'],
    title: (subject, context) =>
      `Where ${poolsOf(subject, context)} spans two sites and a secondary database is log-shipped: restore the last logs there, bring it online, and fail the pool over to it`,
    why: 'The secondary is minutes old, the set may be of last night. Rooms open again while the primary is rebuilt.',
    command: (subject, context) =>
      [
        clearActive,
        recoverSecondary(),
        ...chatPools(subject, context).map(({ fqdn }) => stateText(fqdn, 'FailedOver')),
        ...livingChatServers(subject, context).map(addActive),
      ].join('\n'),
    proves: 'Get-CsPersistentChatState shows FailedOver, and clients get into a room.',
    risks:
      'What was not shipped yet is lost. From then on the newest rooms are on the secondary: nothing of the set may be restored over them.',
    source: 'Failing over Persistent Chat Server',
    branches: [
      { name: 'failed-over', when: 'the failover worked: the rooms come back from the secondary' },
      { name: 'from-set', when: 'there is no secondary, or it is of no use: the rooms come back from the set' },
    ],
  },
]

/** Before the rooms are restored: "Failing back Persistent Chat Server". */
export const clearingActiveServers: RowRule = {
  id: 'clear-active-chat-servers',
  actor: 'operator',
  minutes: 5,
  late: true,
  of: chatDatabases,
  needs: ['@create-databases', '@update-databases', '=fail-over-chat'],
  title: () => 'Clear the list of active Persistent Chat servers, and note it first',
  why: 'Chat servers hold the database, and a RESTORE over them is refused (error 3101).',
  command: () => `${cmdlet('Get-CsPersistentChatActiveServer')}\n${clearActive}`,
  proves: 'The list is empty.',
  source: 'Failing back Persistent Chat Server',
}

/** Rooms that are kept by the cmdlet. */
export const importingChat: RowRule = {
  id: 'import-persistent-chat',
  actor: 'holdfast',
  minutes: 10,
  in: chatFromSet,
  of: lost('persistent-chat'),
  late: true,
  needs: ['@create-databases', '@update-databases', '=clear-active-chat-servers', '?start-server'],
  title: (subject) => `Import the rooms of Persistent Chat into ${subject}`,
  why: 'Rooms and their history come back.',
  operation: (subject) => ({ kind: 'restore-item', item: { kind: 'persistent-chat', subject } }),
  proves: 'The counts of rooms and messages are those of the set.',
  risks: 'It adds to what is there: the database has to be empty.',
  source: 'Restoring Persistent Chat data',
  restores: (subject) => [{ kind: 'persistent-chat', subject }],
}

/** Behind the restore from the set, whose place it takes. */
export const failingBackChat: RowRule = {
  id: 'fail-back-chat',
  actor: 'operator',
  minutes: 30,
  late: true,
  in: failedOver,
  of: perhapsStretched,
  needs: ['@create-databases', '@update-databases', '=bring-encryption-certificate', '=clear-active-chat-servers'],
  title: (subject) => `Back mgc up on the secondary, restore that backup over ${subject}, and set the pool to Normal`,
  why: 'The rooms that were written since the failover are on the secondary alone.',
  command: (subject, context) =>
    [
      restoreDatabase('mgc', '<backup of mgc, made on the secondary after the list was cleared>'),
      ...chatPools(subject, context).map(({ fqdn }) => stateText(fqdn, 'Normal')),
    ].join('\n'),
  proves: 'Get-CsPersistentChatState shows Normal, and the newest messages of a room are there.',
  risks: 'Back up after the list of active servers is empty, or what is written in between is lost.',
  source: 'Failing back Persistent Chat Server',
}

/** Once the database may be used again. */
export const settingActiveServers: readonly RowRule[] = [
  {
    id: 'set-active-chat-servers',
    actor: 'operator',
    minutes: 5,
    late: true,
    of: chatDatabases,
    needs: ['=grant-database-roles', '=import-persistent-chat', '=fail-back-chat'],
    title: () => 'Set the list of active Persistent Chat servers again, as it was noted',
    why: 'No chat server takes users before it is on the list.',
    command: (subject, context) =>
      chatPools(subject, context)
        .flatMap(({ servers }) => servers)
        .map(addActive)
        .join('\n'),
    proves: 'Get-CsPersistentChatActiveServer shows them, and clients get into a room.',
    source: 'Failing back Persistent Chat Server',
  },
  {
    id: 'restore-log-shipping',
    actor: 'operator',
    minutes: 30,
    late: true,
    in: failedOver,
    of: perhapsStretched,
    needs: ['=set-active-chat-servers', '=fail-back-chat'],
    title: (subject) => `Ship the log of ${subject} to the secondary again`,
    why: 'The secondary was recovered: it takes no more logs before it is made anew from a backup.',
    proves: 'The history of the copy job and the restore job shows success.',
    source: 'Configuring SQL Server Log Shipping for the Persistent Chat Server primary database',
  },
  {
    id: 'tell-compliance-gap',
    actor: 'operator',
    minutes: 5,
    late: true,
    of: ({ loss, desired }) =>
      loss.stores
        .filter(({ name }) => desired.pools.some(({ stores }) => stores.compliance?.name === name))
        .map((store) => sqlSubject(store)),
    needs: ['@create-databases'],
    title: () =>
      'Where Persistent Chat has a compliance adapter: tell who answers for compliance that what it had not drained is lost',
    why: 'mgccomp is a queue that is created empty; nothing keeps it.',
    command: () => cmdlet('Get-CsPersistentChatComplianceConfiguration'),
    proves: 'They know from when to when; without an AdapterType nothing was queued.',
    source: 'derived',
  },
]

const clearActive = 'Set-CsPersistentChatActiveServer -Identity global -ActiveServers $null'

function addActive(server: string): string {
  return `Set-CsPersistentChatActiveServer -Identity global -ActiveServers @{Add='${server.replaceAll("'", "''")}'}`
}

function stateText(pool: string, PoolState: 'FailedOver' | 'Normal'): string {
  return cmdlet('Set-CsPersistentChatState', { Identity: `PersistentChatServer:${pool}`, PoolState })
}

function isRooms(subject: Subject): boolean {
  return sameSubject(parseDatabase(subject)?.database ?? '', 'mgc')
}

/** Rooms over which a database may be restored: from the set, or from the secondary. */
function chatDatabases(context: Context): Subject[] {
  const bySql = itemsOf(context.loss, 'sql-database').map(({ subject }) => subject)
  return [...bySql.filter(isRooms), ...perhapsStretched(context)]
}

function chatPools(subject: Subject, { desired }: Context): Pool[] {
  const place = parseDatabase(subject)
  return desired.pools.filter(
    ({ stores: { persistentChat } }) =>
      place && persistentChat && sameSubject(sqlSubject(persistentChat), sqlSubject(place)),
  )
}

function poolsOf(subject: Subject, context: Context): string {
  return listed(chatPools(subject, context).map(({ fqdn }) => fqdn))
}

/** Of pools of several servers, those that run. */
function livingChatServers(subject: Subject, context: Context): string[] {
  return chatPools(subject, context)
    .filter(({ servers }) => servers.length > 1)
    .flatMap(({ servers }) => servers.filter((server) => !context.isLost(server)))
}
