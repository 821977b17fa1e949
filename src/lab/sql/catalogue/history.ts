import { localTime } from '../engine.ts'
import type { SqlBackup, SqlServerFacts } from '../facts.ts'
import { factsOf } from '../run/frame.ts'
import { releaseOf, serverName } from '../versions.ts'
import { stableGuid } from './databases.ts'
import { logBackups } from './log-backups.ts'
import type { Row, TableDefinition } from './table.ts'

/** Media sets in the order of their first backup; `media_set_id` is the place in it, from 1. */
function mediaSets(facts: SqlServerFacts): SqlBackup[] {
  return [...new Map(facts.backups.toReversed().map((backup) => [backup.mediaGuid, backup])).values()].reverse()
}

function mediaId(backup: SqlBackup, facts: SqlServerFacts): number {
  return mediaSets(facts).findIndex(({ mediaGuid }) => mediaGuid === backup.mediaGuid) + 1
}

/** Backup dates are kept in whole seconds. */
function wholeSeconds(moment: Date): Date {
  return new Date(Math.floor(moment.getTime() / 1000) * 1000)
}

function backupRow(backup: SqlBackup, index: number, facts: SqlServerFacts): Row {
  const { major, minor, build } = releaseOf(facts)
  return {
    backup_set_id: index + 1,
    backup_set_uuid: backup.setGuid,
    media_set_id: mediaId(backup, facts),
    name: backup.name,
    description: backup.description,
    user_name: backup.user,
    software_major_version: major,
    software_minor_version: minor,
    software_build_version: build,
    position: backup.position,
    backup_start_date: wholeSeconds(localTime(facts, backup.startedAt)),
    backup_finish_date: wholeSeconds(localTime(facts, backup.finishedAt)),
    type: backup.type,
    backup_size: BigInt(backup.bytes),
    compressed_backup_size: BigInt(backup.compressedBytes),
    database_name: backup.database,
    database_guid: backup.databaseGuid.toUpperCase(),
    server_name: serverName(facts),
    machine_name: facts.machine,
    has_backup_checksums: Number(backup.checksums),
    is_damaged: 0,
    is_copy_only: Number(backup.copyOnly),
    recovery_model: backup.recoveryModel.replace('_', '-'),
  }
}

export const historyViews: Record<string, TableDefinition> = {
  'msdb.dbo.backupset': {
    needs: 'msdb.dbo.backupset',
    columns: `backup_set_id int, backup_set_uuid uniqueidentifier, media_set_id int, name nvarchar(128),
      description nvarchar(255), user_name nvarchar(128), software_major_version tinyint,
      software_minor_version tinyint, software_build_version smallint, position int, backup_start_date datetime,
      backup_finish_date datetime, type char(1), backup_size decimal(20), compressed_backup_size decimal(20),
      database_name nvarchar(128), database_guid uniqueidentifier, server_name nvarchar(128),
      machine_name nvarchar(128), has_backup_checksums bit, is_damaged bit, is_copy_only bit,
      recovery_model nvarchar(60)`,
    rows: (frame) =>
      [...factsOf(frame).backups, ...logBackups(factsOf(frame), frame.now)].map((backup, index) =>
        backupRow(backup, index, factsOf(frame)),
      ),
  },
  'msdb.dbo.backupmediafamily': {
    needs: 'msdb.dbo.backupmediafamily',
    columns: `media_set_id int, family_sequence_number tinyint, physical_device_name nvarchar(260), device_type tinyint`,
    rows: (frame) =>
      mediaSets(factsOf(frame)).map(({ path }, index) => ({
        media_set_id: index + 1,
        family_sequence_number: 1,
        physical_device_name: path,
        device_type: 2,
      })),
  },
  'msdb.dbo.restorehistory': {
    needs: 'msdb.dbo.restorehistory',
    columns: `restore_history_id int, restore_date datetime, destination_database_name nvarchar(128),
      user_name nvarchar(128), backup_set_id int, restore_type char(1), replace bit, recovery bit`,
    rows: (frame) =>
      factsOf(frame).restores.map((restore, index) => ({
        restore_history_id: index + 1,
        restore_date: localTime(factsOf(frame), restore.at),
        destination_database_name: restore.database,
        user_name: restore.user,
        backup_set_id: factsOf(frame).backups.findIndex((backup) => backup.setGuid === restore.setGuid) + 1,
        restore_type: 'D',
        replace: Number(restore.replaced),
        recovery: Number(!restore.unrecovered),
      })),
  },
  'msdb.dbo.log_shipping_primary_databases': {
    needs: 'msdb.dbo.log_shipping_primary_databases',
    columns: `primary_id uniqueidentifier, primary_database sysname`,
    rows: (frame) =>
      (factsOf(frame).logShipping ?? []).map((database) => ({
        primary_id: stableGuid(`log shipping ${database}`),
        primary_database: database,
      })),
  },
}
