import { findDatabase, localTime } from '../engine.ts'
import { factsOf, type Frame } from '../run/frame.ts'
import type { Row, TableDefinition } from './table.ts'

const firstObject = 245_575_913
const objectStep = 32_000_133

/** The user's tables of a database with an object id each. */
function tablesOf(frame: Frame, database: string): { id: number; name: string; rows: number; at: Date }[] {
  const found = findDatabase(factsOf(frame), database)
  if (!found) return []
  const at = localTime(factsOf(frame), found.createdAt)
  return Object.entries(found.tables).map(([name, rows], index) => ({
    id: (firstObject + index * objectStep) % 2_000_000_000,
    name,
    rows,
    at,
  }))
}

function objectRow({ id, name, at }: { id: number; name: string; at: Date }): Row {
  return {
    object_id: id,
    name,
    schema_id: 1,
    parent_object_id: 0,
    type: 'U ',
    type_desc: 'USER_TABLE',
    create_date: at,
    modify_date: at,
    is_ms_shipped: 0,
  }
}

const objectColumns = `name sysname, object_id int, schema_id int, parent_object_id int, type varchar(2), type_desc nvarchar(60),
      create_date datetime, modify_date datetime, is_ms_shipped bit`

/** Views that show the database in which they are asked. */
export const objectViews: Record<string, TableDefinition> = {
  'sys.tables': { columns: objectColumns, rows: (frame, database) => tablesOf(frame, database).map(objectRow) },
  'sys.objects': { columns: objectColumns, rows: (frame, database) => tablesOf(frame, database).map(objectRow) },
  'sys.schemas': {
    columns: `name sysname, schema_id int, principal_id int`,
    rows: () => [
      { name: 'dbo', schema_id: 1, principal_id: 1 },
      { name: 'sys', schema_id: 4, principal_id: 4 },
    ],
  },
  'sys.partitions': {
    columns: `partition_id bigint, object_id int, index_id int, partition_number int, hobt_id bigint, rows bigint`,
    rows: (frame, database) =>
      tablesOf(frame, database).map(({ id, rows }) => ({
        partition_id: BigInt(id),
        object_id: id,
        index_id: 1,
        partition_number: 1,
        hobt_id: BigInt(id),
        rows: BigInt(rows),
      })),
  },
  'sys.dm_db_partition_stats': {
    needs: 'server state',
    columns: `partition_id bigint, object_id int, index_id int, partition_number int, used_page_count bigint,
      row_count bigint`,
    rows: (frame, database) =>
      tablesOf(frame, database).map(({ id, rows }) => ({
        partition_id: BigInt(id),
        object_id: id,
        index_id: 1,
        partition_number: 1,
        used_page_count: 1n,
        row_count: BigInt(rows),
      })),
  },
}

/** A table of the user's own: what its rows hold is not simulated, how many there are is. */
export function userTable(frame: Frame, database: string, name: string): TableDefinition | null {
  const found = tablesOf(frame, database).find((table) => table.name.toLowerCase() === name.toLowerCase())
  if (!found) return null
  return { columns: `Id int`, rows: () => Array.from({ length: found.rows }, (_, index) => ({ Id: index + 1 })) }
}
