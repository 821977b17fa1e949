import { Duplex } from 'node:stream'
import { TLSSocket, createSecureContext } from 'node:tls'
import { packetType, packetsOf } from './packets.ts'

/** A TLS layer whose handshake travels inside PRELOGIN packets ([MS-TDS] 2.2.6.5), later records as they are. */
export interface SecureLayer {
  /** Bytes from the wire. */
  receive(bytes: Buffer): void
  /** Plain bytes to the peer. */
  send(bytes: Buffer): void
}

export interface ServerCertificate {
  key: string
  cert: string
  /** A build from before TLS 1.2: it speaks 1.0 and nothing else. */
  onlyOldTls?: boolean
}

const headerLength = 8

/** `write` puts bytes on the wire, `onPlain` gets what the peer said. */
export function secureLayer(
  { key, cert, onlyOldTls }: ServerCertificate,
  write: (bytes: Buffer) => void,
  onPlain: (bytes: Buffer) => void,
  onError: (error: Error) => void,
): SecureLayer {
  // Until the client sends a bare TLS record both sides wrap theirs: it speaks first after the handshake.
  let wrapped = true
  let pending: Buffer = Buffer.alloc(0)
  const wire = new Duplex({
    read: () => {},
    write(chunk: Buffer, _encoding, done) {
      write(wrapped ? packetsOf(packetType.prelogin, chunk, 4096, 1, true).bytes : chunk)
      done()
    },
  })
  const tls = new TLSSocket(wire, {
    isServer: true,
    secureContext: createSecureContext({
      key,
      cert,
      ...(onlyOldTls
        ? { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }
        : { maxVersion: 'TLSv1.2' }),
    }),
  })
  tls.on('data', onPlain)
  tls.on('error', onError)
  return {
    receive(bytes) {
      pending = Buffer.concat([pending, bytes])
      while (wrapped && pending.length >= headerLength && pending.readUInt8(0) === packetType.prelogin) {
        const length = pending.readUInt16BE(2)
        if (pending.length < length) return
        wire.push(pending.subarray(headerLength, length))
        pending = pending.subarray(length)
      }
      if (pending.length === 0 || (wrapped && pending.readUInt8(0) === packetType.prelogin)) return
      wrapped = false
      wire.push(pending)
      pending = Buffer.alloc(0)
    },
    send: (bytes) => void tls.write(bytes),
  }
}
