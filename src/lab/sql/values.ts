import { EngineError } from './errors.ts'

/** Data types in the order of their precedence, lowest first. */
const kinds = [
  ...(['varbinary', 'varchar', 'nvarchar', 'uniqueidentifier'] as const),
  ...(['bit', 'tinyint', 'smallint', 'int', 'bigint', 'decimal', 'real', 'datetime'] as const),
]

/** A T-SQL type. `length` in characters or bytes, -1 is MAX. Decimals have no fraction here. */
export interface SqlType {
  kind: (typeof kinds)[number]
  length?: number
  precision?: number
  /** Of the literal NULL: it takes the type of what it meets. */
  untyped?: true
}

/** Numbers are numbers, except bigint and decimal. Moments are Dates whose UTC fields are the wall time. */
export type Value = null | number | bigint | string | Date | Buffer

export const int: SqlType = { kind: 'int' }
export const smallint: SqlType = { kind: 'smallint' }
export const datetime: SqlType = { kind: 'datetime' }
/** nvarchar(128) */
export const sysname: SqlType = { kind: 'nvarchar', length: 128 }
export const nvarchar = (length: number): SqlType => ({ kind: 'nvarchar', length })

export const isText = (type: SqlType): boolean => type.kind === 'nvarchar' || type.kind === 'varchar'

/** The type that an operation on both has. */
export function commonType(left: SqlType, right: SqlType): SqlType {
  if (left.untyped) return right
  if (right.untyped) return left
  const higher = kinds.indexOf(left.kind) >= kinds.indexOf(right.kind) ? left : right
  if (!isText(left) || !isText(right)) return higher
  const [a, b] = [left.length ?? 1, right.length ?? 1]
  return { kind: higher.kind, length: a < 0 || b < 0 ? -1 : Math.max(a, b) }
}

/** -1, 0 or 1 of two values that are not null; text without case and trailing spaces, as the usual collation does. */
export function compare(left: Value, right: Value): number {
  if (left instanceof Date || right instanceof Date) return Math.sign(momentOf(left) - momentOf(right))
  if (Buffer.isBuffer(left) && Buffer.isBuffer(right)) return Buffer.compare(left, right)
  if (typeof left === 'string' && typeof right === 'string') return order(folded(left), folded(right))
  if (typeof left === 'bigint' && typeof right === 'bigint') return order(left, right)
  return Math.sign(numberOf(left) - numberOf(right))
}

function order<T extends string | bigint>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function folded(text: string): string {
  return text.replace(/ +$/, '').toLowerCase()
}

export function numberOf(value: Value): number {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value)
  const number = typeof value === 'string' ? Number(value) : Number.NaN
  if (Number.isNaN(number)) throw new EngineError(245, String(value))
  return number
}

/** Milliseconds of a moment, or of text in one of the forms that mean the same in every language setting. */
export function momentOf(value: Value): number {
  if (value instanceof Date) return value.getTime()
  const match = /^(\d{4})-?(\d\d)-?(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?)?Z?$/.exec(
    String(value).trim(),
  )
  if (!match) throw new EngineError(241)
  const part = (index: number): number => Number(match[index] ?? 0)
  return Date.UTC(part(1), part(2) - 1, part(3), part(4), part(5), part(6), Number((match[7] ?? '').padEnd(3, '0')))
}
