export interface Login {
  tds: number
  packetSize: number
  user: string
  password: string
  database: string
  application: string
  hostName: string
  /** Windows authentication was asked for. */
  integrated: boolean
  /** What Windows of the client says to that of the server; empty for a login by password. */
  token: Buffer
}

/** LOGIN7 ([MS-TDS] 2.2.6.4). Throws RangeError on anything else. */
export function readLogin(data: Buffer): Login {
  const bytesAt = (at: number): Buffer => {
    const [offset, length] = [data.readUInt16LE(at), data.readUInt16LE(at + 2)]
    if (offset + length * 2 > data.length) throw new RangeError('a login field outside its packet')
    return data.subarray(offset, offset + length * 2)
  }
  const text = (at: number): string => bytesAt(at).toString('utf16le')
  return {
    tds: data.readUInt32LE(4),
    packetSize: data.readUInt32LE(8),
    integrated: (data.readUInt8(25) & 0x80) !== 0,
    token: data.subarray(data.readUInt16LE(78), data.readUInt16LE(78) + data.readUInt16LE(80)),
    hostName: text(36),
    user: text(40),
    password: clear(bytesAt(44)).toString('utf16le'),
    application: text(48),
    database: text(68),
  }
}

/** Undoes the obfuscation of a password: each byte XOR A5, then its halves swapped. */
function clear(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte) => (((byte ^ 0xa5) << 4) & 0xf0) | ((byte ^ 0xa5) >> 4)))
}
