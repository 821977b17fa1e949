import { guidFromBytes } from '../convert.ts'
import { bare, numberOf, type SqlType, type Value } from '../values.ts'

/** Latin1_General_CI_AS, the collation of all text here. */
const collation = Buffer.from([0x09, 0x04, 0xd0, 0x00, 0x34])
const noLength = 0xffff
const day = 86_400_000

const integerBytes: Partial<Record<SqlType['kind'], number>> = { bit: 1, tinyint: 1, smallint: 2, int: 4, bigint: 8 }

/** Bytes of a decimal's magnitude by its precision. */
function decimalBytes(precision: number): number {
  return precision <= 9 ? 4 : precision <= 19 ? 8 : precision <= 28 ? 12 : 16
}

/** TYPE_INFO of a type ([MS-TDS] 2.2.5.6). */
export function typeInfo(type: SqlType): Buffer {
  const size = integerBytes[type.kind]
  if (type.kind === 'bit') return Buffer.from([0x68, 1])
  if (size !== undefined) return Buffer.from([0x26, size])
  switch (type.kind) {
    case 'real':
      return Buffer.from([0x6d, 4])
    case 'float':
      return Buffer.from([0x6d, 8])
    case 'decimal':
      return Buffer.from([0x6c, decimalBytes(type.precision ?? 18) + 1, type.precision ?? 18, type.scale ?? 0])
    case 'datetime':
      return Buffer.from([0x6f, 8])
    case 'datetime2':
      return Buffer.from([0x2a, type.scale ?? 7])
    case 'datetimeoffset':
      return Buffer.from([0x2b, type.scale ?? 7])
    case 'uniqueidentifier':
      return Buffer.from([0x24, 16])
    case 'nvarchar':
      return Buffer.concat([Buffer.from([0xe7]), lengthOf(type, 2), collation])
    case 'varchar':
      return Buffer.concat([Buffer.from([0xa7]), lengthOf(type, 1), collation])
    case 'varbinary':
      return Buffer.concat([Buffer.from([0xa5]), lengthOf(type, 1)])
    default:
      return Buffer.from([0x62, 0x49, 0x1f, 0, 0])
  }
}

function lengthOf(type: SqlType, unit: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(type.length === undefined || type.length < 0 ? noLength : Math.max(type.length, 1) * unit)
  return bytes
}

/** The bytes of a value with its length in front. */
export function encodeValue(value: Value, type: SqlType): Buffer {
  if (type.kind === 'sql_variant') return encodeVariant(value)
  const plain = bare(value)
  if (isMax(type)) return plain === null ? Buffer.alloc(8, 0xff) : chunked(body(plain, type))
  const wide = type.kind === 'nvarchar' || type.kind === 'varchar' || type.kind === 'varbinary'
  if (plain === null) return wide ? Buffer.from([0xff, 0xff]) : Buffer.from([0])
  const bytes = body(plain, type)
  const length = Buffer.alloc(wide ? 2 : 1)
  if (wide) length.writeUInt16LE(bytes.length)
  else length.writeUInt8(bytes.length)
  return Buffer.concat([length, bytes])
}

function isMax(type: SqlType): boolean {
  const wide = type.kind === 'nvarchar' || type.kind === 'varchar' || type.kind === 'varbinary'
  return wide && (type.length === undefined || type.length < 0)
}

/** A MAX value: its length, one chunk, the end. */
function chunked(bytes: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.writeBigUInt64LE(BigInt(bytes.length))
  const chunk = Buffer.alloc(4)
  chunk.writeUInt32LE(bytes.length)
  return Buffer.concat(bytes.length === 0 ? [head, Buffer.alloc(4)] : [head, chunk, bytes, Buffer.alloc(4)])
}

