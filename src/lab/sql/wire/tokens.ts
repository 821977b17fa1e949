import type { EngineError } from '../errors.ts'
import type { SqlType, Value } from '../values.ts'
import { encodeValue, typeInfo } from './encode.ts'

export interface Column {
  name: string
  type: SqlType
}

export const doneStatus = { final: 0, more: 0x01, error: 0x02, count: 0x10, attention: 0x20 } as const

/** Text with its length in characters in front, in one byte. */
function shortText(text: string): Buffer {
  const bytes = Buffer.from(text.slice(0, 255), 'utf16le')
  return Buffer.concat([Buffer.from([bytes.length / 2]), bytes])
}

function longText(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf16le')
  return Buffer.concat([word(bytes.length / 2), bytes])
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes
}

function sized(token: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([token]), word(body.length), body])
}

/** ERROR token; what follows an error of the same statement is the caller's. */
export function errorToken(error: EngineError, server: string, line = 1): Buffer {
  return messageToken(0xaa, error, server, line)
}

/** INFO token: progress, results of SET and USE. */
export function infoToken(number: number, text: string, server: string, severity = 0): Buffer {
  return messageToken(0xab, { number, message: text, severity, state: 1 }, server, 1)
}

function messageToken(
  token: number,
  of: { number: number; message: string; severity: number; state: number },
  server: string,
  line: number,
): Buffer {
  return sized(
    token,
    Buffer.concat([
      double(of.number),
      Buffer.from([of.state, of.severity]),
      longText(of.message),
      shortText(server),
      shortText(''),
      double(line),
    ]),
  )
}

export function loginAck(tds: number, version: { major: number; minor: number; build: number }): Buffer {
  const tdsBytes = Buffer.alloc(4)
  tdsBytes.writeUInt32BE(tds)
  const program = Buffer.from([version.major, version.minor, version.build >> 8, version.build & 0xff])
  return sized(0xad, Buffer.concat([Buffer.from([1]), tdsBytes, shortText('Microsoft SQL Server'), program]))
}

/** ENVCHANGE of text values. */
export function environmentChange(
  kind: 'database' | 'language' | 'packetSize',
  next: string,
  previous: string,
): Buffer {
  const type = { database: 1, language: 2, packetSize: 4 }[kind]
  return sized(0xe3, Buffer.concat([Buffer.from([type]), shortText(next), shortText(previous)]))
}

/** ENVCHANGE of the collation (7), or that the connection was reset (18). */
export function collationChange(): Buffer {
  return sized(0xe3, Buffer.from([7, 5, 0x09, 0x04, 0xd0, 0x00, 0x34, 0]))
}
export function resetAcknowledged(): Buffer {
  return sized(0xe3, Buffer.from([18, 0, 0]))
}

export function columnMetadata(columns: readonly Column[]): Buffer {
  const parts = [Buffer.from([0x81]), word(columns.length)]
  for (const column of columns) parts.push(double(0), word(nullable), typeInfo(column.type), shortText(column.name))
  return Buffer.concat(parts)
}
const nullable = 0x0009

/** ROW, or NBCROW where a null saves bytes and the protocol knows it (7.3 B and later). */
export function rowToken(columns: readonly Column[], values: readonly Value[], compressNulls: boolean): Buffer {
  if (!compressNulls || !values.includes(null))
    return Buffer.concat([
      Buffer.from([0xd1]),
      ...columns.map((column, index) => encodeValue(values[index] ?? null, column.type)),
    ])
  const bitmap = Buffer.alloc(Math.ceil(columns.length / 8))
  const parts: Buffer[] = [Buffer.from([0xd2]), bitmap]
  columns.forEach((column, index) => {
    const value = values[index] ?? null
    if (value === null) bitmap[index >> 3] = (bitmap[index >> 3] ?? 0) | (1 << (index & 7))
    else parts.push(encodeValue(value, column.type))
  })
  return Buffer.concat(parts)
}

/** DONE, DONEPROC or DONEINPROC. */
export function doneToken(kind: 'done' | 'procedure' | 'inProcedure', status: number, count = 0): Buffer {
  const bytes = Buffer.alloc(13)
  bytes.writeUInt8({ done: 0xfd, procedure: 0xfe, inProcedure: 0xff }[kind])
  bytes.writeUInt16LE(status, 1)
  bytes.writeUInt16LE((status & doneStatus.count) === 0 ? 0 : 0xc1, 3)
  bytes.writeBigUInt64LE(BigInt(count), 5)
  return bytes
}

export function returnStatus(value: number): Buffer {
  const bytes = Buffer.alloc(5)
  bytes.writeUInt8(0x79)
  bytes.writeInt32LE(value, 1)
  return bytes
}

/** An output parameter of a procedure. */
export function returnValue(ordinal: number, name: string, type: SqlType, value: Value): Buffer {
  return Buffer.concat([
    Buffer.from([0xac]),
    word(ordinal),
    shortText(name),
    Buffer.from([1]),
    double(0),
    word(0),
    typeInfo(type),
    encodeValue(value, type),
  ])
}
