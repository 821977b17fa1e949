import { int } from '../values.ts'
import type { Expression, Query, SelectItem, Source } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { parseExpression } from './expressions.ts'

/** SELECT up to its ORDER BY, behind the word SELECT. */
export function parseQuery(cursor: Cursor): Query {
  return {
    top: cursor.accept('top') ? parseTop(cursor) : null,
    items: cursor.list(() => parseItem(cursor)),
    sources: cursor.accept('from') ? parseSources(cursor) : [],
    where: cursor.accept('where') ? parseExpression(cursor) : null,
    groupBy: cursor.accept('group', 'by') ? cursor.list(() => parseExpression(cursor)) : [],
    orderBy: cursor.accept('order', 'by') ? cursor.list(() => parseOrder(cursor)) : [],
  }
}

function parseTop(cursor: Cursor): Expression {
  if (!cursor.accept('(')) {
    if (cursor.peek().kind !== 'number') cursor.fail()
    return { node: 'literal', value: Number(cursor.next().text), type: int }
  }
  const count = parseExpression(cursor)
  cursor.expect(')')
  return count
}

function parseItem(cursor: Cursor): SelectItem {
  const plain = { qualifier: null, alias: null }
  if (cursor.accept('*')) return { ...plain, expression: 'star' }
  if (cursor.accept('count', '(', '*', ')')) return { ...plain, expression: 'count', alias: parseAlias(cursor) }
  if (cursor.accept('max', '(')) {
    const largest = parseExpression(cursor)
    cursor.expect(')')
    return { ...plain, expression: { largest }, alias: parseAlias(cursor) }
  }
  const [second, third] = [cursor.peek(1).word, cursor.peek(2).word]
  if (second === '.' && third === '*') {
    const qualifier = cursor.name()
    cursor.next()
    cursor.next()
    return { expression: 'star', qualifier, alias: null }
  }
  // `alias = expression`, the older way to name a column.
  if (second === '=' && (cursor.peek().kind === 'word' || cursor.peek().kind === 'quoted')) {
    const alias = cursor.name()
    cursor.next()
    return { ...plain, expression: parseExpression(cursor), alias }
  }
  return { ...plain, expression: parseExpression(cursor), alias: parseAlias(cursor) }
}

function parseAlias(cursor: Cursor): string | null {
  const { kind } = cursor.peek()
  if (!cursor.accept('as')) return cursor.startsName() ? cursor.name() : kind === 'string' ? cursor.next().text : null
  return cursor.peek().kind === 'string' ? cursor.next().text : cursor.name()
}

function parseSources(cursor: Cursor): Source[] {
  const sources = [parseSource(cursor, 'cross')]
  for (;;) {
    if (cursor.accept(',') || cursor.accept('cross', 'join')) sources.push(parseSource(cursor, 'cross'))
    else if (cursor.accept('left', 'outer', 'join') || cursor.accept('left', 'join'))
      sources.push(parseJoined(cursor, 'left'))
    else if (cursor.accept('inner', 'join') || cursor.accept('join')) sources.push(parseJoined(cursor, 'inner'))
    else return sources
  }
}

function parseJoined(cursor: Cursor, join: 'left' | 'inner'): Source {
  const source = parseSource(cursor, join)
  cursor.expect('on')
  return { ...source, on: parseExpression(cursor) }
}

function parseSource(cursor: Cursor, join: Source['join']): Source {
  const name = cursor.dotted()
  const alias = cursor.accept('as') || cursor.startsName() ? cursor.name() : null
  if (cursor.accept('with', '(')) {
    // Locking hints mean nothing on a catalogue view.
    cursor.list(() => cursor.name())
    cursor.expect(')')
  }
  return { name, alias, join, on: null }
}

function parseOrder(cursor: Cursor): Query['orderBy'][number] {
  const expression = parseExpression(cursor)
  const descending = cursor.accept('desc')
  if (!descending) cursor.accept('asc')
  return { expression, descending }
}