function body(plain: Exclude<Value, null | { of: Value }>, type: SqlType): Buffer {
  switch (type.kind) {
    case 'nvarchar':
      return Buffer.from(String(plain), 'utf16le')
    case 'varchar':
      return Buffer.from(String(plain), 'latin1')
    case 'varbinary':
      return Buffer.isBuffer(plain) ? plain : Buffer.from(String(plain), 'utf16le')
    case 'uniqueidentifier':
      return guidBytes(String(plain))
    case 'real':
    case 'float':
      return floatBytes(numberOf(plain), type.kind === 'real')
    case 'decimal':
      return decimalValue(plain, type)
    case 'datetime':
    case 'datetime2':
    case 'datetimeoffset':
      return momentBytes(plain instanceof Date ? plain.getTime() : 0, type)
    default: {
      const bytes = Buffer.alloc(8)
      bytes.writeBigInt64LE(typeof plain === 'bigint' ? plain : BigInt(Math.trunc(numberOf(plain))))
      return bytes.subarray(0, integerBytes[type.kind] ?? 4)
    }
  }
}

function guidBytes(text: string): Buffer {
  // Swapping the first three groups is its own inverse.
  return Buffer.from(guidFromBytes(Buffer.from(text.replaceAll('-', ''), 'hex')).replaceAll('-', ''), 'hex')
}

function floatBytes(number: number, short: boolean): Buffer {
  const bytes = Buffer.alloc(short ? 4 : 8)
  if (short) bytes.writeFloatLE(number)
  else bytes.writeDoubleLE(number)
  return bytes
}

function decimalValue(plain: Exclude<Value, null | { of: Value }>, type: SqlType): Buffer {
  const scale = type.scale ?? 0
  const unscaled =
    typeof plain === 'bigint' ? plain * 10n ** BigInt(scale) : BigInt(numberOf(plain).toFixed(scale).replace('.', ''))
  const size = decimalBytes(type.precision ?? 18)
  const bytes = Buffer.alloc(1 + size)
  bytes.writeUInt8(unscaled < 0n ? 0 : 1)
  let rest = unscaled < 0n ? -unscaled : unscaled
  for (let at = 1; at <= size; at++, rest >>= 8n) bytes.writeUInt8(Number(rest & 0xffn), at)
  return bytes
}

function momentBytes(milliseconds: number, type: SqlType): Buffer {
  const days = Math.floor(milliseconds / day)
  const within = milliseconds - days * day
  if (type.kind === 'datetime') {
    const bytes = Buffer.alloc(8)
    bytes.writeInt32LE(days + 25_567)
    bytes.writeUInt32LE(Math.round((within * 3) / 10), 4)
    return bytes
  }
  const scale = type.scale ?? 7
  const size = scale <= 2 ? 3 : scale <= 4 ? 4 : 5
  const withOffset = type.kind === 'datetimeoffset'
  const bytes = Buffer.alloc(size + 3 + (withOffset ? 2 : 0))
  bytes.writeUIntLE(Math.floor((within * 10 ** scale) / 1000), 0, size)
  bytes.writeUIntLE(days + 719_162, size, 3)
  if (withOffset) bytes.writeInt16LE(type.offset ?? 0, size + 3)
  return bytes
}

/** A sql_variant: total length, base type, its properties, its bytes. */
function encodeVariant(value: Value): Buffer {
  if (value === null) return Buffer.alloc(4)
  const type: SqlType = typeof value === 'object' && 'of' in value ? value.type : { kind: 'nvarchar', length: 4000 }
  const plain = bare(value)
  if (plain === null) return Buffer.alloc(4)
  const bytes = body(plain, type)
  const { token, properties } = variantHead(type)
  const head = Buffer.alloc(6)
  head.writeUInt32LE(2 + properties.length + bytes.length)
  head.writeUInt8(token, 4)
  head.writeUInt8(properties.length, 5)
  return Buffer.concat([head, properties, bytes])
}

function variantHead(type: SqlType): { token: number; properties: Buffer } {
  const none = Buffer.alloc(0)
  switch (type.kind) {
    case 'int':
      return { token: 0x38, properties: none }
    case 'bigint':
      return { token: 0x7f, properties: none }
    case 'datetime':
      return { token: 0x3d, properties: none }
    default:
      return { token: 0xe7, properties: Buffer.concat([collation, Buffer.from([0x40, 0x1f])]) }
  }
}
