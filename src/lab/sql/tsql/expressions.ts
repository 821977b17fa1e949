import { EngineError } from '../errors.ts'
import { decimal, float, int, nvarchar, varbinary, varchar, type SqlType, type Value } from '../values.ts'
import type { BinaryOperator, Expression } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { parseQuery } from './query.ts'

/** Operators that bind alike, loosest first; NOT and the predicates stand between `and` and the sums. */
const sums = new Map<string, BinaryOperator>(
  (['+', '-', '&', '|'] as const).map((operator): [string, BinaryOperator] => [operator, operator]),
)
const products = new Map<string, BinaryOperator>(
  (['*', '/', '%'] as const).map((operator): [string, BinaryOperator] => [operator, operator]),
)
const comparisons = new Map<string, BinaryOperator>([
  ['=', '='],
  ['<>', '<>'],
  ['!=', '<>'],
  ['<', '<'],
  ['>', '>'],
  ['<=', '<='],
  ['>=', '>='],
  ['!<', '>='],
  ['!>', '<='],
])

/** An expression or a condition; which of the two is needed is checked when it is compiled. */
export function parseExpression(cursor: Cursor): Expression {
  let left = parseConjunction(cursor)
  while (cursor.accept('or')) left = { node: 'binary', operator: 'or', left, right: parseConjunction(cursor) }
  return left
}

function parseConjunction(cursor: Cursor): Expression {
  let left = parseNegation(cursor)
  while (cursor.accept('and')) left = { node: 'binary', operator: 'and', left, right: parseNegation(cursor) }
  return left
}

function parseNegation(cursor: Cursor): Expression {
  if (cursor.accept('not')) return { node: 'unary', operator: 'not', operand: parseNegation(cursor) }
  return parsePredicate(cursor)
}

function parsePredicate(cursor: Cursor): Expression {
  const operand = parseSum(cursor)
  const comparison = operatorAt(cursor, comparisons)
  if (comparison) return { node: 'binary', operator: comparison, left: operand, right: parseSum(cursor) }
  if (cursor.accept('is')) {
    const negated = cursor.accept('not')
    cursor.expect('null')
    return { node: 'isNull', operand, negated }
  }
  const negated = ['in', 'like', 'between'].includes(cursor.peek(1).word) && cursor.accept('not')
  if (cursor.accept('between')) {
    const low = parseSum(cursor)
    cursor.expect('and')
    return { node: 'between', operand, low, high: parseSum(cursor), negated }
  }
  if (cursor.accept('like')) {
    const pattern = parseSum(cursor)
    return { node: 'like', operand, pattern, escape: cursor.accept('escape') ? parseSum(cursor) : null, negated }
  }
  if (cursor.accept('in')) {
    cursor.expect('(')
    const list = cursor.peek().word === 'select' ? parseQuery(cursor) : parseList(cursor)
    cursor.expect(')')
    return { node: 'in', operand, list, negated }
  }
  return operand
}

function operatorAt(cursor: Cursor, of: Map<string, BinaryOperator>): BinaryOperator | undefined {
  const operator = cursor.peek().kind === 'symbol' ? of.get(cursor.peek().word) : undefined
  if (operator) cursor.next()
  return operator
}

function parseSum(cursor: Cursor): Expression {
  let left = parseProduct(cursor)
  for (let operator = operatorAt(cursor, sums); operator; operator = operatorAt(cursor, sums))
    left = { node: 'binary', operator, left, right: parseProduct(cursor) }
  return left
}

function parseProduct(cursor: Cursor): Expression {
  let left = parsePrimary(cursor)
  for (let operator = operatorAt(cursor, products); operator; operator = operatorAt(cursor, products))
    left = { node: 'binary', operator, left, right: parsePrimary(cursor) }
  return left
}

function parseList(cursor: Cursor): Expression[] {
  const list = [parseExpression(cursor)]
  while (cursor.accept(',')) list.push(parseExpression(cursor))
  return list
}

function parsePrimary(cursor: Cursor): Expression {
  const primary = parseUncollated(cursor)
  if (cursor.accept('collate')) cursor.name()
  return primary
}

function parseUncollated(cursor: Cursor): Expression {
  const token = cursor.peek()
  switch (token.kind) {
    case 'string':
      cursor.next()
      return literal(token.text, (token.word === 'n' ? nvarchar : varchar)(Math.max(token.text.length, 1)))
    case 'number':
      cursor.next()
      return numberLiteral(token.text)
    case 'binary':
      cursor.next()
      return literal(Buffer.from(token.text.slice(2), 'hex'), varbinary(Math.max(token.text.length / 2 - 1, 1)))
    case 'variable':
      cursor.next()
      return { node: 'variable', name: token.text }
    case 'quoted':
      return parseNamed(cursor)
    case 'word':
    case 'symbol':
      return parseWord(cursor)
    default:
      return cursor.fail()
  }
}

function literal(value: Value, type: SqlType): Expression {
  return { node: 'literal', value, type }
}

function numberLiteral(text: string): Expression {
  if (/e/i.test(text)) return literal(Number(text), float)
  const [whole = '', fraction] = text.split('.')
  if (fraction !== undefined)
    return literal(Number(text), decimal(Math.max(whole.length + fraction.length, 1), fraction.length))
  const number = Number(text)
  return number <= 2_147_483_647 ? literal(number, int) : literal(BigInt(text), decimal(text.length))
}

