import { guidOf } from '../../chance.ts'
import { localTime, systemDatabases } from '../engine.ts'
import { newDatabase, type DatabaseState, type SqlDatabase, type SqlServerFacts } from '../facts.ts'
import { factsOf, type Frame } from '../run/frame.ts'
import { isAdministrator, seesDatabase, seesFiles } from '../run/rights.ts'
import { pageBytes } from '../tape/pages.ts'
import { releaseOf } from '../versions.ts'
import type { Row, TableDefinition } from './table.ts'

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

/** System and user databases with their ids, as one list. */
export function allDatabases(facts: SqlServerFacts): { id: number; database: SqlDatabase }[] {
  return [...systemDatabases.map((name) => systemDatabase(name, facts)), ...facts.databases].map((database, index) => ({
    id: index + 1,
    database,
  }))
}

function systemDatabase(name: string, facts: SqlServerFacts): SqlDatabase {
  return {
    ...newDatabase(name, stableGuid(`${facts.host}\\${facts.instance}/${name}`), '2003-04-08T09:13:36.390Z'),
    recoveryModel: name === 'model' ? 'FULL' : 'SIMPLE',
  }
}

/** Those whose rows the login may see. */
function visible(frame: Frame): { id: number; database: SqlDatabase }[] {
  return allDatabases(factsOf(frame)).filter(({ database }) => seesDatabase(database.name, frame))
}

export function collationOf({ collation }: SqlDatabase): string {
  return collation ?? 'Latin1_General_CI_AS'
}

/** Who wants something of a database that AUTO_CLOSE has closed opens it. */
export function openUp(database: SqlDatabase, frame: Frame): void {
  if (database.autoClose !== 'closed') return
  database.autoClose = 'open'
  frame.engine.changed()
}

