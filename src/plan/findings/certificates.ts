import { addSeconds, type Time } from '../../base/time.ts'
import type { Certificate } from '../../domain/facts.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Subject } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import { isUntold } from './untold.ts'
import type { FindingRule } from './rule.ts'

const warnSeconds = 30 * 86_400

/** Certificates that run out within 30 days, or did. It is never a ground for a flag: the machine is still there. */
export const expiringCertificates: FindingRule = {
  codes: ['certificate-expires'],
  find,
  isDark: ({ subject }, digest) => isUntold('tls', subject, digest) || isUntold('oauthCertificate', subject, digest),
}

function find({ observed: { facts }, now }: Digest): Fresh<Finding>[] {
  const presented = [...facts.tls.values()].flatMap((seen) =>
    seen.known
      ? [rowOf(seen.subject, seen.value, `port ${seen.value.port}`, 'clients and other servers refuse it', now)]
      : [],
  )
  const issuing = [...facts.oauthCertificate.values()].flatMap((seen) =>
    seen.known && seen.value.certificate
      ? [
          rowOf(
            seen.subject,
            seen.value.certificate,
            'OAuthTokenIssuer',
            'Exchange and others refuse what it signs',
            now,
          ),
        ]
      : [],
  )
  return [...presented, ...issuing].flatMap((row) => row ?? [])
}

function rowOf(
  subject: Subject,
  { expiresAt, thumbprint }: Certificate,
  where: string,
  refusing: string,
  now: Time,
): Fresh<Finding> | null {
  if (expiresAt > addSeconds(now, warnSeconds)) return null
  const isOver = expiresAt <= now
  return {
    code: 'certificate-expires',
    severity: isOver ? 'error' : 'warning',
    subject,
    desired: 'valid for 30 days and more',
    observed: `${isOver ? 'expired' : 'expires'} at ${expiresAt} (${where}, ${thumbprint})`,
    message: isOver
      ? `Its certificate ran out: ${refusing}, and a restore needs a new one first.`
      : 'Its certificate runs out soon: renew it, and keep the new key where a rebuild can reach it.',
  }
}
