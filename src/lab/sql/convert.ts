import { EngineError } from './errors.ts'
import { momentOf, numberOf, type SqlType, type Value } from './values.ts'

const ranges: Partial<Record<SqlType['kind'], [number, number]>> = {
  tinyint: [0, 255],
  smallint: [-32_768, 32_767],
  int: [-2_147_483_648, 2_147_483_647],
}

/** CAST and CONVERT; `style` as CONVERT takes it. */
export function convert(value: Value, type: SqlType, style = 0): Value {
  if (value === null) return null
  switch (type.kind) {
    case 'nvarchar':
    case 'varchar':
      return cut(value instanceof Date ? momentText(value, style) : characters(value), type.length ?? 30)
    case 'datetime':
      // It counts in 1/300 s.
      return new Date(Math.round((Math.round((momentOf(value) * 3) / 10) * 10) / 3))
    case 'bit':
      return numberOf(value) === 0 ? 0 : 1
    case 'bigint':
    case 'decimal':
      return typeof value === 'bigint' ? value : BigInt(Math.trunc(numberOf(value)))
    case 'real':
      return numberOf(value)
    case 'uniqueidentifier':
      return guidOf(value)
    case 'varbinary':
      return Buffer.isBuffer(value) ? value : Buffer.from(characters(value), 'utf16le')
    default:
      return inRange(Math.trunc(numberOf(value)), type)
  }
}

function inRange(number: number, type: SqlType): number {
  const [lowest, highest] = ranges[type.kind] ?? [-Infinity, Infinity]
  if (number < lowest || number > highest) throw new EngineError(8115, type.kind)
  return number
}

function guidOf(value: Value): string {
  const match = /^\{?([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})\}?$/i.exec(characters(value).trim())
  if (!match) throw new EngineError(8169)
  return match[1]?.toUpperCase() ?? ''
}

function cut(text: string, length: number): string {
  return length < 0 ? text : text.slice(0, length)
}

/** Only the styles that mean the same in every language setting. */
function momentText(moment: Date, style: number): string {
  const iso = moment.toISOString().slice(0, -1)
  if (style === 126) return iso
  if (style !== 120 && style !== 121) throw new EngineError(281, style)
  return iso.slice(0, style === 120 ? 19 : 23).replace('T', ' ')
}

function characters(value: Value): string {
  return Buffer.isBuffer(value) ? value.toString('utf16le') : String(value)
}
