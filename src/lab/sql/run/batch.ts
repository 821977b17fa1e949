import { openUp } from '../catalogue/databases.ts'
import { checkOpen } from '../catalogue/resolve.ts'
import { runBackup } from '../commands/backup.ts'
import { fileExists } from '../commands/file-exists.ts'
import { changeDatabase, checkDatabase, dropDatabase, killSession, othersIn } from '../commands/databases.ts'
import { inspectBackup } from '../commands/inspect.ts'
import { runRestore } from '../commands/restore.ts'
import { convert } from '../convert.ts'
import { databaseId, databaseName, findDatabase, utcNow } from '../engine.ts'
import { EngineError, isBatchFatal } from '../errors.ts'
import type { Statement, StatementOf } from '../tsql/ast.ts'
import { parseBatch } from '../tsql/statements.ts'
import { compileCondition, valueOf } from './expression.ts'
import { factsOf, type Frame } from './frame.ts'
import { compileQuery } from './query.ts'
import { mayEnter } from './rights.ts'

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
  await (handlers[statement.node] as Handler<Statement>)(statement, frame)
}

type Handler<S extends Statement> = (statement: S, frame: Frame) => unknown

const handlers: { [Node in Statement['node']]: Handler<StatementOf<Node>> } = {
  select: runSelect,
  declare,
  setVariable: assign,
  setOption: (_, frame) => {
    frame.sink.done(null)
  },
  use,
  if: runIf,
  block: async ({ statements }, frame) => {
    for (const statement of statements) await runStatement(statement, frame)
  },
  execute,
  backup: runBackup,
  restore: runRestore,
  inspect: inspectBackup,
  check: checkDatabase,
  dropDatabase,
  alterDatabase: changeDatabase,
  kill: killSession,
}

function runSelect(statement: StatementOf<'select'>, frame: Frame): void {
  const query = compileQuery(statement.query, frame)
  const rows = query.rows()
  frame.sink.columns(query.columns)
  for (const row of rows) frame.sink.row(row)
  frame.sink.done(rows.length)
}

function declare(statement: StatementOf<'declare'>, frame: Frame): void {
  for (const { name, type, value } of statement.variables) {
    const key = name.toLowerCase()
    if (frame.variables.has(key)) throw new EngineError(134, name)
    frame.variables.set(key, { type, value: value ? convert(valueOf(value, frame), type) : null })
  }
}

function assign({ name, value }: StatementOf<'setVariable'>, frame: Frame): void {
  const variable = frame.variables.get(name.toLowerCase())
  if (!variable) throw new EngineError(137, name)
  variable.value = convert(valueOf(value, frame), variable.type)
}

function use({ database: name }: StatementOf<'use'>, frame: Frame): void {
  const id = databaseId(factsOf(frame), name)
  if (id === null) throw new EngineError(911, name)
  if (!mayEnter(name, frame)) throw new EngineError(916, frame.session.login.user, name)
  const database = findDatabase(factsOf(frame), name)
  checkOpen(database)
  if (database?.singleUser && othersIn(database.name, frame).length > 0) throw new EngineError(924, database.name)
  if (database) openUp(database, frame)
  const previous = frame.session.database
  frame.session.database = databaseName(factsOf(frame), id) ?? name
  frame.sink.database(frame.session.database, previous)
  frame.sink.done(null)
}

async function runIf({ condition, then, otherwise }: StatementOf<'if'>, frame: Frame): Promise<void> {
  const holds = compileCondition(condition, { frame, sources: [] }).run([]) === 1
  const branch = holds ? then : otherwise
  if (branch) await runStatement(branch, frame)
}

/** The one procedure that is known: a batch of its own, without parameters. */
async function execute({ procedure, arguments: [sql, ...more] }: StatementOf<'execute'>, frame: Frame): Promise<void> {
  if (/^master\.(?:sys|dbo)?\.xp_fileexist$/i.test(procedure) && sql && more.length === 0) {
    fileExists(String(valueOf(sql, frame) ?? ''), frame)
    return
  }
  if (!isExecuteSql(procedure) || !sql || more.length > 0) throw new EngineError(2812, procedure)
  const { database } = frame.session
  await runBatch(String(valueOf(sql, frame) ?? ''), { ...frame, variables: new Map() })
  frame.session.database = database // a USE in it ends with it
}

/** `sp_executesql`, also by its full name. */
export function isExecuteSql(procedure: string): boolean {
  return /^(?:(?:master)?\.)?(?:(?:sys|dbo)?\.)?sp_executesql$/i.test(procedure)
}
