import { addSeconds, type Time } from '../../base/time.ts'
import { webPorts } from '../../domain/endpoints.ts'
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
  isDark: ({ subject, observed }, digest) =>
    isUntold('tls', subject, digest) ||
    isUntold('webCertificates', subject, digest) ||
    isUntold('oauthCertificate', subject, digest) ||
    isSilentSide(subject, observed, digest),
}

interface Use {
  subject: Subject
  /** `port 443`, `OAuthTokenIssuer`. */
  where: string
  certificate: Certificate
}

const internalWeb = `port ${webPorts.internal}`
const externalWeb = `port ${webPorts.external}`
const issuer = 'OAuthTokenIssuer'

/** Of the web services one side was told of, and says nothing now. */
function isSilentSide(subject: Subject, told: string, { observed: { facts } }: Digest): boolean {
  const seen = facts.webCertificates.get(subject)
  if (!seen?.known) return false
  const { internal, external } = seen.value
  return (
    (internal === null && told.includes(`${internalWeb},`)) || (external === null && told.includes(`${externalWeb},`))
  )
}

/** One row for each subject: its certificates often end together, and one often serves several uses. */
function find({ observed: { facts }, now }: Digest): Fresh<Finding>[] {
  const ending: Use[] = []
  const until = addSeconds(now, warnSeconds)
  const note = (subject: Subject, where: string, certificate: Certificate | null): void => {
    if (certificate !== null && certificate.expiresAt <= until) ending.push({ subject, where, certificate })
  }
  for (const seen of facts.tls.values()) if (seen.known) note(seen.subject, `port ${seen.value.port}`, seen.value)
  for (const seen of facts.webCertificates.values())
    if (seen.known) {
      note(seen.subject, internalWeb, seen.value.internal)
      note(seen.subject, externalWeb, seen.value.external)
    }
  for (const seen of facts.oauthCertificate.values()) if (seen.known) note(seen.subject, issuer, seen.value.certificate)
  return [...Map.groupBy(ending, ({ subject }) => subject)].map(([subject, uses]) => rowOf(subject, uses, now))
}

function rowOf(subject: Subject, uses: readonly Use[], now: Time): Fresh<Finding> {
  const isOver = uses.some(({ certificate }) => certificate.expiresAt <= now)
  const refusing = uses.every(({ where }) => where === issuer)
    ? 'Exchange and others refuse what it signs'
    : 'clients and other servers refuse it'
  const each = Map.groupBy(uses, ({ certificate }) => certificate.thumbprint)
  return {
    code: 'certificate-expires',
    severity: isOver ? 'error' : 'warning',
    subject,
    desired: 'valid for 30 days and more',
    observed: [...each.values()].map((same) => saidOf(same, now)).join('; '),
    message: isOver
      ? `A certificate of it ran out: ${refusing}, and a restore needs a new one first.`
      : 'A certificate of it runs out soon: renew it, and keep the new key where a rebuild can reach it.',
  }
}

/** `expires at 2026-03-20T00:00:00.000Z (port 443, port 5061, AB12)`: of one certificate in its uses. */
function saidOf(uses: readonly Use[], now: Time): string {
  const [first] = uses
  if (!first) return ''
  const { expiresAt, thumbprint } = first.certificate
  const where = uses.map((use) => use.where).join(', ')
  return `${expiresAt <= now ? 'expired' : 'expires'} at ${expiresAt} (${where}, ${thumbprint})`
}
