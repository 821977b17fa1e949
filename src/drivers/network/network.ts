import type { Config } from '../../config/config.ts'
import type { Facts } from '../../domain/facts.ts'
import { resolveName } from './dns.ts'
import { readCertificate } from './tls.ts'

export interface Network {
  /** Answers as text (addresses, or `priority weight port target` for SRV), sorted; empty when the name exists not. */
  resolve(name: string, type: 'A' | 'SRV', signal: AbortSignal): Promise<readonly string[]>
  /** The certificate that the listener presents, whoever issued it. */
  certificate(host: string, port: number, signal: AbortSignal): Promise<Facts['tls']>
}

export function openNetwork(config: Pick<Config, 'dns' | 'hosts'>): Network {
  return {
    resolve: (name, type, signal) => resolveName(config.dns.servers, name, type, signal),
    certificate: (host, port, signal) => readCertificate(config.hosts, host, port, signal),
  }
}
