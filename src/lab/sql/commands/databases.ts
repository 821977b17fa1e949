import { randomUUID } from 'node:crypto'
import { databaseId, findDatabase, utcNow, type Session } from '../engine.ts'
import { EngineError, syntaxError } from '../errors.ts'
import type { SqlDatabase } from '../facts.ts'
import { valueOf } from '../run/scalar.ts'
import { checkOpen } from '../catalogue/resolve.ts'
import { factsOf, isAdministrator, type Frame } from '../run/frame.ts'
import type { Statement } from '../tsql/ast.ts'
import { numberOf } from '../values.ts'
import { releaseOf } from '../versions.ts'

type Of<Node extends Statement['node']> = Statement & { node: Node }

/** Sessions that use a database, this one left out. */
export function usersOf(name: string, frame: Frame): Session[] {
  return [...frame.engine.sessions.values()].filter(
    (session) => session.id !== frame.session.id && session.database.toLowerCase() === name.toLowerCase(),
  )
}

export function createDatabase(statement: Of<'createDatabase'>, frame: Frame): void {
  const facts = factsOf(frame)
  if (!isAdministrator(frame))
    throw new EngineError(262, `CREATE DATABASE permission denied in database 'master'.`, { severity: 14 })
  if (databaseId(facts, statement.database) !== null)
    throw new EngineError(1801, `Database '${statement.database}' already exists. Choose a different database name.`, {
      state: 3,
    })
  facts.databases.push(newDatabase(statement.database, utcNow(facts).toISOString()))
  frame.engine.changed()
  frame.sink.done(null)
}

/** An empty database as CREATE DATABASE makes it. */
export function newDatabase(name: string, createdAt: string): SqlDatabase {
  return {
    name,
    guid: randomUUID().toUpperCase(),
    state: 'ONLINE',
    recoveryModel: 'FULL',
    createdAt,
    sizeBytes: 3 * 1024 * 1024,
    readOnly: false,
    singleUser: false,
    corruptPages: 0,
    tables: {},
    mirroring: null,
    availabilityGroup: null,
  }
}

export function dropDatabase(statement: Of<'dropDatabase'>, frame: Frame): void {
  const facts = factsOf(frame)
  if (statement.lenient && releaseOf(facts).major < 13)
    throw new EngineError(156, `Incorrect syntax near the keyword 'if'.`, { severity: 15 })
  for (const name of statement.databases) {
    const database = findDatabase(facts, name)
    if (!database && statement.lenient) continue
    if (!database || !isAdministrator(frame))
      throw new EngineError(
        3701,
        `Cannot drop the database '${name}', because it does not exist or you do not have permission.`,
        { severity: 11 },
      )
    if (database.mirroring)
      throw new EngineError(
        3743,
        `The database '${name}' is enabled for database mirroring. Database mirroring must be removed before you drop the database.`,
      )
    if (database.availabilityGroup)
      throw new EngineError(
        3752,
        `The database '${name}' is currently joined to an availability group.  Before you can drop the database, you need to remove it from the availability group.`,
      )
    if (frame.session.database.toLowerCase() === name.toLowerCase() || usersOf(name, frame).length > 0)
      throw new EngineError(3702, `Cannot drop database "${name}" because it is currently in use.`, { state: 4 })
    facts.databases.splice(facts.databases.indexOf(database), 1)
  }
  frame.engine.changed()
  frame.sink.done(null)
}

const changes: Record<string, (database: SqlDatabase) => void> = {
  single_user: (database) => void (database.singleUser = true),
  multi_user: (database) => void (database.singleUser = false),
  read_only: (database) => void (database.readOnly = true),
  read_write: (database) => void (database.readOnly = false),
  online: (database) => void (database.state = 'ONLINE'),
  offline: (database) => void (database.state = 'OFFLINE'),
  emergency: (database) => void (database.state = 'EMERGENCY'),
  'recovery simple': (database) => void (database.recoveryModel = 'SIMPLE'),
  'recovery full': (database) => void (database.recoveryModel = 'FULL'),
  'recovery bulk_logged': (database) => void (database.recoveryModel = 'BULK_LOGGED'),
  'partner off': (database) => {
    if (database.mirroring?.role === 'MIRROR') database.state = 'RESTORING'
    database.mirroring = null
  },
  'hadr off': (database) => void (database.availabilityGroup = null),
}

export function changeDatabase(statement: Of<'alterDatabase'>, frame: Frame): void {
  const database = findDatabase(factsOf(frame), statement.database)
  if (!database || !isAdministrator(frame))
    throw new EngineError(
      5011,
      `User does not have permission to alter database '${statement.database}', the database does not exist, or the database is not in a state that allows access checks.`,
      { severity: 14, state: 5 },
    )
  const words = statement.change.join(' ')
  const immediate = / with rollback immediate$/.test(words)
  const change = changes[words.replace(/ with (?:rollback immediate|no_wait)$/, '')]
  if (!change) throw syntaxError(statement.change[0] ?? 'set')
  if ((database.mirroring || database.availabilityGroup) && words.startsWith('recovery '))
    throw new EngineError(
      1468,
      `The operation cannot be performed on database "${database.name}" because it is involved in a database mirroring session or an availability group. Some operations are not allowed on a database that is participating in a database mirroring session or in an availability group.`,
    )
  if (immediate) for (const session of usersOf(database.name, frame)) session.kill()
  change(database)
  frame.engine.changed()
  frame.sink.done(null)
}

export function checkDatabase(statement: Of<'check'>, frame: Frame): void {
  const facts = factsOf(frame)
  const name = statement.database ? String(valueOf(statement.database, frame)) : frame.session.database
  if (databaseId(facts, name) === null)
    throw new EngineError(
      2520,
      `Could not find database '${name}'. The database either does not exist, or was dropped before a statement tried to use it. Verify if the database exists by querying the sys.databases catalog view.`,
      { state: 5 },
    )
  const database = findDatabase(facts, name)
  checkOpen(database)
  const damaged = database?.corruptPages ?? 0
  for (let page = 1; page <= damaged; page++)
    frame.sink.error(
      new EngineError(
        8939,
        `Table error: Object ID 245575913, index ID 1, partition ID 72057594038845440, alloc unit ID 72057594043170816 (type In-row data), page (1:${100 + page}). Test (IS_OFF (BUF_IOERR, pBUF->bstat)) failed. Values are 133129 and -4.`,
      ),
    )
  frame.sink.info(8989, `CHECKDB found 0 allocation errors and ${damaged} consistency errors in database '${name}'.`)
  frame.sink.info(2528, 'DBCC execution completed. If DBCC printed error messages, contact your system administrator.')
  frame.sink.done(null)
}

export function killSession(statement: Of<'kill'>, frame: Frame): void {
  const id = numberOf(valueOf(statement.session, frame))
  if (!isAdministrator(frame))
    throw new EngineError(6102, 'User does not have permission to use the KILL statement.', { severity: 14 })
  if (id === frame.session.id) throw new EngineError(6104, 'Cannot use KILL to kill your own process.')
  const session = frame.engine.sessions.get(id)
  if (!session) throw new EngineError(6106, `Process ID ${id} is not an active process ID.`)
  session.kill()
  frame.sink.done(null)
}
