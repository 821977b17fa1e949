import { checkOpen } from '../catalogue/resolve.ts'
import { databaseId, findDatabase, type Session } from '../engine.ts'
import { EngineError } from '../errors.ts'
import type { SqlDatabase } from '../facts.ts'
import { valueOf } from '../run/expression.ts'
import { factsOf, type Frame } from '../run/frame.ts'
import { isAdministrator } from '../run/rights.ts'
import type { StatementOf } from '../tsql/ast.ts'
import { numberOf } from '../values.ts'

/** Whether anybody works in a database, this session included; SINGLE_USER keeps the programs of other machines out. */
export function inUse(name: string, frame: Frame): boolean {
  const database = findDatabase(factsOf(frame), name)
  if (database?.state === 'ONLINE' && !database.singleUser && frame.engine.isHeld(database.name)) return true
  return frame.session.database.toLowerCase() === name.toLowerCase() || othersIn(name, frame).length > 0
}

export function othersIn(name: string, frame: Frame): Session[] {
  return [...frame.engine.sessions.values()].filter(
    (session) => session.id !== frame.session.id && session.database.toLowerCase() === name.toLowerCase(),
  )
}

export function dropDatabase(statement: StatementOf<'dropDatabase'>, frame: Frame): void {
  const { databases } = factsOf(frame)
  for (const name of statement.databases) {
    const database = findDatabase(factsOf(frame), name)
    if (!database || !isAdministrator(frame)) throw new EngineError(3701, name)
    if (database.mirroring) throw new EngineError(3743, name)
    if (database.availabilityGroup) throw new EngineError(3752, name)
    if (inUse(name, frame)) throw new EngineError(3702, name)
    databases.splice(databases.indexOf(database), 1)
  }
  frame.engine.changed()
  frame.sink.done(null)
}

const changes: Record<string, (database: SqlDatabase) => void> = {
  single_user: (database) => void (database.singleUser = true),
  multi_user: (database) => void (database.singleUser = false),
}
const rollback = ' with rollback immediate'

/** ALTER DATABASE ... SET: who may use it. Other changes are error 102. */
export function changeDatabase(statement: StatementOf<'alterDatabase'>, frame: Frame): void {
  const database = findDatabase(factsOf(frame), statement.database)
  if (!database || !isAdministrator(frame)) throw new EngineError(5011, statement.database)
  const change = changes[statement.change.replace(rollback, '')]
  if (!change) throw new EngineError(102, statement.change.split(' ')[0] ?? 'set')
  if (database.mirroring || database.availabilityGroup) throw new EngineError(1468, database.name)
  if (database.state === 'RESTORING') throw new EngineError(5052, 'ALTER DATABASE', 'Restoring')
  if (database.singleUser && othersIn(database.name, frame).length > 0) throw new EngineError(5064, database.name)
  if (statement.change.endsWith(rollback)) for (const session of othersIn(database.name, frame)) session.kill()
  change(database)
  frame.engine.changed()
  frame.sink.done(null)
}

export function checkDatabase(statement: StatementOf<'check'>, frame: Frame): void {
  const facts = factsOf(frame)
  const name = statement.database ? String(valueOf(statement.database, frame)) : frame.session.database
  if (databaseId(facts, name) === null) throw new EngineError(2520, name)
  if (!isAdministrator(frame)) throw new EngineError(2571, frame.session.login.user, 'checkdb')
  const database = findDatabase(facts, name)
  checkOpen(database)
  const damaged = (database?.corruptPages ?? 0) + (database?.logicalErrors ?? 0)
  for (let page = 1; page <= damaged; page++) frame.sink.error(new EngineError(8939, 100 + page))
  frame.sink.info(8989, damaged, name)
  frame.sink.info(2528)
  frame.sink.done(null)
}

export function killSession(statement: StatementOf<'kill'>, frame: Frame): void {
  const id = numberOf(valueOf(statement.session, frame))
  if (!isAdministrator(frame)) throw new EngineError(6102)
  if (id === frame.session.id) throw new EngineError(6104)
  const session = frame.engine.sessions.get(id)
  if (!session) throw new EngineError(6106, id)
  session.kill()
  frame.sink.done(null)
}
