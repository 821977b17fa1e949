import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { connect, isIP, type Socket, type TcpNetConnectOpts } from 'node:net'
import { untilAborted } from '../deadline.ts'

/** What the client library calls to connect, in place of its own way; its types leave the parameters out. */
export type Connector = (options: TcpNetConnectOpts, lookup: unknown, signal: AbortSignal) => Promise<Socket>

/** Tries the addresses of the server in turn, as the library does, and shows each socket before anything is said on it. */
export function connector(onSocket: (socket: Socket) => void): Connector {
  return async (options, _, signal) => {
    const host = options.host ?? ''
    const found = isIP(host) ? [{ address: host }] : await untilAborted(lookup(host, { all: true }), signal)
    const errors: unknown[] = []
    for (const { address } of found) {
      const socket = connect({ ...options, host: address })
      try {
        await once(socket, 'connect', { signal })
        onSocket(socket)
        return socket
      } catch (thrown) {
        socket.destroy()
        signal.throwIfAborted()
        errors.push(thrown)
      }
    }
    throw new AggregateError(errors)
  }
}
