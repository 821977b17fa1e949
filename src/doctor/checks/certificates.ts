import { Problem } from '../../base/problem.ts'
import { tlsListeners } from '../../domain/endpoints.ts'
import type { Facts } from '../../domain/facts.ts'
import type { Desired } from '../../domain/model.ts'
import { distinct, sameSubject } from '../../domain/subject.ts'
import type { Drivers } from '../../drivers/drivers.ts'
import { onlyAfter, type Check, type ChecksByHost } from '../check.ts'

/** The listener of each server presents a certificate that holds now and names the server or its pool. */
export function certificateChecks(
  desired: Desired,
  machines: ChecksByHost,
  { network, clock }: Pick<Drivers, 'network' | 'clock'>,
): Check[] {
  return tlsListeners(desired).map(({ host, port, pool }) => ({
    ...{ name: 'certificate', subject: host, group: 'network', deadlineSeconds: 30 },
    ...onlyAfter(machines.of(host)),
    async attempt(signal) {
      const certificate = await network.certificate(host, port, signal)
      if (certificate.expiresAt <= clock.now())
        throw new Problem('certificate-expired', {
          subject: host,
          message: `The certificate on port ${port} expired at ${certificate.expiresAt}.`,
          hint: 'Request and assign a new one with the certificate step of the Deployment Wizard (Request-CsCertificate, Set-CsCertificate).',
        })
      if (!names(certificate).some((name) => matches(name, host) || matches(name, pool)))
        throw new Problem('certificate-name', {
          subject: host,
          message: `The certificate on port ${port} names neither ${host} nor ${pool}; it is for ${names(certificate).join(', ') || 'nobody'}.`,
          hint: 'Assign the certificate of this server with the certificate step of the Deployment Wizard (Set-CsCertificate).',
        })
      return `port ${port}, until ${certificate.expiresAt}`
    },
  }))
}

function names({ subject, names }: Facts['tls']): string[] {
  const common = /\bCN=([^,]+)/.exec(subject)?.[1]
  return distinct([...(common === undefined ? [] : [common]), ...names])
}

/** `*.contoso.com` stands for one label. */
function matches(name: string, host: string): boolean {
  return sameSubject(name, host) || (name.startsWith('*.') && sameSubject(name.slice(1), host.slice(host.indexOf('.'))))
}
