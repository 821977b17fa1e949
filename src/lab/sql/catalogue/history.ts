import { localTime } from '../engine.ts'
import type { SqlBackup, SqlServerFacts } from '../facts.ts'
import { factsOf } from '../run/frame.ts'
import { releaseOf, serverName } from '../versions.ts'
import { stableGuid } from './databases.ts'
import { zeros, type Row, type TableDefinition } from './table.ts'

/** Media sets in the order of their first backup; `media_set_id` is the place in it. */
function mediaSets(facts: SqlServerFacts): Map<string, { id: number; first: SqlBackup }> {
  const found = new Map<string, { id: number; first: SqlBackup }>()
  for (const backup of facts.backups)
    if (!found.has(backup.mediaGuid)) found.set(backup.mediaGuid, { id: found.size + 1, first: backup })
  return found
}

/** Backup dates are kept in whole seconds. */
function wholeSeconds(moment: Date): Date {
  return new Date(Math.floor(moment.getTime() / 1000) * 1000)
}

function backupRow(backup: SqlBackup, index: number, facts: SqlServerFacts): Row {
  const { major, minor, build, databaseVersion } = releaseOf(facts)
  const startedAt = wholeSeconds(localTime(facts, backup.startedAt))
  const lsn = BigInt(Math.floor(new Date(backup.startedAt).getTime() / 1000)) * 1_000_000_000n
  return {
    ...zeros('is_snapshot is_readonly is_single_user is_damaged has_incomplete_metadata is_force_offline'),
    backup_set_id: index + 1,
    backup_set_uuid: backup.setGuid,
    media_set_id: mediaSets(facts).get(backup.mediaGuid)?.id ?? 0,
    first_family_number: 1,
    first_media_number: 1,
    last_family_number: 1,
    last_media_number: 1,
    software_vendor_id: 4608,
    name: backup.name,
    description: backup.description,
    user_name: backup.user,
    software_major_version: major,
    software_minor_version: minor,
    software_build_version: build,
    time_zone: Math.round(facts.utcOffsetMinutes / 15),
    position: backup.position,
    first_lsn: lsn,
    last_lsn: lsn + 1n,
    checkpoint_lsn: lsn,
    database_backup_lsn: 0n,
    database_creation_date: startedAt,
    backup_start_date: startedAt,
    backup_finish_date: wholeSeconds(localTime(facts, backup.finishedAt)),
    type: backup.type,
    compatibility_level: Math.min(major * 10, 160),
    database_version: databaseVersion,
    backup_size: BigInt(backup.bytes),
    database_name: backup.database,
    server_name: serverName(facts),
    machine_name: facts.machine,
    collation_name: 'Latin1_General_CI_AS',
    has_backup_checksums: Number(backup.checksums),
    is_copy_only: Number(backup.copyOnly),
    recovery_model: backup.recoveryModel.replace('_', '-'),
    family_guid: stableGuid(`${backup.databaseGuid}/family`),
    database_guid: backup.databaseGuid.toUpperCase(),
    compressed_backup_size: BigInt(backup.compressedBytes),
  }
}

export const historyViews: Record<string, TableDefinition> = {
  'msdb.dbo.backupset': {
    needs: 'msdb',
    columns: `backup_set_id int, backup_set_uuid uniqueidentifier, media_set_id int, first_family_number tinyint,
      first_media_number smallint, last_family_number tinyint, last_media_number smallint,
      software_vendor_id int, name nvarchar(128), description nvarchar(255), user_name nvarchar(128),
      software_major_version tinyint, software_minor_version tinyint, software_build_version smallint,
      time_zone smallint, position int, first_lsn decimal(25), last_lsn decimal(25), checkpoint_lsn decimal(25),
      database_backup_lsn decimal(25), database_creation_date datetime, backup_start_date datetime,
      backup_finish_date datetime, type varchar(1), compatibility_level tinyint, database_version int,
      backup_size decimal(20), database_name nvarchar(128), server_name nvarchar(128),
      machine_name nvarchar(128), collation_name nvarchar(128), is_snapshot bit, is_readonly bit,
      is_single_user bit, has_backup_checksums bit, is_damaged bit, has_incomplete_metadata bit,
      is_force_offline bit, is_copy_only bit, recovery_model nvarchar(60), family_guid uniqueidentifier,
      database_guid uniqueidentifier, compressed_backup_size decimal(20), key_algorithm nvarchar(32) @12`,
    rows: (frame) => factsOf(frame).backups.map((backup, index) => backupRow(backup, index, factsOf(frame))),
  },
  'msdb.dbo.backupmediafamily': {
    needs: 'msdb',
    columns: `media_set_id int, family_sequence_number tinyint, media_family_id uniqueidentifier, media_count int,
      logical_device_name nvarchar(128), physical_device_name nvarchar(260), device_type tinyint,
      physical_block_size int, mirror tinyint`,
    rows: (frame) =>
      [...mediaSets(factsOf(frame)).values()].map(({ id, first }) => ({
        media_set_id: id,
        family_sequence_number: 1,
        media_family_id: stableGuid(`${first.mediaGuid}/family`),
        media_count: 1,
        physical_device_name: first.path,
        device_type: 2,
        physical_block_size: 512,
        mirror: 0,
      })),
  },
  'msdb.dbo.backupmediaset': {
    needs: 'msdb',
    columns: `media_set_id int, media_uuid uniqueidentifier, media_family_count tinyint, name nvarchar(128),
      description nvarchar(255), software_name nvarchar(128), software_vendor_id int, mtf_major_version tinyint,
      mirror_count tinyint, is_password_protected bit, is_compressed bit`,
    rows: (frame) =>
      [...mediaSets(factsOf(frame)).values()].map(({ id, first }) => ({
        media_set_id: id,
        media_uuid: first.mediaGuid,
        media_family_count: 1,
        software_name: 'Microsoft SQL Server',
        software_vendor_id: 4608,
        mtf_major_version: 1,
        mirror_count: 1,
        is_password_protected: 0,
        is_compressed: Number(first.compressed),
      })),
  },
  'msdb.dbo.restorehistory': {
    needs: 'msdb',
    columns: `restore_history_id int, restore_date datetime, destination_database_name nvarchar(128),
      user_name nvarchar(128), backup_set_id int, restore_type varchar(1), replace bit, recovery bit,
      restart bit, stop_at datetime, device_count tinyint`,
    rows: (frame) =>
      factsOf(frame).restores.map((restore, index) => ({
        restore_history_id: index + 1,
        restore_date: localTime(factsOf(frame), restore.at),
        destination_database_name: restore.database,
        user_name: restore.user,
        backup_set_id: factsOf(frame).backups.findIndex((backup) => backup.setGuid === restore.setGuid) + 1,
        restore_type: 'D',
        replace: Number(restore.replaced),
        recovery: 1,
        restart: 0,
        device_count: 1,
      })),
  },
}
