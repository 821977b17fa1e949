import { databaseId, findDatabase } from '../engine.ts'
import { EngineError } from '../errors.ts'
import type { DatabaseState, SqlDatabase } from '../facts.ts'
import { factsOf, type Frame } from '../run/frame.ts'
import { isGranted, mayRead } from '../run/rights.ts'
import type { Value } from '../values.ts'
import { releaseOf } from '../versions.ts'
import type { Column } from '../wire/tokens.ts'
import { availabilityViews } from './availability.ts'
import { certificateViews } from './certificates.ts'
import { contentViews } from './contents.ts'
import { databaseViews } from './databases.ts'
import { historyViews } from './history.ts'
import { sessionViews } from './sessions.ts'
import { columnsOf, valuesOf, type TableDefinition } from './table.ts'

const views = new Map(
  Object.entries({
    ...{ ...databaseViews, ...contentViews, ...sessionViews, ...availabilityViews, ...historyViews },
    ...certificateViews,
  }),
)

/** A table or view by its name of up to three parts, as this version of the server has it. */
export function resolveTable(name: readonly string[], frame: Frame): { columns: Column[]; rows: () => Value[][] } {
  if (name.length > 3) throw new EngineError(7202, name[0] ?? '')
  const facts = factsOf(frame)
  const database = name.length === 3 && name[0] !== '' ? (name[0] ?? '') : frame.session.database
  const definition = databaseId(facts, database) === null ? null : find(name, database.toLowerCase(), frame)
  if (!definition || (definition.since ?? 0) > releaseOf(facts).major) throw new EngineError(208, name.join('.'))
  checkRight(definition, name.at(-1) ?? '', frame)
  checkOpen(findDatabase(facts, database))
  const columns = columnsOf(definition.columns, facts)
  return { columns, rows: () => definition.rows(frame).map((row) => valuesOf(row, columns)) }
}

function find(name: readonly string[], database: string, frame: Frame): TableDefinition | null {
  const object = (name.at(-1) ?? '').toLowerCase()
  const schema = (name.at(-2) ?? '').toLowerCase()
  if (schema === 'sys') return views.get(`sys.${object}`) ?? null
  if (schema !== 'dbo' && schema !== '') return null
  return (database === 'msdb' ? views.get(`msdb.dbo.${object}`) : undefined) ?? userTable(database, object, frame)
}

/** A table of the user's own: what its rows hold is not simulated, how many there are is. */
function userTable(database: string, object: string, frame: Frame): TableDefinition | null {
  const tables = Object.entries(findDatabase(factsOf(frame), database)?.tables ?? {})
  const count = tables.find(([name]) => name.toLowerCase() === object)?.[1]
  if (count === undefined) return null
  return { columns: 'Id int', rows: () => Array.from({ length: count }, (_, index) => ({ Id: index + 1 })) }
}

function checkRight({ needs }: TableDefinition, object: string, frame: Frame): void {
  if (needs === undefined) return
  if (needs !== 'server state') {
    if (!mayRead(needs, frame)) throw new EngineError(229, object)
    return
  }
  if (isGranted('VIEW SERVER STATE', frame)) return
  const error = new EngineError(300)
  error.also = [new EngineError(297)]
  throw error
}

/** The error that answers who opens a database in such a state. */
const closed: Partial<Record<DatabaseState, number>> = { OFFLINE: 942, RESTORING: 927, RECOVERING: 922, SUSPECT: 926 }

/** Refuses a database that cannot be opened now. */
export function checkOpen(database: SqlDatabase | undefined): void {
  if (!database || database.state === 'ONLINE' || database.state === 'EMERGENCY') return
  throw new EngineError(database.mirroring?.role === 'MIRROR' ? 954 : (closed[database.state] ?? 945), database.name)
}
