import { createHash } from 'node:crypto'
import { localTime, systemDatabases } from '../engine.ts'
import type { DatabaseState, SqlDatabase, SqlServerFacts } from '../facts.ts'
import { factsOf } from '../run/frame.ts'
import type { Value } from '../values.ts'
import { releaseOf } from '../versions.ts'
import { zeros, type Row, type TableDefinition } from './table.ts'

const stateNumbers: Record<DatabaseState, number> = {
  ONLINE: 0,
  RESTORING: 1,
  RECOVERING: 2,
  RECOVERY_PENDING: 3,
  SUSPECT: 4,
  EMERGENCY: 5,
  OFFLINE: 6,
}
const recoveryNumbers = { FULL: 1, BULK_LOGGED: 2, SIMPLE: 3 } as const
const pageBytes = 8192

/** System and user databases with their ids, as one list. */
export function allDatabases(facts: SqlServerFacts): { id: number; database: SqlDatabase }[] {
  return [...systemDatabases.map((name) => systemDatabase(name, facts)), ...facts.databases].map((database, index) => ({
    id: index + 1,
    database,
  }))
}

function systemDatabase(name: string, facts: SqlServerFacts): SqlDatabase {
  return {
    name,
    guid: stableGuid(`${facts.host}\\${facts.instance}/${name}`),
    state: 'ONLINE',
    recoveryModel: name === 'model' ? 'FULL' : 'SIMPLE',
    createdAt: '2003-04-08T09:13:36.390Z',
    sizeBytes: 4 * 1024 * 1024,
    readOnly: false,
    singleUser: false,
    corruptPages: 0,
    tables: {},
    mirroring: null,
    availabilityGroup: null,
  }
}

