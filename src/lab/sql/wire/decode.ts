import { convert, guidFromBytes } from '../convert.ts'
import type { SqlType, Value } from '../values.ts'

/** Reads bytes in order; RangeError past the end. */
export interface Reader {
  at: number
  readonly data: Buffer
}

export function take(reader: Reader, length: number): Buffer {
  if (reader.at + length > reader.data.length) throw new RangeError('the request ends too early')
  const bytes = reader.data.subarray(reader.at, reader.at + length)
  reader.at += length
  return bytes
}

export const takeByte = (reader: Reader): number => take(reader, 1).readUInt8()
export const takeWord = (reader: Reader): number => take(reader, 2).readUInt16LE()
const integers: Record<number, SqlType['kind']> = { 1: 'tinyint', 2: 'smallint', 4: 'int', 8: 'bigint' }
const fixed: Record<number, SqlType> = {
  0x30: { kind: 'tinyint' },
  0x32: { kind: 'bit' },
  0x34: { kind: 'smallint' },
  0x38: { kind: 'int' },
  0x3b: { kind: 'real' },
  0x3d: { kind: 'datetime' },
  0x3e: { kind: 'float' },
  0x7f: { kind: 'bigint' },
}
const fixedBytes: Partial<Record<SqlType['kind'], number>> = {
  bit: 1,
  tinyint: 1,
  smallint: 2,
  int: 4,
  bigint: 8,
  real: 4,
  float: 8,
  datetime: 8,
}

/** TYPE_INFO and the value of one parameter ([MS-TDS] 2.2.5.4 to 2.2.5.6). */
export function takeTyped(reader: Reader): { type: SqlType; value: Value } {
  const token = takeByte(reader)
  const simple = fixed[token]
  if (simple) return { type: simple, value: fromBytes(take(reader, fixedBytes[simple.kind] ?? 4), simple) }
  switch (token) {
    case 0x26:
      return counted(reader, { kind: integers[takeByte(reader)] ?? 'int' })
    case 0x68:
      takeByte(reader)
      return counted(reader, { kind: 'bit' })
    case 0x6d:
      return counted(reader, { kind: takeByte(reader) === 4 ? 'real' : 'float' })
    case 0x6f:
      takeByte(reader)
      return counted(reader, { kind: 'datetime' })
    case 0x24:
      takeByte(reader)
      return counted(reader, { kind: 'uniqueidentifier' })
    case 0x6a:
    case 0x6c:
      takeByte(reader)
      return counted(reader, { kind: 'decimal', precision: takeByte(reader), scale: takeByte(reader) })
    case 0x2a:
    case 0x2b:
      return counted(reader, { kind: token === 0x2a ? 'datetime2' : 'datetimeoffset', scale: takeByte(reader) })
    case 0xe7:
    case 0xef:
      return wide(reader, 'nvarchar', 2, true)
    case 0xa7:
    case 0xaf:
      return wide(reader, 'varchar', 1, true)
    case 0xa5:
    case 0xad:
      return wide(reader, 'varbinary', 1, false)
    default:
      throw new RangeError(`a parameter of type 0x${token.toString(16)}`)
  }
}

function counted(reader: Reader, type: SqlType): { type: SqlType; value: Value } {
  const length = takeByte(reader)
  return { type, value: length === 0 ? null : fromBytes(take(reader, length), type) }
}

function wide(reader: Reader, kind: SqlType['kind'], unit: number, collated: boolean): { type: SqlType; value: Value } {
  const size = takeWord(reader)
  if (collated) take(reader, 5)
  const type: SqlType = { kind, length: size === 0xffff ? -1 : size / unit }
  const bytes = size === 0xffff ? takeChunks(reader) : takeCountedWord(reader)
  return { type, value: bytes === null ? null : fromBytes(bytes, type) }
}

function takeCountedWord(reader: Reader): Buffer | null {
  const length = takeWord(reader)
  return length === 0xffff ? null : take(reader, length)
}

function takeChunks(reader: Reader): Buffer | null {
  if (take(reader, 8).readBigUInt64LE() === 0xffffffffffffffffn) return null
  const chunks: Buffer[] = []
  for (let size = take(reader, 4).readUInt32LE(); size > 0; size = take(reader, 4).readUInt32LE())
    chunks.push(take(reader, size))
  return Buffer.concat(chunks)
}

function fromBytes(bytes: Buffer, type: SqlType): Value {
  switch (type.kind) {
    case 'bit':
    case 'tinyint':
      return bytes.readUInt8()
    case 'smallint':
      return bytes.readInt16LE()
    case 'int':
      return bytes.readInt32LE()
    case 'bigint':
      return bytes.readBigInt64LE()
    case 'real':
      return bytes.readFloatLE()
    case 'float':
      return bytes.readDoubleLE()
    case 'uniqueidentifier':
      return guidFromBytes(bytes)
    case 'nvarchar':
      return bytes.toString('utf16le')
    case 'varchar':
      return bytes.toString('latin1')
    case 'decimal':
      return decimalFrom(bytes, type.scale ?? 0)
    case 'datetime':
      return new Date((bytes.readInt32LE() - 25_567) * 86_400_000 + (bytes.readUInt32LE(4) * 10) / 3)
    case 'datetime2':
    case 'datetimeoffset': {
      const size = bytes.length - 3 - (type.kind === 'datetimeoffset' ? 2 : 0)
      const time = (bytes.readUIntLE(0, size) / 10 ** (type.scale ?? 7)) * 1000
      return new Date((bytes.readUIntLE(size, 3) - 719_162) * 86_400_000 + time)
    }
    default:
      return bytes
  }
}

function decimalFrom(bytes: Buffer, scale: number): Value {
  let magnitude = 0n
  for (let at = bytes.length - 1; at >= 1; at--) magnitude = (magnitude << 8n) | BigInt(bytes.readUInt8(at))
  const signed = bytes.readUInt8() === 0 ? -magnitude : magnitude
  return scale === 0 ? signed : convert(Number(signed) / 10 ** scale, { kind: 'decimal', scale })
}
