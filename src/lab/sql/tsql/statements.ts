import { EngineError } from '../errors.ts'
import type { Expression, Statement } from './ast.ts'
import { parseBackup, parseRestore, parseSimple, parseTarget } from './backup-statements.ts'
import { createCursor, type Cursor } from './cursor.ts'
import { parseExpression, parseType } from './expressions.ts'
import { tokenize } from './lexer.ts'
import { parseQuery } from './query.ts'

/** A batch as statements. Throws what the engine's parser would: then nothing of the batch runs. */
export function parseBatch(sql: string): Statement[] {
  const cursor = createCursor(tokenize(sql))
  const statements: Statement[] = []
  while (cursor.accept(';'));
  while (cursor.peek().kind !== 'end') {
    statements.push(parseStatement(cursor, statements.length === 0))
    while (cursor.accept(';'));
  }
  return statements
}

const starters: Record<string, (cursor: Cursor) => Statement> = {
  select: (cursor) => ({ node: 'select', query: parseQuery(cursor) }),
  declare: (cursor) => ({ node: 'declare', variables: cursor.list(() => parseVariable(cursor)) }),
  set: parseSet,
  if: parseIf,
  begin: parseBlock,
  backup: parseBackup,
  restore: parseRestore,
  dbcc: parseCheck,
  alter: parseAlter,
  exec: parseExecute,
  execute: parseExecute,
  use: (cursor) => ({ node: 'use', database: cursor.name() }),
  kill: (cursor) => ({ node: 'kill', session: parseExpression(cursor) }),
  drop(cursor) {
    cursor.expect('database')
    return { node: 'dropDatabase', databases: cursor.list(() => cursor.name()) }
  },
}

function parseStatement(cursor: Cursor, first: boolean): Statement {
  const { word, kind } = cursor.peek()
  const start = kind === 'word' ? starters[word] : undefined
  if (start) {
    cursor.next()
    return start(cursor)
  }
  // A lone name at the head of a batch calls a procedure.
  if (first && (kind === 'word' || kind === 'quoted')) return parseExecute(cursor)
  return cursor.fail()
}

function parseVariable(cursor: Cursor): { name: string; type: ReturnType<typeof parseType>; value: Expression | null } {
  const name = variableName(cursor)
  cursor.accept('as')
  const type = parseType(cursor, 1)
  return { name, type, value: cursor.accept('=') ? parseExpression(cursor) : null }
}

function variableName(cursor: Cursor): string {
  if (cursor.peek().kind !== 'variable') cursor.fail()
  return cursor.next().text
}

/** Options of a session that clients set when they connect; none changes anything in what is simulated here. */
const settings = new Set(
  `nocount xact_abort lock_timeout ansi_nulls ansi_null_dflt_on ansi_padding ansi_warnings ansi_defaults arithabort
  concat_null_yields_null cursor_close_on_commit datefirst dateformat deadlock_priority implicit_transactions language
  numeric_roundabort quoted_identifier rowcount textsize transaction`.split(/\s+/),
)

function parseSet(cursor: Cursor): Statement {
  if (cursor.peek().kind === 'variable') {
    const name = variableName(cursor)
    cursor.expect('=')
    return { node: 'setVariable', name, value: parseExpression(cursor) }
  }
  const name = cursor.next().word
  if (!settings.has(name)) throw new EngineError(195, name, 'SET option')
  if (cursor.accept('isolation', 'level')) cursor.accept('read')
  if (!cursor.accept('on') && !cursor.accept('off')) parseExpression(cursor)
  return { node: 'setOption' }
}

function parseCheck(cursor: Cursor): Statement {
  cursor.expect('checkdb')
  let database: Expression | null = null
  if (cursor.accept('(')) {
    database = cursor.peek().kind === 'string' ? parseSimple(cursor) : parseTarget(cursor)
    cursor.expect(')')
  }
  if (cursor.accept('with')) cursor.list(() => cursor.name())
  return { node: 'check', database }
}

function parseAlter(cursor: Cursor): Statement {
  cursor.expect('database')
  const database = cursor.name()
  cursor.expect('set')
  const change: string[] = []
  while (cursor.peek().kind === 'word' && starters[cursor.peek().word] === undefined) change.push(cursor.next().word)
  if (change.length === 0) cursor.fail()
  return { node: 'alterDatabase', database, change: change.join(' ') }
}

/** A procedure with its arguments, which have no names here. */
function parseExecute(cursor: Cursor): Statement {
  const procedure = cursor.dotted().join('.')
  const { kind, word } = cursor.peek()
  const bare = kind === 'end' || word === ';' || word === 'end' || starters[word] !== undefined
  return { node: 'execute', procedure, arguments: bare ? [] : cursor.list(() => parseExpression(cursor)) }
}

function parseIf(cursor: Cursor): Statement {
  const condition = parseExpression(cursor)
  const then = parseStatement(cursor, false)
  if (cursor.peek(1).word === 'else') cursor.accept(';')
  return { node: 'if', condition, then, otherwise: cursor.accept('else') ? parseStatement(cursor, false) : null }
}

function parseBlock(cursor: Cursor): Statement {
  const statements: Statement[] = []
  while (cursor.accept(';'));
  do {
    statements.push(parseStatement(cursor, false))
    while (cursor.accept(';'));
  } while (!cursor.accept('end'))
  return { node: 'block', statements }
}
