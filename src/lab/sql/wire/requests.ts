import type { SqlType, Value } from '../values.ts'
import { take, takeByte, takeTyped, takeWord, type Reader } from './decode.ts'

export interface Parameter {
  /** With its `@`; empty where the client names none. */
  name: string
  type: SqlType
  value: Value
}

export interface ProcedureCall {
  procedure: string
  parameters: Parameter[]
}

/** Clients may call a procedure by number ([MS-TDS] 2.2.6.6); one of them is known here. */
function procedureName(number: number): string {
  return number === 10 ? 'sp_executesql' : `procedure ${number}`
}

/** The headers in front of a request (transaction, tracing) say nothing here. */
function skipHeaders(reader: Reader): void {
  const length = take(reader, 4).readUInt32LE()
  take(reader, length - 4)
}

/** The text of a batch. */
export function readBatch(data: Buffer): string {
  const reader: Reader = { data, at: 0 }
  skipHeaders(reader)
  return data.subarray(reader.at).toString('utf16le')
}

/** One remote procedure call. */
export function readCall(data: Buffer): ProcedureCall {
  const reader: Reader = { data, at: 0 }
  skipHeaders(reader)
  const length = takeWord(reader)
  const procedure = length === 0xffff ? procedureName(takeWord(reader)) : take(reader, length * 2).toString('utf16le')
  takeWord(reader)
  const parameters: Parameter[] = []
  while (reader.at < data.length) {
    const name = take(reader, takeByte(reader) * 2).toString('utf16le')
    takeByte(reader)
    parameters.push({ name, ...takeTyped(reader) })
  }
  return { procedure, parameters }
}
