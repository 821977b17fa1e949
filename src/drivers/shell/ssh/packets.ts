/** Packets of SFTP version 3 (draft-ietf-secsh-filexfer-02), which OpenSSH speaks on every system. */

export const kind = {
  init: 1,
  version: 2,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  lstat: 7,
  fstat: 8,
  opendir: 11,
  readdir: 12,
  remove: 13,
  mkdir: 14,
  rmdir: 15,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attrs: 105,
} as const

export const flag = { read: 1, write: 2, create: 8, exclusive: 32 } as const

export const status = { ok: 0, endOfFile: 1, noSuchFile: 2, permissionDenied: 3 } as const

export interface Attributes {
  size: number | null
  /** Type and permission bits. */
  mode: number | null
  /** Seconds since 1970, by the clock of that machine. */
  modifiedAt: number | null
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

export function string(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([uint32(bytes.length), bytes])
}

const has = { size: 1, owner: 2, mode: 4, times: 8, extended: 0x8000_0000 } as const

/** Attributes that give no more than permission bits, or nothing. */
export function attributes(mode: number | null): Buffer {
  return mode === null ? uint32(0) : Buffer.concat([uint32(has.mode), uint32(mode)])
}

/** Reads the fields of one packet in their order. Throws RangeError where it ends too early. */
export class Fields {
  #at = 0
  readonly #bytes: Buffer

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  byte(): number {
    return this.#take(1).readUInt8()
  }

  uint32(): number {
    return this.#take(4).readUInt32BE()
  }

  bytes(): Buffer {
    return this.#take(this.uint32())
  }

  text(): string {
    return this.bytes().toString('utf8')
  }

  attributes(): Attributes {
    const flags = this.uint32()
    const given = (one: number): boolean => (flags & one) !== 0
    const size = given(has.size) ? Number(this.#take(8).readBigUInt64BE()) : null
    if (given(has.owner)) this.#take(8)
    const mode = given(has.mode) ? this.uint32() : null
    if (given(has.times)) this.#take(4)
    const modifiedAt = given(has.times) ? this.uint32() : null
    for (let texts = given(has.extended) ? 2 * this.uint32() : 0; texts > 0; texts--) this.bytes()
    return { size, mode, modifiedAt }
  }

  #take(length: number): Buffer {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new RangeError('A packet of SFTP ends too early.')
    const taken = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }
}

const longest = 1024 * 1024

/** The packets of a stream, each without its length. Throws RangeError for one that no server sends. */
export async function* packetsOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let open: Buffer[] = []
  let length = 0
  let needed = 4
  for await (const chunk of chunks) {
    open.push(chunk)
    length += chunk.length
    while (length >= needed) {
      const joined: Buffer = open.length === 1 ? (open[0] as Buffer) : Buffer.concat(open)
      const size = joined.readUInt32BE()
      if (size === 0 || size > longest) throw new RangeError(`A packet of SFTP has ${size} bytes.`)
      const whole = length >= size + 4
      if (whole) yield joined.subarray(4, size + 4)
      const rest = whole ? joined.subarray(size + 4) : joined
      open = [rest]
      length = rest.length
      needed = whole ? 4 : size + 4
    }
  }
}
