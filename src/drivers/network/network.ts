import type { Config } from '../../config/config.ts'
import type { Facts } from '../../domain/facts.ts'
import { resolveName } from './dns.ts'
import { acceptsConnection } from './tcp.ts'
import { readCertificate } from './tls.ts'

export interface Network {
  /** Answers as text (addresses, or `priority weight port target` for SRV), sorted; empty when the name exists not. */
  resolve(name: string, type: 'A' | 'SRV', signal: AbortSignal): Promise<readonly string[]>
  /** Whether the listener accepts a connection. Throws Problem `tcp-failed` when that could not be tried. */
  accepts(host: string, port: number, signal: AbortSignal): Promise<boolean>
  /** The certificate that the listener presents, whoever issued it. */
  certificate(host: string, port: number, signal: AbortSignal): Promise<Facts['tls']>
}

export function openNetwork(config: Pick<Config, 'dns' | 'hosts'>): Network {
  return {
    resolve: (name, type, signal) => resolveName(config.dns.servers, name, type, signal),
    accepts: (host, port, signal) => acceptsConnection(config.hosts, host, port, signal),
    certificate: (host, port, signal) => readCertificate(config.hosts, host, port, signal),
  }
}
