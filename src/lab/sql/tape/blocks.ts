/** Descriptor blocks and streams as in "Microsoft Tape Format Specification", version 1.00a. */
export const logicalBlock = 1024
/** Soft filemarks here take eight units of 512 bytes. */
export const filemarkBytes = 4096
export const headerBytes = 52
export const streamHeaderBytes = 22
const unicode = 2
const windowsNt = 14

export const streamChecksummed = 0x20

/** A string or other data of a block: size and offset in the header, bytes behind the fields. */
export interface Text {
  /** Where the header holds size and offset. */
  at: number
  bytes: Buffer
}

/** A descriptor block without its streams: fields, strings behind them, checksum set. Ends where streams begin. */
export function descriptorBlock(
  type: string,
  options: { attributes?: number; address: number; number: number; fields: Buffer; texts?: readonly Text[] },
): Buffer {
  const texts = options.texts ?? []
  const fixed = headerBytes + options.fields.length
  const size = align(
    texts.reduce((total, { bytes }) => align(total, 2) + bytes.length, fixed),
    4,
  )
  const block = Buffer.alloc(size)
  block.write(type, 0, 'latin1')
  block.writeUInt32LE(options.attributes ?? 0, 4)
  block.writeUInt16LE(size, 8)
  block.writeUInt8(windowsNt, 10)
  block.writeUInt8(1, 11)
  block.writeBigUInt64LE(BigInt(options.address), 20)
  block.writeUInt32LE(options.number, 36)
  block.writeUInt8(unicode, 48)
  options.fields.copy(block, headerBytes)
  let offset = fixed
  for (const { at, bytes } of texts) {
    offset = align(offset, 2)
    block.writeUInt16LE(bytes.length, at)
    block.writeUInt16LE(bytes.length === 0 ? 0 : offset, at + 2)
    bytes.copy(block, offset)
    offset += bytes.length
  }
  block.writeUInt16LE(checksum(block.subarray(0, 50)), 50)
  return block
}

/** The header of a stream: identifier, attributes of the medium, length of what follows. */
export function streamHeader(id: string, length: number, attributes = 0): Buffer {
  const header = Buffer.alloc(streamHeaderBytes)
  header.write(id, 0, 'latin1')
  header.writeUInt16LE(attributes, 6)
  header.writeBigUInt64LE(BigInt(length), 8)
  header.writeUInt16LE(checksum(header.subarray(0, 20)), 20)
  return header
}

/** A whole stream, filled up to where the next may begin. */
export function stream(id: string, data: Buffer, attributes = 0): Buffer {
  return Buffer.concat([
    streamHeader(id, data.length, attributes),
    data,
    Buffer.alloc(align(data.length + streamHeaderBytes, 4) - data.length - streamHeaderBytes),
  ])
}

/** The padding stream that ends a block: the next begins at a logical block. `at` is where it will stand. */
export function padding(at: number, id = 'SPAD', boundary = logicalBlock): Buffer {
  const end = align(at + streamHeaderBytes, boundary)
  return stream(id, Buffer.alloc(end - at - streamHeaderBytes))
}

/** XOR of 16-bit words: of headers. */
export function checksum(bytes: Buffer): number {
  let value = 0
  for (let at = 0; at + 1 < bytes.length; at += 2) value ^= bytes.readUInt16LE(at)
  return value
}

/** XOR of 32-bit words: of the data of a checksummed stream, continued from `value`. */
export function streamChecksum(bytes: Buffer, value = 0): number {
  let result = value
  for (let at = 0; at + 3 < bytes.length; at += 4) result ^= bytes.readInt32LE(at)
  return result | 0
}

export function align(value: number, boundary: number): number {
  return Math.ceil(value / boundary) * boundary
}

/** Five bytes: year in 14 bits, month 4, day 5, hour 5, minute 6, second 6. Of local time. */
export function tapeDate(moment: Date): Buffer {
  const fields: [number, number][] = [
    [moment.getUTCFullYear(), 14],
    [moment.getUTCMonth() + 1, 4],
    [moment.getUTCDate(), 5],
    [moment.getUTCHours(), 5],
    [moment.getUTCMinutes(), 6],
    [moment.getUTCSeconds(), 6],
  ]
  const bits = fields.reduce((total, [value, width]) => (total << BigInt(width)) | BigInt(value), 0n)
  return Buffer.from(bits.toString(16).padStart(10, '0'), 'hex')
}

export function dateFromTape(bytes: Buffer): Date {
  let bits = BigInt(`0x${bytes.toString('hex')}`)
  const next = (width: bigint): number => {
    const value = Number(bits & ((1n << width) - 1n))
    bits >>= width
    return value
  }
  const [second, minute, hour, day, month, year] = [6n, 6n, 5n, 5n, 4n, 14n].map(next) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second))
}
