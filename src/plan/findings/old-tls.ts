import type { Facts } from '../../domain/facts.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Subject } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import { isUntold } from './untold.ts'
import type { FindingRule } from './rule.ts'

/** What is wrong with the instances that answer; of the others nothing is said. */
export const oldTls: FindingRule = {
  codes: ['sql-old-tls'],
  find,
  isDark: ({ subject }, digest) => isUntold('sqlInstance', subject, digest),
}

function find({ observed }: Digest): Fresh<Finding>[] {
  return [...observed.facts.sqlInstance.values()].flatMap((seen) =>
    seen.known ? [...oldTlsOf(seen.subject, seen.value)] : [],
  )
}

function oldTlsOf(subject: Subject, { oldTlsAllowed }: Facts['sqlInstance']): Fresh<Finding>[] {
  if (!oldTlsAllowed) return []
  return [
    {
      code: 'sql-old-tls',
      severity: 'warning',
      subject,
      desired: 'TLS 1.2',
      observed: 'TLS 1.0 accepted',
      message: 'Connections to it may be TLS 1.0, because holdfast.yaml says allowOldTls for its host.',
    },
  ]
}
