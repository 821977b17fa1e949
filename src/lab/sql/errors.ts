/** What the engine would send as an ERROR token. Some failures are several, in this order. */
export class EngineError extends Error {
  readonly number: number
  readonly severity: number
  readonly state: number
  /** Errors that follow this one of the same statement, such as 3013 after 3201. */
  readonly also: readonly EngineError[]

  constructor(
    number: number,
    message: string,
    options: { severity?: number; state?: number; also?: readonly EngineError[] } = {},
  ) {
    super(message)
    this.name = 'EngineError'
    this.number = number
    this.severity = options.severity ?? 16
    this.state = options.state ?? 1
    this.also = options.also ?? []
  }
}

/** Errors that end the batch, not only their statement: it could not be compiled. */
const endsBatch = new Set([102, 105, 137, 156, 195, 207, 208, 245, 4104, 4145, 8115, 8120])

export function isBatchFatal(error: EngineError): boolean {
  return endsBatch.has(error.number) || error.severity >= 20
}

export function syntaxError(near: string): EngineError {
  return new EngineError(102, `Incorrect syntax near '${near}'.`, { severity: 15 })
}

export function unknownColumn(name: string): EngineError {
  return new EngineError(207, `Invalid column name '${name}'.`)
}

export function unknownObject(name: string): EngineError {
  return new EngineError(208, `Invalid object name '${name}'.`)
}

export function unknownDatabase(name: string): EngineError {
  return new EngineError(911, `Database '${name}' does not exist. Make sure that the name is entered correctly.`)
}

export function undeclared(name: string): EngineError {
  return new EngineError(137, `Must declare the scalar variable "${name}".`, { severity: 15, state: 2 })
}

/** A BACKUP or RESTORE that ends: the cause, then 3013. */
export function terminated(verb: string, cause: EngineError): EngineError {
  const end = new EngineError(3013, `${verb} is terminating abnormally.`)
  return new EngineError(cause.number, cause.message, {
    severity: cause.severity,
    state: cause.state,
    also: [...cause.also, end],
  })
}

const operatingSystem: Record<string, [number, string]> = {
  ENOENT: [3, 'The system cannot find the path specified.'],
  ENOTDIR: [3, 'The system cannot find the path specified.'],
  EACCES: [5, 'Access is denied.'],
  EPERM: [5, 'Access is denied.'],
  EISDIR: [5, 'Access is denied.'],
  EROFS: [19, 'The media is write protected.'],
  EBUSY: [32, 'The process cannot access the file because it is being used by another process.'],
  ENOSPC: [112, 'There is not enough space on the disk.'],
  EHOSTDOWN: [53, 'The network path was not found.'],
  EHOSTUNREACH: [53, 'The network path was not found.'],
  ENONET: [67, 'The network name cannot be found.'],
}

/** The error of a file call as Windows would word it. */
export function operatingSystemError(thrown: unknown): string {
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? String(thrown.code) : ''
  const [number, text] = operatingSystem[code] ?? [
    1117,
    'The request could not be performed because of an I/O device error.',
  ]
  return `${number}(${text})`
}

/** 3201: the device could not be opened. `purpose` of reading: `read`. */
export function cannotOpenDevice(path: string, thrown: unknown): EngineError {
  return new EngineError(
    3201,
    `Cannot open backup device '${path}'. Operating system error ${operatingSystemError(thrown)}.`,
  )
}
