import { EngineError } from './errors.ts'
import { bare, isMoment, isText, momentOf, numberOf, type SqlType, type Value } from './values.ts'

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const ranges: Partial<Record<SqlType['kind'], [number, number]>> = {
  tinyint: [0, 255],
  smallint: [-32_768, 32_767],
  int: [-2_147_483_648, 2_147_483_647],
}

/** CAST and CONVERT: `style` as CONVERT takes it. */
export function convert(value: Value, type: SqlType, style: number | null = null): Value {
  const plain = bare(value)
  if (plain === null) return null
  if (type.kind === 'sql_variant') return value
  if (isText(type)) return cut(textOf(plain, style), type.length ?? 30)
  if (isMoment(type)) return roundMoment(new Date(momentOf(plain)), type)
  switch (type.kind) {
    case 'bit':
      if (typeof plain === 'string' && /^(true|false)$/i.test(plain)) return plain.toLowerCase() === 'true' ? 1 : 0
      return numberOf(plain) === 0 ? 0 : 1
    case 'tinyint':
    case 'smallint':
    case 'int':
      return inRange(Math.trunc(numberOf(plain)), type)
    case 'bigint':
      return typeof plain === 'bigint'
        ? plain
        : BigInt(typeof plain === 'string' ? plain.trim() : Math.trunc(numberOf(plain)))
    case 'decimal':
      if ((type.scale ?? 0) > 0) return Number(numberOf(plain).toFixed(type.scale ?? 0))
      return typeof plain === 'bigint' ? plain : BigInt(Math.round(numberOf(plain)))
    case 'real':
    case 'float':
      return numberOf(plain)
    case 'uniqueidentifier':
      return toGuid(plain)
    case 'varbinary':
      return Buffer.isBuffer(plain) ? plain : Buffer.from(String(plain), 'utf16le')
    default:
      return plain
  }
}

function inRange(number: number, type: SqlType): number {
  const [lowest, highest] = ranges[type.kind] ?? [-Infinity, Infinity]
  if (number < lowest || number > highest)
    throw new EngineError(8115, `Arithmetic overflow error converting expression to data type ${type.kind}.`)
  return number
}

function toGuid(plain: Exclude<Value, null | { of: Value }>): Value {
  if (Buffer.isBuffer(plain)) return guidFromBytes(plain)
  const match = /^\{?([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})\}?$/i.exec(String(plain).trim())
  if (!match)
    throw new EngineError(8169, 'Conversion failed when converting from a character string to uniqueidentifier.')
  return match[1]?.toUpperCase() ?? ''
}

/** The mixed-endian bytes of a uniqueidentifier -> text. */
export function guidFromBytes(bytes: Buffer): string {
  const swapped = Buffer.from(bytes)
  swapped.subarray(0, 4).reverse()
  swapped.subarray(4, 6).reverse()
  swapped.subarray(6, 8).reverse()
  return swapped
    .toString('hex')
    .toUpperCase()
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

function cut(text: string, length: number): string {
  return length < 0 ? text : text.slice(0, length)
}

function roundMoment(moment: Date, type: SqlType): Date {
  if (type.kind !== 'datetime') return moment
  // A datetime counts in 1/300 s.
  return new Date(Math.round((Math.round((moment.getTime() * 3) / 10) * 10) / 3))
}

function textOf(plain: Exclude<Value, null | { of: Value }>, style: number | null): string {
  if (plain instanceof Date) return momentText(plain, style ?? 0)
  if (Buffer.isBuffer(plain))
    return style === 1 ? `0x${plain.toString('hex').toUpperCase()}` : plain.toString('utf16le')
  return String(plain)
}

function momentText(moment: Date, style: number): string {
  const iso = moment.toISOString()
  switch (style) {
    case 126:
      return iso.slice(0, -1)
    case 127:
      return iso
    case 20:
    case 120:
      return iso.slice(0, 19).replace('T', ' ')
    case 21:
    case 25:
    case 121:
      return iso.slice(0, 23).replace('T', ' ')
    case 112:
      return iso.slice(0, 10).replaceAll('-', '')
    default: {
      const hour = moment.getUTCHours()
      const clock = `${String(hour % 12 === 0 ? 12 : hour % 12).padStart(2)}:${iso.slice(14, 16)}${hour < 12 ? 'AM' : 'PM'}`
      return `${months[moment.getUTCMonth()] ?? ''} ${String(moment.getUTCDate()).padStart(2)} ${moment.getUTCFullYear()} ${clock}`
    }
  }
}
