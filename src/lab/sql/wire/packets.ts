/** Types of TDS packets ([MS-TDS] 2.2.3.1.1). */
export const packetType = {
  batch: 0x01,
  rpc: 0x03,
  response: 0x04,
  attention: 0x06,
  transaction: 0x0e,
  login: 0x10,
  sspi: 0x11,
  prelogin: 0x12,
} as const

/** A whole message: its packets put together. */
export interface Message {
  type: number
  data: Buffer
  /** The client wants its session settings fresh before this request. */
  reset: boolean
}

const headerLength = 8
const endOfMessage = 0x01
const ignore = 0x02
const resetBits = 0x08 | 0x10

/** Puts packets together. Bytes may come in pieces of any size; throws when they are no packets. */
export function createAssembler(onMessage: (message: Message) => void): (bytes: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0)
  let parts: Buffer[] = []
  let reset = false
  return (bytes) => {
    pending = pending.length === 0 ? bytes : Buffer.concat([pending, bytes])
    while (pending.length >= headerLength) {
      const length = pending.readUInt16BE(2)
      if (length < headerLength) throw new RangeError('a packet shorter than its header')
      if (pending.length < length) return
      const [type, status] = [pending.readUInt8(0), pending.readUInt8(1)]
      parts.push(pending.subarray(headerLength, length))
      pending = pending.subarray(length)
      if (type !== packetType.attention) reset ||= (status & resetBits) !== 0
      if ((status & endOfMessage) === 0) continue
      const message = { type, data: Buffer.concat(parts), reset }
      parts = []
      reset = false
      if ((status & ignore) === 0) onMessage(message)
    }
  }
}

/** One message as packets of at most `size` bytes. `last` false: the message goes on with the next call. */
export function packetsOf(
  type: number,
  data: Buffer,
  size: number,
  first: number,
  last: boolean,
): { bytes: Buffer; next: number } {
  const pieces: Buffer[] = []
  let id = first
  for (let offset = 0; offset === 0 || offset < data.length; offset += size - headerLength) {
    const body = data.subarray(offset, offset + size - headerLength)
    const header = Buffer.alloc(headerLength)
    header.writeUInt8(type, 0)
    header.writeUInt8(last && offset + body.length >= data.length ? endOfMessage : 0, 1)
    header.writeUInt16BE(body.length + headerLength, 2)
    header.writeUInt8(id & 0xff, 6)
    id += 1
    pieces.push(header, body)
  }
  return { bytes: Buffer.concat(pieces), next: id }
}