function parseWord(cursor: Cursor): Expression {
  if (cursor.accept('-')) return { node: 'unary', operator: '-', operand: parsePrimary(cursor) }
  if (cursor.accept('+')) return { node: 'unary', operator: '+', operand: parsePrimary(cursor) }
  if (cursor.accept('null')) return literal(null, { ...int, untyped: true })
  if (cursor.accept('case')) return parseCase(cursor)
  if (cursor.accept('exists', '(')) {
    const query = parseQuery(cursor)
    cursor.expect(')')
    return { node: 'exists', query }
  }
  if (cursor.accept('(')) return parseParenthesis(cursor)
  const { word } = cursor.peek()
  if (cursor.peek(1).word === '(') {
    if (word === 'cast' || word === 'try_cast') return parseCast(cursor)
    if (word === 'convert' || word === 'try_convert') return parseConvert(cursor)
    if (word === 'left' || word === 'right' || word === 'nullif') return parseCall(cursor, [cursor.next().text])
  }
  if (cursor.accept('current_timestamp'))
    return { node: 'call', name: ['getdate'], arguments: [], star: false, distinct: false }
  if (cursor.accept('system_user'))
    return { node: 'call', name: ['suser_sname'], arguments: [], star: false, distinct: false }
  return parseNamed(cursor)
}

function parseParenthesis(cursor: Cursor): Expression {
  const inner: Expression =
    cursor.peek().word === 'select' ? { node: 'subquery', query: parseQuery(cursor) } : parseExpression(cursor)
  cursor.expect(')')
  return inner
}

function parseNamed(cursor: Cursor): Expression {
  const parts = cursor.dotted()
  return cursor.peek().word === '(' ? parseCall(cursor, parts) : { node: 'column', parts }
}

function parseCall(cursor: Cursor, name: string[]): Expression {
  cursor.expect('(')
  const distinct = cursor.accept('distinct')
  const star = cursor.accept('*')
  // The date part of a date function is a word, no column.
  const part =
    /^date(?:diff|add|part|name)(?:_big)?$/i.test(name[0] ?? '') && cursor.peek().kind === 'word' ? cursor.next() : null
  const operands: Expression[] = part ? [literal(part.word, varchar(20))] : []
  if (part) cursor.expect(',')
  if (!star && cursor.peek().word !== ')') operands.push(...parseList(cursor))
  cursor.expect(')')
  return { node: 'call', name, arguments: operands, star, distinct }
}

function parseCase(cursor: Cursor): Expression {
  const operand = cursor.peek().word === 'when' ? null : parseExpression(cursor)
  const branches: { when: Expression; then: Expression }[] = []
  while (cursor.accept('when')) {
    const when = parseExpression(cursor)
    cursor.expect('then')
    branches.push({ when, then: parseExpression(cursor) })
  }
  if (branches.length === 0) cursor.fail()
  const otherwise = cursor.accept('else') ? parseExpression(cursor) : null
  cursor.expect('end')
  return { node: 'case', operand, branches, otherwise }
}

function parseCast(cursor: Cursor): Expression {
  const lenient = cursor.next().word.startsWith('try')
  cursor.expect('(')
  const operand = parseExpression(cursor)
  cursor.expect('as')
  const type = parseType(cursor, 30)
  cursor.expect(')')
  return { node: 'cast', operand, type, style: null, lenient }
}

function parseConvert(cursor: Cursor): Expression {
  const lenient = cursor.next().word.startsWith('try')
  cursor.expect('(')
  const type = parseType(cursor, 30)
  cursor.expect(',')
  const operand = parseExpression(cursor)
  const style = cursor.accept(',') ? parseExpression(cursor) : null
  cursor.expect(')')
  return { node: 'cast', operand, type, style, lenient }
}

const simpleTypes: Record<string, SqlType> = {
  bit: { kind: 'bit' },
  tinyint: { kind: 'tinyint' },
  smallint: { kind: 'smallint' },
  int: { kind: 'int' },
  integer: { kind: 'int' },
  bigint: { kind: 'bigint' },
  real: { kind: 'real' },
  float: { kind: 'float' },
  datetime: { kind: 'datetime' },
  uniqueidentifier: { kind: 'uniqueidentifier' },
  sysname: { kind: 'nvarchar', length: 128 },
  sql_variant: { kind: 'sql_variant' },
}
const sizedTypes: Record<string, SqlType['kind']> = {
  nvarchar: 'nvarchar',
  nchar: 'nvarchar',
  varchar: 'varchar',
  char: 'varchar',
  varbinary: 'varbinary',
  binary: 'varbinary',
}

/** A type name; `length` where none is written: 1 in a declaration, 30 in a cast. */
export function parseType(cursor: Cursor, length: number): SqlType {
  const name = cursor.name().toLowerCase()
  const simple = simpleTypes[name]
  if (simple) return simple
  const sizes = parseSizes(cursor)
  const kind = sizedTypes[name]
  if (kind) return { kind, length: sizes[0] ?? length }
  if (name === 'decimal' || name === 'numeric') return decimal(sizes[0] ?? 18, sizes[1] ?? 0)
  if (name === 'datetime2' || name === 'datetimeoffset') return { kind: name, scale: sizes[0] ?? 7 }
  throw new EngineError(243, `Type ${name} is not a defined system type.`)
}

function parseSizes(cursor: Cursor): number[] {
  if (!cursor.accept('(')) return []
  const sizes: number[] = []
  do sizes.push(cursor.accept('max') ? -1 : Number(cursor.next().text))
  while (cursor.accept(','))
  cursor.expect(')')
  return sizes
}
