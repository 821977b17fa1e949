import { findDatabase } from '../engine.ts'
import { factsOf, type Frame } from '../run/frame.ts'
import type { Row, TableDefinition } from './table.ts'

/** Views of what is inside the database that the session is in. */
export const contentViews: Record<string, TableDefinition> = {
  'sys.tables': {
    columns: `name sysname, object_id int, schema_id int, type char(2), is_ms_shipped bit`,
    rows: (frame) =>
      tablesOf(frame).map(([name], index) => ({
        name,
        object_id: objectId(index),
        schema_id: 1,
        type: 'U ',
        is_ms_shipped: 0,
      })),
  },
  // Each table has a second index, whose rows are the same ones.
  'sys.partitions': {
    columns: `partition_id bigint, object_id int, index_id int, partition_number int, rows bigint`,
    rows: (frame) =>
      tablesOf(frame).flatMap(([, count], index) =>
        [1, 2].map((indexId) => ({
          partition_id: BigInt(index * 2 + indexId),
          object_id: objectId(index),
          index_id: indexId,
          partition_number: 1,
          rows: BigInt(count),
        })),
      ),
  },
  'sys.database_principals': {
    columns: `name sysname, principal_id int, type char(1)`,
    rows: (frame) => {
      const { roles, members } = principals(frame)
      return [
        ...roles.map((name, index): Row => ({ name, principal_id: roleId(index), type: 'R' })),
        ...members.map((name, index): Row => ({ name, principal_id: memberId(index), type: 'G' })),
      ]
    },
  },
  'sys.database_role_members': {
    columns: `role_principal_id int, member_principal_id int`,
    rows(frame) {
      const { roles, members, of } = principals(frame)
      return roles.flatMap((role, index) =>
        (of[role] ?? []).map((name) => ({
          role_principal_id: roleId(index),
          member_principal_id: memberId(members.indexOf(name)),
        })),
      )
    },
  },
}

function tablesOf(frame: Frame): [string, number][] {
  return Object.entries(findDatabase(factsOf(frame), frame.session.database)?.tables ?? {})
}

const objectId = (index: number): number => 245_575_913 + 16 * index
const roleId = (index: number): number => 16_400 + index
const memberId = (index: number): number => 5 + index

function principals(frame: Frame): { of: Record<string, string[]>; roles: string[]; members: string[] } {
  const of = findDatabase(factsOf(frame), frame.session.database)?.roles ?? {}
  return { of, roles: Object.keys(of), members: [...new Set(Object.values(of).flat())] }
}
