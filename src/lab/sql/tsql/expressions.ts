import { EngineError } from '../errors.ts'
import { int, type SqlType, type Value } from '../values.ts'
import type { BinaryOperator, Expression } from './ast.ts'
import type { Cursor } from './cursor.ts'

const sums: readonly BinaryOperator[] = ['+', '-']
const products: readonly BinaryOperator[] = ['*', '/', '%']
const comparisons: readonly BinaryOperator[] = ['=', '<>', '<', '>', '<=', '>=']

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
  return cursor.accept('not') ? { node: 'not', operand: parseNegation(cursor) } : parsePredicate(cursor)
}

function parsePredicate(cursor: Cursor): Expression {
  const operand = parseSum(cursor)
  const comparison = cursor.accept('!=') ? '<>' : acceptOne(cursor, comparisons)
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
  if (cursor.accept('like')) return { node: 'like', operand, pattern: parseSum(cursor), negated }
  if (!cursor.accept('in')) return operand
  cursor.expect('(')
  const list = cursor.list(() => parseExpression(cursor))
  cursor.expect(')')
  return { node: 'in', operand, list, negated }
}

function acceptOne(cursor: Cursor, operators: readonly BinaryOperator[]): BinaryOperator | undefined {
  return operators.find((operator) => cursor.accept(operator))
}

function parseSum(cursor: Cursor): Expression {
  return parseOperations(cursor, sums, () => parseOperations(cursor, products, () => parsePrimary(cursor)))
}

function parseOperations(
  cursor: Cursor,
  operators: readonly BinaryOperator[],
  parseOperand: () => Expression,
): Expression {
  let left = parseOperand()
  for (let operator = acceptOne(cursor, operators); operator; operator = acceptOne(cursor, operators))
    left = { node: 'binary', operator, left, right: parseOperand() }
  return left
}

function parsePrimary(cursor: Cursor): Expression {
  const { kind, text, word } = cursor.peek()
  switch (kind) {
    case 'string':
      cursor.next()
      return literal(text, { kind: word === 'n' ? 'nvarchar' : 'varchar', length: Math.max(text.length, 1) })
    case 'number':
      cursor.next()
      return Number(text) <= 2_147_483_647
        ? literal(Number(text), int)
        : literal(BigInt(text), { kind: 'decimal', precision: text.length })
    case 'variable':
      cursor.next()
      return { node: 'variable', name: text }
    case 'quoted':
      return parseNamed(cursor)
    case 'end':
      return cursor.fail()
    default:
      return parseWord(cursor)
  }
}

function literal(value: Value, type: SqlType): Expression {
  return { node: 'literal', value, type }
}

function parseWord(cursor: Cursor): Expression {
  if (cursor.accept('-')) return { node: 'binary', operator: '-', left: literal(0, int), right: parsePrimary(cursor) }
  if (cursor.accept('null')) return literal(null, { ...int, untyped: true })
  if (cursor.accept('case')) return parseCase(cursor)
  if (cursor.accept('cast', '(')) return parseCast(cursor)
  if (cursor.accept('convert', '(')) return parseConvert(cursor)
  if (cursor.accept('left', '(')) return parseCall(cursor, ['left'])
  if (!cursor.accept('(')) return parseNamed(cursor)
  const inner = parseExpression(cursor)
  cursor.expect(')')
  return inner
}

function parseNamed(cursor: Cursor): Expression {
  const parts = cursor.dotted()
  return cursor.accept('(') ? parseCall(cursor, parts) : { node: 'column', parts }
}

/** The arguments of a call, behind the parenthesis. */
function parseCall(cursor: Cursor, name: string[]): Expression {
  const operands: Expression[] = []
  if (/^datediff$/i.test(name[0] ?? '')) {
    // The part is a word, no column.
    operands.push(literal(cursor.name().toLowerCase(), { kind: 'varchar', length: 20 }))
    cursor.expect(',')
  }
  if (cursor.peek().word !== ')') operands.push(...cursor.list(() => parseExpression(cursor)))
  cursor.expect(')')
  return { node: 'call', name, arguments: operands }
}

function parseCase(cursor: Cursor): Expression {
  const branches: { when: Expression; then: Expression }[] = []
  do {
    cursor.expect('when')
    const when = parseExpression(cursor)
    cursor.expect('then')
    branches.push({ when, then: parseExpression(cursor) })
  } while (cursor.peek().word === 'when')
  const otherwise = cursor.accept('else') ? parseExpression(cursor) : null
  cursor.expect('end')
  return { node: 'case', branches, otherwise }
}

function parseCast(cursor: Cursor): Expression {
  const operand = parseExpression(cursor)
  cursor.expect('as')
  const type = parseType(cursor, 30)
  cursor.expect(')')
  return { node: 'cast', operand, type, style: null }
}

function parseConvert(cursor: Cursor): Expression {
  const type = parseType(cursor, 30)
  cursor.expect(',')
  const operand = parseExpression(cursor)
  const style = cursor.accept(',') ? parseExpression(cursor) : null
  cursor.expect(')')
  return { node: 'cast', operand, type, style }
}

/** Name of a type -> its kind. What stands in `sized` may have a length or a precision behind it. */
const plain = new Map<string, SqlType['kind']>(
  (['bit', 'tinyint', 'smallint', 'int', 'bigint', 'real', 'datetime', 'uniqueidentifier'] as const).map((kind) => [
    kind,
    kind,
  ]),
)
const sized = new Map<string, SqlType['kind']>([
  ...(['nvarchar', 'varchar', 'varbinary'] as const).map((kind) => [kind, kind] as const),
  ...([
    ['nchar', 'nvarchar'],
    ['char', 'varchar'],
    ['sysname', 'nvarchar'],
  ] as const),
])

/** A type; `length` where none is written: 1 in a declaration, 30 in a cast. */
export function parseType(cursor: Cursor, length: number): SqlType {
  const name = cursor.name().toLowerCase()
  const simple = plain.get(name)
  if (simple) return { kind: simple }
  const [size, scale = 0] = parseSizes(cursor)
  const kind = sized.get(name)
  if (kind) return { kind, length: name === 'sysname' ? 128 : (size ?? length) }
  if ((name === 'decimal' || name === 'numeric') && scale === 0) return { kind: 'decimal', precision: size ?? 18 }
  throw new EngineError(243, name)
}

function parseSizes(cursor: Cursor): number[] {
  if (!cursor.accept('(')) return []
  const sizes = cursor.list(() => (cursor.accept('max') ? -1 : Number(cursor.next().text)))
  cursor.expect(')')
  return sizes
}
