import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { Domain, Engine } from './engine.ts'
import type { SqlServerFacts } from './facts.ts'
import type { ServerCertificate } from './wire/secure.ts'
import { serveConnection, type Served } from './session.ts'

export interface SqlServerOptions {
  /** The facts as they are now; read for every request. */
  facts: () => SqlServerFacts
  /** Called after the server changed them. */
  changed: () => void
  /** A UNC or Windows path -> a path of this machine. May throw like a file call: gone, full, read-only, denied. */
  toLocal: (unc: string) => string
  /** Left out: no programs of other machines use its databases. */
  isHeld?: (database: string) => boolean
  /** PEM texts; null: the server offers no encryption. */
  certificate: ServerCertificate | null
  /** Left out: its machine is in no domain. */
  domain?: Domain
  /** Gets every request served, without passwords. */
  record: (entry: Served) => void
  /** On the loopback interface; a free one unless told. */
  port?: number
}

/** A SQL Server on a loopback port. `close` drops every connection at once, as a killed server does. */
export async function startSqlServer(options: SqlServerOptions): Promise<{ port: number; close(): Promise<void> }> {
  const stop = new AbortController()
  const engine: Engine = {
    facts: options.facts,
    changed: options.changed,
    toLocal: options.toLocal,
    domain: options.domain ?? (() => null),
    isHeld: options.isHeld ?? (() => false),
    sessions: new Map(),
    stopped: stop.signal,
  }
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    if (!options.facts().running) return void socket.destroy()
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.once('close', () => sockets.delete(socket))
    serveConnection(socket, engine, options.certificate, options.record)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        stop.abort(new Error('the server was stopped'))
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
