import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'

/** A TCP proxy that loses connections as networks do: one side learns of it, the other does not. */
export interface HalfOpenProxy extends AsyncDisposable {
  readonly port: number
  /** Clients lose their connections at once; the server is not told until the proxy is closed. */
  cutClients(): void
  /** New connections are refused from now on, or accepted again. */
  refuse(refused: boolean): void
}

export async function halfOpenProxy(targetPort: number): Promise<HalfOpenProxy> {
  const clients = new Set<Socket>()
  const servers = new Set<Socket>()
  let refused = false
  const listener = createServer((client) => {
    if (refused) {
      client.resetAndDestroy()
      return
    }
    const server = connect(targetPort, '127.0.0.1')
    clients.add(client)
    servers.add(server)
    client.on('error', () => {}).on('data', (bytes) => server.write(bytes))
    client.on('end', () => server.end()).on('close', () => clients.delete(client))
    server.on('error', () => {}).on('data', (bytes) => client.destroyed || client.write(bytes))
    server.on('close', () => servers.delete(server) && client.destroy())
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  return {
    port: (listener.address() as AddressInfo).port,
    cutClients() {
      for (const client of clients) client.resetAndDestroy()
    },
    refuse: (value) => (refused = value),
    async [Symbol.asyncDispose]() {
      for (const socket of [...clients, ...servers]) socket.destroy()
      listener.close()
      await once(listener, 'close')
    },
  }
}
