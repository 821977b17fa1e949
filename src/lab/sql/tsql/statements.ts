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
  declare: parseDeclare,
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
  print: (cursor) => ({ node: 'print', value: parseExpression(cursor) }),
  kill: (cursor) => ({ node: 'kill', session: parseExpression(cursor) }),
  drop: parseDrop,
  create(cursor) {
    cursor.expect('database')
    return { node: 'createDatabase', database: cursor.name() }
  },
  waitfor(cursor) {
    cursor.expect('delay')
    return { node: 'waitFor', delay: parseExpression(cursor) }
  },
}

function parseStatement(cursor: Cursor, first: boolean): Statement {
  const { word, kind } = cursor.peek()
  if (word === 'select') return { node: 'select', query: parseQuery(cursor) }
  const start = kind === 'word' ? starters[word] : undefined
  if (start) {
    cursor.next()
    return start(cursor)
  }
  // A lone name at the head of a batch calls a procedure.
  if (first && (kind === 'word' || kind === 'quoted')) return parseExecute(cursor)
  return cursor.fail()
}

function parseDeclare(cursor: Cursor): Statement {
  const variables: { name: string; type: ReturnType<typeof parseType>; value: Expression | null }[] = []
  do {
    const name = variableName(cursor)
    cursor.accept('as')
    const type = parseType(cursor, 1)
    variables.push({ name, type, value: cursor.accept('=') ? parseExpression(cursor) : null })
  } while (cursor.accept(','))
  return { node: 'declare', variables }
}

function variableName(cursor: Cursor): string {
  if (cursor.peek().kind !== 'variable') cursor.fail()
  return cursor.next().text
}

/** Options of a session that change nothing in what is simulated here. */
const settings = new Set(
  `nocount xact_abort lock_timeout ansi_nulls ansi_null_dflt_on ansi_null_dflt_off ansi_padding ansi_warnings ansi_defaults
  arithabort arithignore concat_null_yields_null cursor_close_on_commit datefirst dateformat deadlock_priority
  implicit_transactions language numeric_roundabort quoted_identifier rowcount textsize noexec parseonly fmtonly
  transaction context_info query_governor_cost_limit`.split(/\s+/),
)

function parseSet(cursor: Cursor): Statement {
  if (cursor.peek().kind === 'variable') {
    const name = variableName(cursor)
    cursor.expect('=')
    return { node: 'setVariable', name, value: parseExpression(cursor) }
  }
  const name = cursor.next().word
  if (!settings.has(name)) throw new EngineError(195, `'${name}' is not a recognized SET option.`, { severity: 15 })
  if (name === 'transaction') {
    for (const word of ['isolation', 'level']) cursor.expect(word)
    if (
      !cursor.accept('read', 'uncommitted') &&
      !cursor.accept('read', 'committed') &&
      !cursor.accept('repeatable', 'read')
    )
      cursor.name()
    return { node: 'setOption' }
  }
  while (cursor.accept(',')) cursor.next()
  if (!cursor.accept('on') && !cursor.accept('off')) parseExpression(cursor)
  return { node: 'setOption' }
}

function parseIf(cursor: Cursor): Statement {
  const condition = parseExpression(cursor)
  const then = parseStatement(cursor, false)
  while (cursor.peek().word === ';' && cursor.peek(1).word === 'else') cursor.next()
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

function parseCheck(cursor: Cursor): Statement {
  cursor.expect('checkdb')
  let database: Expression | null = null
  if (cursor.accept('(')) {
    database =
      cursor.peek().kind === 'string' || cursor.peek().kind === 'number' ? parseSimple(cursor) : parseTarget(cursor)
    while (cursor.accept(',')) cursor.next()
    cursor.expect(')')
  }
  if (cursor.accept('with')) {
    do cursor.name()
    while (cursor.accept(','))
  }
  return { node: 'check', database }
}

function parseDrop(cursor: Cursor): Statement {
  cursor.expect('database')
  const lenient = cursor.accept('if', 'exists')
  const databases = [cursor.name()]
  while (cursor.accept(',')) databases.push(cursor.name())
  return { node: 'dropDatabase', databases, lenient }
}

function parseAlter(cursor: Cursor): Statement {
  cursor.expect('database')
  const database = cursor.name()
  cursor.expect('set')
  const change: string[] = []
  while (cursor.peek().kind === 'word' && starters[cursor.peek().word] === undefined && cursor.peek().word !== 'select')
    change.push(cursor.next().word)
  if (change.length === 0) cursor.fail()
  return { node: 'alterDatabase', database, change }
}

function parseExecute(cursor: Cursor): Statement {
  const procedure = cursor.dotted()
  const values: { name: string; value: Expression }[] = []
  if (
    cursor.peek().kind !== 'end' &&
    cursor.peek().word !== ';' &&
    starters[cursor.peek().word] === undefined &&
    cursor.peek().word !== 'select'
  ) {
    do values.push(parseArgument(cursor))
    while (cursor.accept(','))
  }
  return { node: 'execute', procedure, arguments: values }
}

function parseArgument(cursor: Cursor): { name: string; value: Expression } {
  const named = cursor.peek().kind === 'variable' && cursor.peek(1).word === '='
  const name = named ? cursor.next().text : ''
  if (named) cursor.next()
  return { name, value: parseExpression(cursor) }
}
