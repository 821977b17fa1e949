/** What client and server may say about encryption ([MS-TDS] 2.2.6.5). */
export const encryption = { off: 0, on: 1, notSupported: 2, required: 3 } as const

const versionToken = 0
const encryptionToken = 1
const terminator = 0xff

/** The encryption that the client asks for. */
export function readPrelogin(data: Buffer): number {
  for (let at = 0; at + 5 <= data.length && data.readUInt8(at) !== terminator; at += 5)
    if (data.readUInt8(at) === encryptionToken) return data.readUInt8(data.readUInt16BE(at + 1))
  return encryption.notSupported
}

/** The answer: version and encryption, the other options as a server without them. */
export function preloginAnswer(version: { major: number; minor: number; build: number }, chosen: number): Buffer {
  const versionBytes = Buffer.alloc(6)
  versionBytes.writeUInt8(version.major, 0)
  versionBytes.writeUInt8(version.minor, 1)
  versionBytes.writeUInt16BE(version.build, 2)
  const options: [number, Buffer][] = [
    [versionToken, versionBytes],
    [encryptionToken, Buffer.from([chosen])],
    [2, Buffer.from([0])],
    [3, Buffer.alloc(0)],
    [4, Buffer.from([0])],
  ]
  let offset = options.length * 5 + 1
  const heads = options.map(([token, value]) => {
    const head = Buffer.alloc(5)
    head.writeUInt8(token, 0)
    head.writeUInt16BE(offset, 1)
    head.writeUInt16BE(value.length, 3)
    offset += value.length
    return head
  })
  return Buffer.concat([...heads, Buffer.from([terminator]), ...options.map(([, value]) => value)])
}

/** What the server answers: without a certificate nothing, else the client's wish; a login is always protected. */
export function chooseEncryption(asked: number, hasCertificate: boolean): number {
  if (!hasCertificate || asked === encryption.notSupported) return encryption.notSupported
  return asked === encryption.off ? encryption.off : encryption.on
}
