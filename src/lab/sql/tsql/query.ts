import type { Expression, Query, SelectItem, Source } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { parseExpression } from './expressions.ts'

/** SELECT up to its ORDER BY, the word SELECT still ahead. */
export function parseQuery(cursor: Cursor): Query {
  cursor.expect('select')
  const distinct = cursor.accept('distinct')
  if (!distinct) cursor.accept('all')
  const query: Query = {
    distinct,
    top: cursor.accept('top') ? parseTop(cursor) : null,
    items: parseItems(cursor),
    sources: cursor.accept('from') ? parseSources(cursor) : [],
    where: cursor.accept('where') ? parseExpression(cursor) : null,
    groupBy: cursor.accept('group', 'by') ? parseGroup(cursor) : [],
    having: cursor.accept('having') ? parseExpression(cursor) : null,
    orderBy: [],
  }
  if (cursor.accept('order', 'by')) query.orderBy = parseOrder(cursor)
  if (cursor.accept('option', '(')) {
    while (cursor.peek().word !== ')' && cursor.peek().kind !== 'end') cursor.next()
    cursor.expect(')')
  }
  return query
}

function parseTop(cursor: Cursor): Expression {
  if (!cursor.accept('(')) {
    if (cursor.peek().kind !== 'number') cursor.fail()
    return { node: 'literal', value: Number(cursor.next().text), type: { kind: 'int' } }
  }
  const count = parseExpression(cursor)
  cursor.expect(')')
  return count
}

function parseItems(cursor: Cursor): SelectItem[] {
  const items = [parseItem(cursor)]
  while (cursor.accept(',')) items.push(parseItem(cursor))
  return items
}

function parseItem(cursor: Cursor): SelectItem {
  const plain = { qualifier: null, alias: null, assign: null }
  if (cursor.accept('*')) return { ...plain, expression: null }
  if (cursor.peek(1).word === '.' && cursor.peek(2).word === '*') {
    const qualifier = cursor.name()
    cursor.expect('.')
    cursor.expect('*')
    return { ...plain, expression: null, qualifier }
  }
  if (cursor.peek(1).word === '=' && cursor.peek().kind === 'variable') {
    const assign = cursor.next().text
    cursor.next()
    return { ...plain, expression: parseExpression(cursor), assign }
  }
  // `alias = expression`, the older way to name a column.
  if (cursor.peek(1).word === '=' && (cursor.peek().kind === 'word' || cursor.peek().kind === 'quoted')) {
    const alias = cursor.name()
    cursor.next()
    return { ...plain, expression: parseExpression(cursor), alias }
  }
  return { ...plain, expression: parseExpression(cursor), alias: parseAlias(cursor) }
}

function parseAlias(cursor: Cursor): string | null {
  if (cursor.accept('as')) return cursor.peek().kind === 'string' ? cursor.next().text : cursor.name()
  if (cursor.peek().kind === 'string') return cursor.next().text
  return startsName(cursor) ? cursor.name() : null
}

/** Words that may follow an item or a source and are no alias although nothing reserves them. */
const followers = new Set(['go', 'cross', 'outer', 'inner', 'apply', 'offset'])

function startsName(cursor: Cursor): boolean {
  const token = cursor.peek()
  if (token.kind === 'quoted') return true
  if (token.kind !== 'word' || followers.has(token.word)) return false
  return !/^(?:from|where|group|having|order|option|union|on|join|left|right|full|with|select|if|else|end|begin|declare|set|use|exec|execute|backup|restore|dbcc|drop|create|alter|kill|print|waitfor|for|into|except|intersect|as|and|or|then|when|desc|asc)$/.test(
    token.word,
  )
}

function parseSources(cursor: Cursor): Source[] {
  const sources = [parseSource(cursor, 'first')]
  for (;;) {
    if (cursor.accept(',')) sources.push(parseSource(cursor, 'cross'))
    else if (cursor.accept('cross', 'join')) sources.push(parseSource(cursor, 'cross'))
    else if (cursor.accept('cross', 'apply')) sources.push(parseSource(cursor, 'cross apply'))
    else if (cursor.accept('outer', 'apply')) sources.push(parseSource(cursor, 'outer apply'))
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
  const table = parseTable(cursor)
  const alias = parseAlias(cursor)
  if (cursor.accept('with', '(')) {
    // Locking hints mean nothing on a catalogue view.
    do cursor.name()
    while (cursor.accept(','))
    cursor.expect(')')
  }
  return { table, alias, join, on: null }
}

function parseTable(cursor: Cursor): Source['table'] {
  if (cursor.accept('(')) {
    const query = parseQuery(cursor)
    cursor.expect(')')
    return { query }
  }
  const name = cursor.dotted()
  if (!cursor.accept('(')) return { name }
  const operands: Expression[] = []
  if (cursor.peek().word !== ')') {
    do operands.push(parseExpression(cursor))
    while (cursor.accept(','))
  }
  cursor.expect(')')
  return { name, arguments: operands }
}

function parseGroup(cursor: Cursor): Expression[] {
  const group = [parseExpression(cursor)]
  while (cursor.accept(',')) group.push(parseExpression(cursor))
  return group
}

function parseOrder(cursor: Cursor): Query['orderBy'] {
  const order: Query['orderBy'] = []
  do {
    const expression = parseExpression(cursor)
    const descending = cursor.accept('desc')
    if (!descending) cursor.accept('asc')
    order.push({ expression, descending })
  } while (cursor.accept(','))
  return order
}
