import { convert } from '../convert.ts'
import { changeDatabase, checkDatabase, createDatabase, dropDatabase, killSession } from '../commands/databases.ts'
import { runBackup } from '../commands/backup.ts'
import { inspectBackup } from '../commands/inspect.ts'
import { runRestore } from '../commands/restore.ts'
import { checkOpen } from '../catalogue/resolve.ts'
import { databaseId, databaseName, findDatabase, utcNow } from '../engine.ts'
import { EngineError, isBatchFatal, undeclared, unknownDatabase } from '../errors.ts'
import type { Statement } from '../tsql/ast.ts'
import { parseBatch } from '../tsql/statements.ts'
import { momentOf, type Value } from '../values.ts'
import { compileCondition } from './expression.ts'
import { factsOf, type Frame } from './frame.ts'
import { compileQuery } from './query.ts'
import { pause } from './pause.ts'
import { scopeOf, valueOf } from './scalar.ts'
import { emptyEnvironment } from './scope.ts'

/** Runs a batch to its end or to an error that ends it. True: without any error. */
export async function runBatch(sql: string, frame: Frame): Promise<boolean> {
  let clean = true
  try {
    for (const statement of parseBatch(sql)) {
      frame.signal.throwIfAborted()
      try {
        await runStatement(statement, frame)
      } catch (error) {
        if (!(error instanceof EngineError) || isBatchFatal(error)) throw error
        clean = false
        frame.sink.error(error)
      }
    }
    return clean
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    frame.sink.error(error)
    return false
  }
}

async function runStatement(statement: Statement, frame: Frame): Promise<void> {
  frame.now = utcNow(factsOf(frame))
  switch (statement.node) {
    case 'select': {
      runSelect(statement, frame)
      return
    }
    case 'declare': {
      declare(statement, frame)
      return
    }
    case 'setVariable': {
      assign(statement.name, valueOf(statement.value, frame), frame)
      return
    }
    case 'setOption': {
      frame.sink.done(null)
      return
    }
    case 'use': {
      use(statement.database, frame)
      return
    }
    case 'if':
      return runIf(statement, frame)
    case 'block':
      for (const inner of statement.statements) await runStatement(inner, frame)
      return
    case 'print': {
      frame.sink.info(0, String(valueOf(statement.value, frame) ?? ' '))
      return
    }
    case 'execute':
      return execute(statement, frame)
    case 'waitFor':
      return pause(momentOf(`1970-01-01 ${String(valueOf(statement.delay, frame)).padStart(8, '0')}`), frame.signal)
    case 'backup':
      return runBackup(statement, frame)
    case 'restore':
      return runRestore(statement, frame)
    case 'inspect':
      return inspectBackup(statement, frame)
    case 'check': {
      checkDatabase(statement, frame)
      return
    }
    case 'createDatabase': {
      createDatabase(statement, frame)
      return
    }
    case 'dropDatabase': {
      dropDatabase(statement, frame)
      return
    }
    case 'alterDatabase': {
      changeDatabase(statement, frame)
      return
    }
    case 'kill': {
      killSession(statement, frame)
      return
    }
  }
}

function runSelect(statement: Statement & { node: 'select' }, frame: Frame): void {
  const query = compileQuery(statement.query, frame, null)
  const assigns = query.assigns.filter((name) => name !== null)
  if (assigns.length > 0 && assigns.length < query.assigns.length)
    throw new EngineError(
      141,
      'A SELECT statement that assigns a value to a variable must not be combined with data-retrieval operations.',
      { severity: 15 },
    )
  const rows = query.rows(null)
  frame.rowCount = rows.length
  if (assigns.length > 0) {
    const last = rows.at(-1)
    if (last) for (const [index, name] of assigns.entries()) assign(name, last[index] ?? null, frame)
    frame.sink.done(null)
    return
  }
  frame.sink.columns(query.columns)
  for (const row of rows) frame.sink.row(row)
  frame.sink.done(rows.length)
}

function declare(statement: Statement & { node: 'declare' }, frame: Frame): void {
  for (const { name, type, value } of statement.variables) {
    const key = name.toLowerCase()
    if (frame.variables.has(key))
      throw new EngineError(
        134,
        `The variable name '${name}' has already been declared. Variable names must be unique within a query batch or stored procedure.`,
        { severity: 15 },
      )
    frame.variables.set(key, { type, value: value ? convert(valueOf(value, frame), type) : null })
  }
}

function assign(name: string, value: Value, frame: Frame): void {
  const variable = frame.variables.get(name.toLowerCase())
  if (!variable) throw undeclared(name)
  variable.value = convert(value, variable.type)
}

function use(name: string, frame: Frame): void {
  const id = databaseId(factsOf(frame), name)
  if (id === null) throw unknownDatabase(name)
  checkOpen(findDatabase(factsOf(frame), name))
  const previous = frame.session.database
  frame.session.database = databaseName(factsOf(frame), id) ?? name
  frame.sink.database(frame.session.database, previous)
  frame.sink.done(null)
}

async function runIf(statement: Statement & { node: 'if' }, frame: Frame): Promise<void> {
  const holds = compileCondition(statement.condition, scopeOf(frame)).run(emptyEnvironment) === 1
  const branch = holds ? statement.then : statement.otherwise
  if (branch) await runStatement(branch, frame)
}

async function execute(statement: Statement & { node: 'execute' }, frame: Frame): Promise<void> {
  const name = statement.procedure.join('.')
  if (statement.procedure.at(-1)?.toLowerCase() !== 'sp_executesql') throw unknownProcedure(name)
  const [sql] = statement.arguments
  if (!sql)
    throw new EngineError(
      201,
      `Procedure or function 'sp_executesql' expects parameter '@stmt', which was not supplied.`,
    )
  await runBatch(String(valueOf(sql.value, frame)), { ...frame, variables: new Map() })
}

export function unknownProcedure(name: string): EngineError {
  return new EngineError(2812, `Could not find stored procedure '${name}'.`, { state: 62 })
}
