import { databaseId } from '../engine.ts'
import type { SqlAvailability, SqlDatabase, SqlServerFacts } from '../facts.ts'
import { factsOf, type Frame } from '../run/frame.ts'
import { stableGuid } from './databases.ts'
import type { Row, TableDefinition } from './table.ts'

const synchronizations = { 'NOT SYNCHRONIZING': 0, SYNCHRONIZING: 1, SYNCHRONIZED: 2 } as const

interface Member {
  database: SqlDatabase
  group: SqlAvailability
}

function members(facts: SqlServerFacts): Member[] {
  return facts.databases.flatMap((database) =>
    database.availabilityGroup ? [{ database, group: database.availabilityGroup }] : [],
  )
}

/** Each group once, as its first database tells it. */
function groupsOf(frame: Frame): SqlAvailability[] {
  const found = new Map<string, SqlAvailability>()
  for (const { group } of members(factsOf(frame))) if (!found.has(group.group)) found.set(group.group, group)
  return [...found.values()]
}

const groupId = (group: SqlAvailability): string => stableGuid(group.group)
const replicaId = (group: SqlAvailability, server: string): string => stableGuid(`${group.group}/${server}`)
const ownName = (facts: SqlServerFacts): string => `${facts.host}\\${facts.instance}`

function isOwn(facts: SqlServerFacts, server: string): boolean {
  const [host = '', instance = ''] = server.toLowerCase().split('\\')
  return (
    [facts.host.toLowerCase(), facts.machine.toLowerCase()].includes(host) && instance === facts.instance.toLowerCase()
  )
}

function replicaRows(frame: Frame): { group: SqlAvailability; server: string; id: string; own: boolean }[] {
  const facts = factsOf(frame)
  return groupsOf(frame).flatMap((group) =>
    group.replicas.map((server) => {
      const own = isOwn(facts, server)
      return { group, server, own, id: replicaId(group, own ? ownName(facts) : server) }
    }),
  )
}

const preferences = { PRIMARY: 0, SECONDARY_ONLY: 1, SECONDARY: 2, NONE: 3 } as const

/** Views of availability groups. Older servers have none of them: error 208. */
export const availabilityViews: Record<string, TableDefinition> = {
  'sys.availability_groups': {
    since: 11,
    columns: `group_id uniqueidentifier, name sysname, automated_backup_preference tinyint,
      automated_backup_preference_desc nvarchar(60)`,
    rows: (frame) =>
      groupsOf(frame).map((group) => ({
        group_id: groupId(group),
        name: group.group,
        automated_backup_preference: preferences[group.backupPreference],
        automated_backup_preference_desc: group.backupPreference,
      })),
  },
  'sys.availability_replicas': {
    since: 11,
    columns: `replica_id uniqueidentifier, group_id uniqueidentifier, replica_server_name nvarchar(256),
      availability_mode tinyint, availability_mode_desc nvarchar(60), failover_mode_desc nvarchar(60)`,
    rows: (frame) =>
      replicaRows(frame).map(({ group, server, id }) => ({
        replica_id: id,
        group_id: groupId(group),
        replica_server_name: server,
        availability_mode: 1,
        availability_mode_desc: 'SYNCHRONOUS_COMMIT',
        failover_mode_desc: 'AUTOMATIC',
      })),
  },
  'sys.dm_hadr_availability_replica_states': {
    since: 11,
    needs: 'server state',
    columns: `replica_id uniqueidentifier, group_id uniqueidentifier, is_local bit, role tinyint,
      role_desc nvarchar(60), operational_state_desc nvarchar(60), connected_state_desc nvarchar(60),
      synchronization_health_desc nvarchar(60)`,
    // A secondary knows itself only; the primary knows all.
    rows: (frame) =>
      replicaRows(frame)
        .filter(({ own, group }) => own || group.role === 'PRIMARY')
        .map(({ own, group, id }): Row => {
          const primary = own && group.role === 'PRIMARY'
          return {
            replica_id: id,
            group_id: groupId(group),
            is_local: Number(own),
            role: primary ? 1 : 2,
            role_desc: primary ? 'PRIMARY' : 'SECONDARY',
            operational_state_desc: own ? 'ONLINE' : null,
            connected_state_desc: 'CONNECTED',
            synchronization_health_desc: group.synchronization === 'SYNCHRONIZED' ? 'HEALTHY' : 'PARTIALLY_HEALTHY',
          }
        }),
  },
  'sys.dm_hadr_database_replica_states': {
    since: 11,
    needs: 'server state',
    columns: `database_id int, group_id uniqueidentifier, replica_id uniqueidentifier,
      is_local bit, is_primary_replica bit @12, synchronization_state tinyint,
      synchronization_state_desc nvarchar(60), synchronization_health tinyint,
      synchronization_health_desc nvarchar(60), database_state_desc nvarchar(60), is_suspended bit`,
    rows: (frame) =>
      members(factsOf(frame)).map(({ database, group }): Row => {
        const healthy = group.synchronization === 'SYNCHRONIZED'
        return {
          database_id: databaseId(factsOf(frame), database.name),
          group_id: groupId(group),
          replica_id: replicaId(group, ownName(factsOf(frame))),
          is_local: 1,
          is_primary_replica: Number(group.role === 'PRIMARY'),
          synchronization_state: synchronizations[group.synchronization],
          synchronization_state_desc: group.synchronization,
          synchronization_health: healthy ? 2 : 1,
          synchronization_health_desc: healthy ? 'HEALTHY' : 'PARTIALLY_HEALTHY',
          database_state_desc: group.role === 'PRIMARY' ? 'ONLINE' : null,
          is_suspended: Number(group.suspended),
        }
      }),
  },
}
