import { numberOf, type SqlType, type Value } from '../values.ts'

/** Latin1_General_CI_AS, the collation of all text here. */
export const collation = Buffer.from([0x09, 0x04, 0xd0, 0x00, 0x34])
const noLength = 0xffff
const day = 86_400_000

const integerBytes: Partial<Record<SqlType['kind'], number>> = { tinyint: 1, smallint: 2, int: 4, bigint: 8 }
const textTokens: Partial<Record<SqlType['kind'], number>> = { nvarchar: 0xe7, varchar: 0xa7, varbinary: 0xa5 }

/** TYPE_INFO of a type ([MS-TDS] 2.2.5.6). */
export function typeInfo(type: SqlType): Buffer {
  switch (type.kind) {
    case 'nvarchar':
    case 'varchar':
    case 'varbinary': {
      const head = Buffer.from([textTokens[type.kind] ?? 0, 0, 0])
      head.writeUInt16LE(isMax(type) ? noLength : Math.max(type.length ?? 1, 1) * (type.kind === 'nvarchar' ? 2 : 1), 1)
      return type.kind === 'varbinary' ? head : Buffer.concat([head, collation])
    }
    case 'bit':
      return Buffer.from([0x68, 1])
    case 'real':
      return Buffer.from([0x6d, 4])
    case 'decimal':
      return Buffer.from([0x6c, decimalBytes(type) + 1, type.precision ?? 18, 0])
    case 'datetime':
      return Buffer.from([0x6f, 8])
    case 'uniqueidentifier':
      return Buffer.from([0x24, 16])
    default:
      return Buffer.from([0x26, integerBytes[type.kind] ?? 4])
  }
}

/** The bytes of a value with its length in front. */
export function encodeValue(value: Value, type: SqlType): Buffer {
  if (isMax(type)) return value === null ? Buffer.alloc(8, 0xff) : chunked(body(value, type))
  const wide = textTokens[type.kind] !== undefined
  if (value === null) return wide ? Buffer.from([0xff, 0xff]) : Buffer.from([0])
  const bytes = body(value, type)
  const length = Buffer.alloc(wide ? 2 : 1)
  length.writeUIntLE(bytes.length, 0, length.length)
  return Buffer.concat([length, bytes])
}

function isMax(type: SqlType): boolean {
  return textTokens[type.kind] !== undefined && (type.length ?? -1) < 0
}

/** A MAX value: its length, one chunk, the end. */
function chunked(bytes: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.writeBigUInt64LE(BigInt(bytes.length))
  const chunk = Buffer.alloc(4)
  chunk.writeUInt32LE(bytes.length)
  return Buffer.concat(bytes.length === 0 ? [head, Buffer.alloc(4)] : [head, chunk, bytes, Buffer.alloc(4)])
}

function body(value: Exclude<Value, null>, type: SqlType): Buffer {
  switch (type.kind) {
    case 'nvarchar':
      return Buffer.from(String(value), 'utf16le')
    case 'varchar':
      return Buffer.from(String(value), 'latin1')
    case 'varbinary':
      return Buffer.isBuffer(value) ? value : Buffer.from(String(value), 'utf16le')
    case 'uniqueidentifier':
      return guidBytes(String(value))
    case 'decimal':
      return decimalValue(BigInt(String(value)), type)
    case 'datetime':
      return momentBytes(value instanceof Date ? value.getTime() : 0)
    case 'real': {
      const bytes = Buffer.alloc(4)
      bytes.writeFloatLE(numberOf(value))
      return bytes
    }
    default: {
      const bytes = Buffer.alloc(8)
      bytes.writeBigInt64LE(typeof value === 'bigint' ? value : BigInt(Math.trunc(numberOf(value))))
      return bytes.subarray(0, type.kind === 'bit' ? 1 : integerBytes[type.kind])
    }
  }
}

/** A uniqueidentifier travels with its first three groups turned round. */
function guidBytes(text: string): Buffer {
  const bytes = Buffer.from(text.replaceAll('-', ''), 'hex')
  for (const [from, to] of [
    [0, 4],
    [4, 6],
    [6, 8],
  ] as const)
    bytes.subarray(from, to).reverse()
  return bytes
}

/** Bytes of a decimal's magnitude by its precision. */
function decimalBytes({ precision = 18 }: SqlType): number {
  return precision <= 9 ? 4 : precision <= 19 ? 8 : precision <= 28 ? 12 : 16
}

function decimalValue(value: bigint, type: SqlType): Buffer {
  const bytes = Buffer.alloc(1 + decimalBytes(type))
  bytes.writeUInt8(value < 0n ? 0 : 1)
  let rest = value < 0n ? -value : value
  for (let at = 1; at < bytes.length; at++, rest >>= 8n) bytes.writeUInt8(Number(rest & 0xffn), at)
  return bytes
}

function momentBytes(milliseconds: number): Buffer {
  const days = Math.floor(milliseconds / day)
  const bytes = Buffer.alloc(8)
  bytes.writeInt32LE(days + 25_567)
  bytes.writeUInt32LE(Math.round(((milliseconds - days * day) * 3) / 10), 4)
  return bytes
}
