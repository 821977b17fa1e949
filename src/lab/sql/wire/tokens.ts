import type { EngineError } from '../errors.ts'
import { message } from '../messages.ts'
import type { SqlType, Value } from '../values.ts'
import { collation, encodeValue, typeInfo } from './encode.ts'

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
export function errorToken({ number, message: text, severity, state }: EngineError, server: string): Buffer {
  return messageToken(0xaa, number, { text, severity, state }, server)
}

/** INFO token: progress, results of USE and of a login. */
export function infoToken(number: number, values: readonly (string | number)[], server: string): Buffer {
  return messageToken(0xab, number, { ...message(number, values), severity: 0 }, server)
}

function messageToken(token: number, number: number, of: ReturnType<typeof message>, server: string): Buffer {
  const head = [double(number), Buffer.from([of.state, of.severity]), longText(of.text)]
  return sized(token, Buffer.concat([...head, shortText(server), shortText(''), double(1)]))
}

export function loginAck(tds: number, version: { major: number; minor: number; build: number }): Buffer {
  const tdsBytes = Buffer.alloc(4)
  tdsBytes.writeUInt32BE(tds)
  const program = Buffer.from([version.major, version.minor, version.build >> 8, version.build & 0xff])
  return sized(0xad, Buffer.concat([Buffer.from([1]), tdsBytes, shortText('Microsoft SQL Server'), program]))
}

/** What Windows of the server answers to that of the client. */
export function sspiToken(answer: Buffer): Buffer {
  return sized(0xed, answer)
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
  return sized(0xe3, Buffer.from([7, collation.length, ...collation, 0]))
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

export function rowToken(columns: readonly Column[], values: readonly Value[]): Buffer {
  const cells = columns.map(({ type }, index) => encodeValue(values[index] ?? null, type))
  return Buffer.concat([Buffer.from([0xd1]), ...cells])
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
