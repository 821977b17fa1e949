import { EngineError } from './errors.ts'

export type Kind =
  | 'bit'
  | 'tinyint'
  | 'smallint'
  | 'int'
  | 'bigint'
  | 'decimal'
  | 'real'
  | 'float'
  | 'nvarchar'
  | 'varchar'
  | 'varbinary'
  | 'datetime'
  | 'datetime2'
  | 'datetimeoffset'
  | 'uniqueidentifier'
  | 'sql_variant'

/** A T-SQL type. `length` in characters or bytes, -1 is MAX. `offset` in minutes, of a datetimeoffset. */
export interface SqlType {
  kind: Kind
  length?: number
  precision?: number
  scale?: number
  offset?: number
  /** Of the literal NULL: it takes the type of what it meets. */
  untyped?: true
}

/**
 * Numbers are numbers, except bigint and decimals without a fraction: bigint. Moments are Dates whose UTC fields are
 * the wall time (of a datetimeoffset: the true instant). A sql_variant is a value with its own type.
 */
export type Value = null | number | bigint | string | Date | Buffer | Variant
export interface Variant {
  type: SqlType
  of: Value
}

export const int: SqlType = { kind: 'int' }
export const bigint: SqlType = { kind: 'bigint' }
export const smallint: SqlType = { kind: 'smallint' }
export const bit: SqlType = { kind: 'bit' }
export const float: SqlType = { kind: 'float' }
export const datetime: SqlType = { kind: 'datetime' }
export const datetime2: SqlType = { kind: 'datetime2', scale: 7 }
export const variant: SqlType = { kind: 'sql_variant' }
/** nvarchar(128) */
export const sysname: SqlType = { kind: 'nvarchar', length: 128 }
export const nvarchar = (length: number): SqlType => ({ kind: 'nvarchar', length })
export const varchar = (length: number): SqlType => ({ kind: 'varchar', length })
export const varbinary = (length: number): SqlType => ({ kind: 'varbinary', length })
export const decimal = (precision: number, scale = 0): SqlType => ({ kind: 'decimal', precision, scale })

export const isText = (type: SqlType): boolean => type.kind === 'nvarchar' || type.kind === 'varchar'
export const isMoment = (type: SqlType): boolean => type.kind.startsWith('datetime')

/** Data type precedence, lowest first within numbers. */
const rank: Kind[] = ['bit', 'tinyint', 'smallint', 'int', 'bigint', 'decimal', 'real', 'float']
const precedence: Kind[] = [
  'varbinary',
  'varchar',
  'nvarchar',
  'uniqueidentifier',
  ...rank,
  'datetime',
  'datetime2',
  'datetimeoffset',
  'sql_variant',
]

/** The type that an operation on both has. */
export function commonType(left: SqlType, right: SqlType): SqlType {
  if (left.untyped) return right
  if (right.untyped) return left
  const higher = precedence.indexOf(left.kind) >= precedence.indexOf(right.kind) ? left : right
  if (isText(left) && isText(right)) {
    const [a, b] = [left.length ?? 1, right.length ?? 1]
    return { kind: higher.kind, length: a < 0 || b < 0 ? -1 : Math.max(a, b) }
  }
  return higher
}

/** The value inside a sql_variant. */
export function bare(value: Value): Exclude<Value, Variant> {
  return typeof value === 'object' && value !== null && 'of' in value ? bare(value.of) : value
}

/** -1, 0 or 1 of two values that are not null; text without case and trailing spaces, as the usual collation does. */
export function compare(left: Value, right: Value): number {
  const [a, b] = [bare(left), bare(right)]
  if (a instanceof Date || b instanceof Date) return Math.sign(momentOf(a) - momentOf(b))
  if (Buffer.isBuffer(a) && Buffer.isBuffer(b)) return Buffer.compare(a, b)
  if (typeof a === 'string' && typeof b === 'string') {
    const [x, y] = [folded(a), folded(b)]
    return x < y ? -1 : x > y ? 1 : 0
  }
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0
  return Math.sign(numberOf(a) - numberOf(b))
}

function folded(text: string): string {
  return text.replace(/ +$/, '').toLowerCase()
}

export function numberOf(value: Value): number {
  const plain = bare(value)
  if (typeof plain === 'number') return plain
  if (typeof plain === 'bigint') return Number(plain)
  if (plain instanceof Date) return plain.getTime() / 86_400_000 + 25_567
  const number = Number(plain)
  if (Number.isNaN(number) || typeof plain !== 'string')
    throw new EngineError(245, `Conversion failed when converting the value '${String(plain)}' to data type int.`)
  return number
}

export function momentOf(value: Value): number {
  const plain = bare(value)
  if (plain instanceof Date) return plain.getTime()
  if (typeof plain === 'number') return (plain - 25_567) * 86_400_000
  const match = /^(\d{4})-?(\d\d)-?(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?)?Z?$/.exec(
    String(plain).trim(),
  )
  if (!match) throw new EngineError(241, 'Conversion failed when converting date and/or time from character string.')
  const part = (index: number): number => Number(match[index] ?? 0)
  const fraction = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3))
  return Date.UTC(part(1), part(2) - 1, part(3), part(4), part(5), part(6), fraction)
}
