import { addSeconds } from '../../base/time.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import { isUntold } from './untold.ts'
import type { FindingRule } from './rule.ts'

const warnSeconds = 30 * 86_400

/** Certificates that run out within 30 days, or did. It is never a ground for a flag: the machine is still there. */
export const expiringCertificates: FindingRule = {
  codes: ['certificate-expires'],
  find,
  isDark: ({ subject }, digest) => isUntold('tls', subject, digest),
}

function find({ observed, now }: Digest): Fresh<Finding>[] {
  const limit = addSeconds(now, warnSeconds)
  return [...observed.facts.tls.values()].flatMap((seen) => {
    if (!seen.known || seen.value.expiresAt > limit) return []
    const { expiresAt, port, thumbprint } = seen.value
    const isOver = expiresAt <= now
    return [
      {
        code: 'certificate-expires',
        severity: isOver ? ('error' as const) : ('warning' as const),
        subject: seen.subject,
        desired: 'valid for 30 days and more',
        observed: `${isOver ? 'expired' : 'expires'} at ${expiresAt} (port ${port}, ${thumbprint})`,
        message: isOver
          ? 'Its certificate ran out: clients and other servers refuse it, and a restore needs a new one first.'
          : 'Its certificate runs out soon: renew it, and keep the new key where a rebuild can reach it.',
      },
    ]
  })
}
