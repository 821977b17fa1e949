import { databaseId, findDatabase } from '../engine.ts'
import { EngineError, unknownObject } from '../errors.ts'
import type { SqlDatabase } from '../facts.ts'
import { factsOf, isAdministrator, type Frame } from '../run/frame.ts'
import type { Value } from '../values.ts'
import { releaseOf } from '../versions.ts'
import type { Column } from '../wire/tokens.ts'
import { availabilityViews } from './availability.ts'
import { databaseViews } from './databases.ts'
import { historyViews } from './history.ts'
import { objectViews, userTable } from './objects.ts'
import { sessionViews } from './sessions.ts'
import { columnsOf, valuesOf, type TableDefinition } from './table.ts'

const views = new Map(
  Object.entries({ ...databaseViews, ...sessionViews, ...availabilityViews, ...historyViews, ...objectViews }),
)

export interface ResolvedTable {
  columns: Column[]
  rows(values: readonly Value[]): Value[][]
}

/** A table, view or table function by its name of up to three parts, as this version of the server has it. */
export function resolveTable(name: readonly string[], isFunction: boolean, frame: Frame): ResolvedTable {
  if (name.length > 3)
    throw new EngineError(7202, `Could not find server '${name[0] ?? ''}' in sys.servers.`, { severity: 11, state: 2 })
  const facts = factsOf(frame)
  const object = name.at(-1) ?? ''
  const schema = (name.at(-2) ?? '').toLowerCase()
  const database = name.length === 3 && name[0] !== '' ? (name[0] ?? '') : frame.session.database
  if (databaseId(facts, database) === null) throw unknownObject(name.join('.'))
  const definition = find(frame, database.toLowerCase(), schema, object, isFunction)
  const major = releaseOf(facts).major
  if (!definition || (definition.since ?? 0) > major) throw unknownObject(name.join('.'))
  checkRight(definition, object, frame)
  checkOpen(findDatabase(facts, database))
  const columns = columnsOf(definition.columns, facts)
  return {
    columns,
    rows: (values) => definition.rows(frame, database, values).map((row) => valuesOf(row, columns)),
  }
}

function find(
  frame: Frame,
  database: string,
  schema: string,
  object: string,
  isFunction: boolean,
): TableDefinition | null {
  const key = object.toLowerCase() + (isFunction ? '()' : '')
  if (schema === 'sys') return views.get(`sys.${key}`) ?? null
  if (schema !== 'dbo' && schema !== '') return null
  return (database === 'msdb' ? views.get(`msdb.dbo.${key}`) : undefined) ?? userTable(frame, database, object)
}

function checkRight(definition: TableDefinition, object: string, frame: Frame): void {
  if (!definition.needs || isAdministrator(frame)) return
  if (definition.needs === 'msdb')
    throw new EngineError(
      229,
      `The SELECT permission was denied on the object '${object}', database 'msdb', schema 'dbo'.`,
      { severity: 14, state: 5 },
    )
  const also = [new EngineError(297, 'The user does not have permission to perform this action.')]
  throw new EngineError(300, `VIEW SERVER STATE permission was denied on object 'server', database 'master'.`, {
    severity: 14,
    also,
  })
}

/** Refuses a database that cannot be opened now. */
export function checkOpen(database: SqlDatabase | undefined): void {
  if (!database || database.state === 'ONLINE' || database.state === 'EMERGENCY') return
  const name = database.name
  if (database.mirroring?.role === 'MIRROR')
    throw new EngineError(954, `The database "${name}" cannot be opened. It is acting as a mirror database.`, {
      severity: 14,
    })
  if (database.state === 'OFFLINE')
    throw new EngineError(942, `Database '${name}' cannot be opened because it is offline.`, { severity: 14, state: 4 })
  if (database.state === 'RESTORING')
    throw new EngineError(927, `Database '${name}' cannot be opened. It is in the middle of a restore.`, {
      severity: 14,
      state: 2,
    })
  if (database.state === 'RECOVERING')
    throw new EngineError(922, `Database '${name}' is being recovered. Waiting until recovery is finished.`, {
      severity: 14,
      state: 2,
    })
  if (database.state === 'SUSPECT')
    throw new EngineError(
      926,
      `Database '${name}' cannot be opened. It has been marked SUSPECT by recovery. See the SQL Server errorlog for more information.`,
      { severity: 14 },
    )
  throw new EngineError(
    945,
    `Database '${name}' cannot be opened due to inaccessible files or insufficient memory or disk space.  See the SQL Server errorlog for details.`,
    { severity: 14, state: 2 },
  )
}