/** A uniqueidentifier that is the same whenever `seed` is. */
export function stableGuid(seed: string): string {
  return guidOf(seed.toLowerCase()).toUpperCase()
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

/** Both files of a database. */
function fileRows({ id, database }: { id: number; database: SqlDatabase }, facts: SqlServerFacts): Row[] {
  const { data, log } = filesOf(database, facts)
  const both = { database_id: id, state: stateNumbers[database.state], state_desc: database.state }
  const { name } = database
  const pages = Math.ceil(database.sizeBytes / pageBytes)
  return [
    { ...both, file_id: 1, type: 0, type_desc: 'ROWS', name, physical_name: data, size: pages },
    { ...both, file_id: 2, type: 1, type_desc: 'LOG', name: `${name}_log`, physical_name: log, size: 128 },
  ]
}

/** Logs that nobody backs up keep growing under FULL. */
function logReuse({ guid, recoveryModel }: SqlDatabase, { backups }: SqlServerFacts): Row {
  const waits =
    recoveryModel !== 'SIMPLE' &&
    backups.some(({ databaseGuid, copyOnly }) => databaseGuid.toUpperCase() === guid.toUpperCase() && !copyOnly)
  return { log_reuse_wait: waits ? 2 : 0, log_reuse_wait_desc: waits ? 'LOG_BACKUP' : 'NOTHING' }
}

export const databaseViews: Record<string, TableDefinition> = {
  'sys.databases': {
    columns: `name sysname, database_id int, create_date datetime, compatibility_level tinyint,
      collation_name sysname, user_access tinyint, user_access_desc nvarchar(60), is_read_only bit, is_auto_close_on bit, state tinyint,
      state_desc nvarchar(60), recovery_model tinyint, recovery_model_desc nvarchar(60), log_reuse_wait tinyint,
      log_reuse_wait_desc nvarchar(60), is_encrypted bit, replica_id uniqueidentifier @11, group_database_id uniqueidentifier @11`,
    rows: (frame) => visible(frame).map(({ id, database }) => databaseRow(id, database, factsOf(frame))),
  },
  'sys.database_recovery_status': {
    columns: `database_id int, database_guid uniqueidentifier, family_guid uniqueidentifier`,
    // "If the database is not opened, the Database Engine tries to start it": one that cannot be shows nothing but its id.
    rows: (frame) =>
      visible(frame).map(({ id, database }) => {
        if (database.state !== 'ONLINE' && database.state !== 'EMERGENCY') return { database_id: id }
        openUp(database, frame)
        return { database_id: id, database_guid: database.guid.toUpperCase(), family_guid: familyOf(database) }
      }),
  },
  'sys.master_files': {
    columns: `database_id int, file_id int, type tinyint, type_desc nvarchar(60), name sysname,
      physical_name nvarchar(260), state tinyint, state_desc nvarchar(60), size int`,
    rows: (frame) =>
      allDatabases(factsOf(frame))
        .filter(({ id }) => id <= 2 || seesFiles(frame))
        .flatMap((entry) => fileRows(entry, factsOf(frame))),
  },
  'sys.database_files': {
    columns: `file_id int, type tinyint, type_desc nvarchar(60), name sysname, physical_name nvarchar(260),
      state tinyint, state_desc nvarchar(60), size int`,
    // Of the database that the session is in.
    rows: (frame) =>
      allDatabases(factsOf(frame))
        .filter(({ database }) => database.name.toLowerCase() === frame.session.database.toLowerCase())
        .flatMap((entry) => fileRows(entry, factsOf(frame))),
  },
  'sys.database_mirroring': {
    columns: `database_id int, mirroring_guid uniqueidentifier, mirroring_state tinyint,
      mirroring_state_desc nvarchar(60), mirroring_role tinyint, mirroring_role_desc nvarchar(60),
      mirroring_safety_level tinyint, mirroring_safety_level_desc nvarchar(60), mirroring_partner_name nvarchar(128),
      mirroring_partner_instance nvarchar(128), mirroring_witness_name nvarchar(128),
      mirroring_witness_state tinyint, mirroring_witness_state_desc nvarchar(60)`,
    // Of a mirror, which is never ONLINE, values are shown to members of sysadmin alone.
    rows: (frame) =>
      visible(frame).map(({ id, database }) => ({
        database_id: id,
        ...(database.state === 'ONLINE' || isAdministrator(frame) ? mirroringRow(database) : {}),
      })),
  },
}

function databaseRow(id: number, database: SqlDatabase, facts: SqlServerFacts): Row {
  const { name, state, recoveryModel, singleUser, availabilityGroup } = database
  const group = availabilityGroup && {
    replica_id: stableGuid(`${availabilityGroup.group}/${facts.host}\\${facts.instance}`),
    group_database_id: stableGuid(`${availabilityGroup.group}/${name}`),
  }
  return {
    name,
    database_id: id,
    create_date: localTime(facts, database.createdAt),
    compatibility_level: Math.min(releaseOf(facts).major * 10, 160),
    collation_name: state === 'ONLINE' && database.autoClose !== 'closed' ? collationOf(database) : null,
    user_access: Number(singleUser),
    user_access_desc: singleUser ? 'SINGLE_USER' : 'MULTI_USER',
    is_read_only: Number(database.readOnly),
    is_auto_close_on: Number(database.autoClose !== undefined),
    is_encrypted: Number(database.encryptor !== undefined),
    state: stateNumbers[state],
    state_desc: state,
    recovery_model: recoveryNumbers[recoveryModel],
    recovery_model_desc: recoveryModel,
    ...logReuse(database, facts),
    ...group,
  }
}

const mirroringStates = { SUSPENDED: 0, DISCONNECTED: 1, SYNCHRONIZING: 2, SYNCHRONIZED: 4 } as const

function mirroringRow({ guid: seed, mirroring }: SqlDatabase): Row {
  if (!mirroring) return {}
  const witness = mirroring.witness !== null
  const connected = witness && mirroring.witnessLost !== true
  const [host = '', ...instance] = mirroring.partnerInstance.split('\\')
  return {
    mirroring_guid: stableGuid(`${seed}/mirroring`),
    mirroring_state: mirroringStates[mirroring.state],
    mirroring_state_desc: mirroring.state,
    mirroring_role: mirroring.role === 'PRINCIPAL' ? 1 : 2,
    mirroring_role_desc: mirroring.role,
    mirroring_safety_level: mirroring.safety === 'FULL' ? 2 : 1,
    mirroring_safety_level_desc: mirroring.safety,
    mirroring_partner_name: `TCP://${host}:5022`,
    mirroring_partner_instance: [host.split('.')[0], ...instance].join('\\').toUpperCase(),
    mirroring_witness_name: witness ? `TCP://${mirroring.witness?.split('\\')[0] ?? ''}:7022` : '',
    mirroring_witness_state: connected ? 1 : witness ? 2 : 0,
    mirroring_witness_state_desc: connected ? 'CONNECTED' : witness ? 'DISCONNECTED' : 'UNKNOWN',
  }
}
