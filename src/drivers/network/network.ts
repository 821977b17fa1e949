import type { Facts } from '../../domain/facts.ts'

export interface Network {
  /** Answers as text (addresses, or `priority weight port target` for SRV), sorted; empty when the name exists not. */
  resolve(name: string, type: 'A' | 'SRV', signal: AbortSignal): Promise<readonly string[]>
  /** The certificate that the listener presents, whoever issued it. */
  certificate(host: string, port: number, signal: AbortSignal): Promise<Facts['tls']>
}
