import { isIP } from 'node:net'
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls'
import { Problem, systemCode } from '../../base/problem.ts'
import { timeOf } from '../../base/time.ts'
import type { HostConfig } from '../../config/config.ts'
import type { Facts } from '../../domain/facts.ts'
import { untilAborted } from '../deadline.ts'

/**
 * The certificate that a listener presents: whoever issued it, expired or not, over any version of TLS, since it is only
 * read. `port` is the published one. Throws `tls-failed` when there is none to be had.
 */
export async function readCertificate(
  hosts: Readonly<Record<string, HostConfig>>,
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<Facts['tls']> {
  const override = hosts[host.toLowerCase()]
  const socket = connect({
    host: override?.address ?? host,
    port: override?.ports[port] ?? port,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    rejectUnauthorized: false,
    minVersion: 'TLSv1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  })
  try {
    const certificate = await untilAborted(presented(socket), signal)
    return { port, ...factsOf(certificate) }
  } catch (thrown) {
    signal.throwIfAborted()
    throw failed(host, port, thrown)
  } finally {
    socket.destroy()
  }
}

function presented(socket: TLSSocket): Promise<PeerCertificate> {
  return new Promise((resolve, reject) => {
    socket.once('secureConnect', () => resolve(socket.getPeerCertificate()))
    socket.on('error', reject)
    socket.once('close', () => reject(new Error('The listener closed the connection.')))
  })
}

function factsOf(certificate: PeerCertificate): Omit<Facts['tls'], 'port'> {
  if (!certificate.valid_to) throw new Error('The listener presented no certificate.')
  return {
    subject: distinguishedName(certificate.subject),
    names: alternativeNames(certificate.subjectaltname),
    issuer: distinguishedName(certificate.issuer),
    thumbprint: certificate.fingerprint.replaceAll(':', ''),
    expiresAt: timeOf(Date.parse(certificate.valid_to)),
  }
}

/** `CN=pool01.contoso.com, O=Contoso`, most telling part first. */
function distinguishedName(name: PeerCertificate['subject']): string {
  const parts: [string, string | string[] | undefined][] = Object.entries(name)
  return parts
    .sort(([a], [b]) => Number(b === 'CN') - Number(a === 'CN'))
    .map(([key, value]) => `${key}=${[value].flat().join('+')}`)
    .join(', ')
}

/** DNS names of `DNS:a, IP Address:b, DNS:c`, in lower case, sorted. */
function alternativeNames(text: string | undefined): string[] {
  return (text ?? '')
    .split(', ')
    .filter((entry) => entry.startsWith('DNS:'))
    .map((entry) => entry.slice('DNS:'.length).toLowerCase())
    .sort()
}

function failed(host: string, port: number, thrown: unknown): Problem {
  const reason = systemCode(thrown) ?? (thrown instanceof Error ? thrown.message : String(thrown))
  return new Problem('tls-failed', {
    subject: host,
    message: `No certificate could be read from ${host} port ${port} (${reason}).`,
    hint: 'Check that the service runs and that the port is open; openssl s_client asks the same.',
    cause: thrown,
  })
}
