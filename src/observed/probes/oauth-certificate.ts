import type { Certificate } from '../../domain/facts.ts'
import { objectsOf, requiredText, textsOf, timeIn, unreadable, type Answer } from '../answer.ts'
import type { Probe } from '../probe.ts'

/**
 * Global, and on every server: it stands in the Central Management store, and whether an export of the configuration holds
 * its key is not documented (domain reference, section 3.3). The cmdlet tells of the machine where it runs.
 */
export const oauthCertificateProbe: Probe<'oauthCertificate'> = {
  source: 'Get-CsCertificate',
  deadlineSeconds: 120,
  atOnce: 'shell',
  subjects: ({ deployment }) => [deployment.name],
  async look(_subject, { drivers }, signal) {
    const answer = await drivers.probeShell.call('certificates', { Type: 'OAuthTokenIssuer' }, signal)
    return { certificate: readCertificates(objectsOf(answer)) }
  },
}

/**
 * Of the certificate in use and the one that follows it, the one that is valid longer; null: "not returned = not assigned".
 * Throws Problem `answer-unreadable` where one does not say until when.
 */
export function readCertificates(answers: readonly Answer[]): Certificate | null {
  const certificates = answers.map((answer): Certificate => {
    const expiresAt = timeIn(answer, 'NotAfter')
    if (expiresAt === null) throw unreadable('its property NotAfter is not a time')
    return {
      subject: requiredText(answer, 'Subject'),
      names: textsOf(answer, 'AlternativeNames')
        .map((name) => name.toLowerCase())
        .sort(),
      issuer: requiredText(answer, 'Issuer'),
      thumbprint: requiredText(answer, 'Thumbprint'),
      expiresAt,
    }
  })
  return certificates.sort((a, b) => (a.expiresAt < b.expiresAt ? 1 : -1))[0] ?? null
}