/** A uniqueidentifier that is the same whenever `seed` is. */
export function stableGuid(seed: string): string {
  const digits = createHash('sha256').update(seed.toLowerCase()).digest('hex').toUpperCase()
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-A${digits.slice(17, 20)}-${digits.slice(20, 32)}`
}

/** `family_guid`: what a backup belongs to. */
export function familyOf(database: { guid: string; familyGuid?: string }): string {
  return database.familyGuid ?? stableGuid(`${database.guid}/family`)
}

export function filesOf(database: SqlDatabase, facts: SqlServerFacts): { data: string; log: string } {
  return (
    database.files ?? {
      data: `${facts.dataPath}\\${database.name}.mdf`,
      log: `${facts.dataPath}\\${database.name}_log.ldf`,
    }
  )
}

/** Both files of a database as `sys.master_files` and RESTORE FILELISTONLY tell them. */
function fileRows({ id, database }: { id: number; database: SqlDatabase }, facts: SqlServerFacts): Row[] {
  const files = filesOf(database, facts)
  const state = {
    state: stateNumbers[database.state],
    state_desc: database.state,
    database_id: id,
    max_size: -1,
    growth: 128,
    is_percent_growth: 0,
  }
  return [
    {
      ...state,
      file_id: 1,
      file_guid: stableGuid(`${database.guid}/data`),
      type: 0,
      type_desc: 'ROWS',
      data_space_id: 1,
      name: database.name,
      physical_name: files.data,
      size: Math.ceil(database.sizeBytes / pageBytes),
    },
    {
      ...state,
      file_id: 2,
      file_guid: stableGuid(`${database.guid}/log`),
      type: 1,
      type_desc: 'LOG',
      data_space_id: 0,
      name: `${database.name}_log`,
      physical_name: files.log,
      size: 128,
    },
  ]
}

const fileColumns = `file_id int, file_guid uniqueidentifier, type tinyint, type_desc nvarchar(60), data_space_id int,
      name sysname, physical_name nvarchar(260), state tinyint, state_desc nvarchar(60), size int, max_size int,
      growth int, is_percent_growth bit`

/** Logs that nobody backs up keep growing under FULL. */
function logReuse(
  database: SqlDatabase,
  facts: SqlServerFacts,
): { log_reuse_wait: number; log_reuse_wait_desc: string } {
  const waits =
    database.recoveryModel !== 'SIMPLE' &&
    facts.backups.some(
      (backup) => backup.databaseGuid.toUpperCase() === database.guid.toUpperCase() && !backup.copyOnly,
    )
  return waits
    ? { log_reuse_wait: 2, log_reuse_wait_desc: 'LOG_BACKUP' }
    : { log_reuse_wait: 0, log_reuse_wait_desc: 'NOTHING' }
}

export const databaseViews: Record<string, TableDefinition> = {
  'sys.databases': {
    columns: `name sysname, database_id int, source_database_id int, owner_sid varbinary(85), create_date datetime,
      compatibility_level tinyint, collation_name sysname, user_access tinyint, user_access_desc nvarchar(60),
      is_read_only bit, is_auto_close_on bit, is_auto_shrink_on bit, state tinyint, state_desc nvarchar(60),
      is_in_standby bit, is_cleanly_shutdown bit, is_supplemental_logging_enabled bit,
      snapshot_isolation_state tinyint, snapshot_isolation_state_desc nvarchar(60),
      is_read_committed_snapshot_on bit, recovery_model tinyint, recovery_model_desc nvarchar(60),
      page_verify_option tinyint, page_verify_option_desc nvarchar(60), is_fulltext_enabled bit,
      is_trustworthy_on bit, is_db_chaining_on bit, is_broker_enabled bit, service_broker_guid uniqueidentifier,
      log_reuse_wait tinyint, log_reuse_wait_desc nvarchar(60), is_encrypted bit,
      replica_id uniqueidentifier @11, group_database_id uniqueidentifier @11, containment tinyint @11,
      containment_desc nvarchar(60) @11, is_query_store_on bit @13`,
    rows: (frame) => allDatabases(factsOf(frame)).map(({ id, database }) => databaseRow(id, database, factsOf(frame))),
  },
  'sys.database_recovery_status': {
    columns: `database_id int, database_guid uniqueidentifier, family_guid uniqueidentifier,
      last_log_backup_lsn decimal(25), recovery_fork_guid uniqueidentifier,
      first_recovery_fork_guid uniqueidentifier, fork_point_lsn decimal(25)`,
    // A database that is not open shows nothing but its id.
    rows: (frame) =>
      allDatabases(factsOf(frame)).map(({ id, database }) =>
        database.state === 'ONLINE' || database.state === 'EMERGENCY'
          ? {
              database_id: id,
              database_guid: database.guid.toUpperCase(),
              family_guid: familyOf(database),
              recovery_fork_guid: stableGuid(`${database.guid}/fork`),
            }
          : { database_id: id },
      ),
  },
  'sys.master_files': {
    columns: `database_id int, ${fileColumns}`,
    rows: (frame) => allDatabases(factsOf(frame)).flatMap((entry) => fileRows(entry, factsOf(frame))),
  },
  'sys.database_files': {
    columns: fileColumns,
    rows: (frame, name) =>
      allDatabases(factsOf(frame))
        .filter(({ database }) => database.name.toLowerCase() === name.toLowerCase())
        .flatMap((entry) => fileRows(entry, factsOf(frame))),
  },
  'sys.database_mirroring': {
    columns: `database_id int, mirroring_guid uniqueidentifier, mirroring_state tinyint,
      mirroring_state_desc nvarchar(60), mirroring_role tinyint, mirroring_role_desc nvarchar(60),
      mirroring_role_sequence int, mirroring_safety_level tinyint, mirroring_safety_level_desc nvarchar(60),
      mirroring_safety_sequence int, mirroring_partner_name nvarchar(128),
      mirroring_partner_instance nvarchar(128), mirroring_witness_name nvarchar(128),
      mirroring_witness_state tinyint, mirroring_witness_state_desc nvarchar(60)`,
    rows: (frame) =>
      allDatabases(factsOf(frame)).map(({ id, database }) => ({ database_id: id, ...mirroringRow(database) })),
  },
}

const databaseZeros = zeros(
  'is_auto_close_on is_auto_shrink_on is_in_standby is_supplemental_logging_enabled snapshot_isolation_state is_read_committed_snapshot_on is_trustworthy_on is_db_chaining_on is_broker_enabled is_encrypted containment is_query_store_on',
)

function databaseRow(id: number, database: SqlDatabase, facts: SqlServerFacts): Row {
  const open = database.state === 'ONLINE'
  const availability: Record<string, Value> = database.availabilityGroup
    ? {
        replica_id: stableGuid(`${database.availabilityGroup.group}/${facts.host}\\${facts.instance}`),
        group_database_id: stableGuid(`${database.availabilityGroup.group}/${database.name}`),
      }
    : {}
  return {
    ...databaseZeros,
    name: database.name,
    database_id: id,
    owner_sid: Buffer.from([1]),
    create_date: localTime(facts, database.createdAt),
    compatibility_level: Math.min(releaseOf(facts).major * 10, 160),
    collation_name: open ? 'Latin1_General_CI_AS' : null,
    user_access: database.singleUser ? 1 : 0,
    user_access_desc: database.singleUser ? 'SINGLE_USER' : 'MULTI_USER',
    is_read_only: Number(database.readOnly),
    state: stateNumbers[database.state],
    state_desc: database.state,
    is_cleanly_shutdown: Number(database.state === 'OFFLINE'),
    snapshot_isolation_state_desc: 'OFF',
    recovery_model: recoveryNumbers[database.recoveryModel],
    recovery_model_desc: database.recoveryModel,
    page_verify_option: 2,
    page_verify_option_desc: 'CHECKSUM',
    is_fulltext_enabled: 1,
    service_broker_guid: stableGuid(`${database.guid}/broker`),
    ...logReuse(database, facts),
    ...availability,
    containment_desc: 'NONE',
  }
}

const mirroringStates = { SUSPENDED: 0, DISCONNECTED: 1, SYNCHRONIZING: 2, SYNCHRONIZED: 4 } as const

function mirroringRow({ guid: seed, mirroring }: SqlDatabase): Row {
  if (!mirroring) return {}
  const witness = mirroring.witness !== null
  return {
    mirroring_guid: stableGuid(`${seed}/mirroring`),
    mirroring_state: mirroringStates[mirroring.state],
    mirroring_state_desc: mirroring.state,
    mirroring_role: mirroring.role === 'PRINCIPAL' ? 1 : 2,
    mirroring_role_desc: mirroring.role,
    mirroring_role_sequence: 1,
    mirroring_safety_level: mirroring.safety === 'FULL' ? 2 : 1,
    mirroring_safety_level_desc: mirroring.safety,
    mirroring_safety_sequence: 1,
    mirroring_partner_name: `TCP://${mirroring.partnerInstance.split('\\')[0] ?? ''}:5022`,
    mirroring_partner_instance: mirroring.partnerInstance.toUpperCase(),
    mirroring_witness_name: witness ? `TCP://${mirroring.witness?.split('\\')[0] ?? ''}:7022` : '',
    mirroring_witness_state: witness ? 1 : 0,
    mirroring_witness_state_desc: witness ? 'CONNECTED' : 'UNKNOWN',
  }
}
