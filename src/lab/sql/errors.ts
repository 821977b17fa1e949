import { message } from './messages.ts'

/** What the engine would send as an ERROR token. Some failures are several, in this order. */
export class EngineError extends Error {
  readonly number: number
  readonly severity: number
  readonly state: number
  /** Errors that follow this one of the same statement, such as 3013 after 3201. */
  also: readonly EngineError[] = []

  /** `values` fill the places of the message of that number. */
  constructor(number: number, ...values: readonly (string | number)[]) {
    const { severity, state, text } = message(number, values)
    super(text)
    this.name = 'EngineError'
    this.number = number
    this.severity = severity
    this.state = state
  }
}

/** Errors that end the batch, not only their statement: it could not be compiled. */
const endsBatch = new Set([102, 105, 137, 155, 195, 207, 208, 245, 4104, 4145, 8115, 8120])

export function isBatchFatal(error: EngineError): boolean {
  return endsBatch.has(error.number) || error.severity >= 20
}

/** A BACKUP or RESTORE that ends: the cause, then 3013. What is no error of the engine stays what it is. */
export function terminated(verb: string, cause: unknown): unknown {
  if (cause instanceof EngineError) cause.also = [...cause.also, new EngineError(3013, verb)]
  return cause
}

const operatingSystem: Record<string, string> = {
  ENOENT: '3(The system cannot find the path specified.)',
  ENOTDIR: '3(The system cannot find the path specified.)',
  EACCES: '5(Access is denied.)',
  EPERM: '5(Access is denied.)',
  EISDIR: '5(Access is denied.)',
  EROFS: '19(The media is write protected.)',
  EBUSY: '32(The process cannot access the file because it is being used by another process.)',
  ENOSPC: '112(There is not enough space on the disk.)',
  EHOSTDOWN: '53(The network path was not found.)',
  EHOSTUNREACH: '53(The network path was not found.)',
  ENONET: '67(The network name cannot be found.)',
}

/** The error of a file call as Windows would word it. */
export function operatingSystemError(thrown: unknown): string {
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? String(thrown.code) : ''
  return operatingSystem[code] ?? '1117(The request could not be performed because of an I/O device error.)'
}
