import { EngineError } from '../errors.ts'
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

/**
 * TYPE_INFO and the value of one parameter ([MS-TDS] 2.2.5.4 to 2.2.5.6): bits, whole numbers and text, which is what
 * clients bind. Any other type is error 8009.
 */
export function takeTyped(reader: Reader): { type: SqlType; value: Value } {
  const token = takeByte(reader)
  switch (token) {
    case 0x26:
      return takeNumber(reader, { kind: integers[takeByte(reader)] ?? 'int' })
    case 0x68:
      takeByte(reader)
      return takeNumber(reader, { kind: 'bit' })
    case 0xe7:
      return takeText(reader, 'nvarchar')
    case 0xa7:
      return takeText(reader, 'varchar')
    case 0x63:
      return takeLongText(reader)
    default:
      throw new EngineError(8009, token.toString(16).toUpperCase())
  }
}

function takeNumber(reader: Reader, type: SqlType): { type: SqlType; value: Value } {
  const bytes = take(reader, takeByte(reader))
  if (bytes.length === 0) return { type, value: null }
  if (type.kind === 'bigint') return { type, value: bytes.readBigInt64LE() }
  return { type, value: bytes.length === 1 ? bytes.readUInt8() : bytes.readIntLE(0, bytes.length) }
}

function takeText(reader: Reader, kind: 'nvarchar' | 'varchar'): { type: SqlType; value: Value } {
  const size = takeWord(reader)
  take(reader, 5) // the collation
  const type: SqlType = { kind, length: size === 0xffff ? -1 : size / (kind === 'nvarchar' ? 2 : 1) }
  const bytes = size === 0xffff ? takeChunks(reader) : takeCounted(reader)
  return { type, value: bytes?.toString(kind === 'nvarchar' ? 'utf16le' : 'latin1') ?? null }
}

/** NTEXT, which FreeTDS binds text as: its lengths take four bytes. */
function takeLongText(reader: Reader): { type: SqlType; value: Value } {
  take(reader, 4 + 5) // the greatest length, and the collation
  const length = take(reader, 4).readUInt32LE()
  const value = length === 0xffffffff ? null : take(reader, length).toString('utf16le')
  return { type: { kind: 'nvarchar', length: -1 }, value }
}

function takeCounted(reader: Reader): Buffer | null {
  const length = takeWord(reader)
  return length === 0xffff ? null : take(reader, length)
}

/** A MAX value: its length, then chunks up to an empty one. */
function takeChunks(reader: Reader): Buffer | null {
  if (take(reader, 8).readBigUInt64LE() === 0xffffffffffffffffn) return null
  const chunks: Buffer[] = []
  for (let size = take(reader, 4).readUInt32LE(); size > 0; size = take(reader, 4).readUInt32LE())
    chunks.push(take(reader, size))
  return Buffer.concat(chunks)
}
