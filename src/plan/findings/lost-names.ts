import { sameSubject } from '../../domain/subject.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Subject } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import { answers } from './lost.ts'
import { isUntold } from './untold.ts'
import type { FindingRule } from './rule.ts'

/** Hosts and pools that live under a name which DNS no longer knows. A lost name alone says nothing of the machine. */
export const lostNames: FindingRule = {
  codes: ['name-lost'],
  find,
  isDark: ({ subject }, digest) => isUntold('dns', subject, digest),
}

function find(digest: Digest): Fresh<Finding>[] {
  const { dns } = digest.observed.facts
  return [...dns.values()].filter(({ subject }) => nameIsLost(subject, digest)).map(({ subject }) => lostName(subject))
}

export function nameIsLost(subject: Subject, digest: Digest): boolean {
  const seen = digest.observed.facts.dns.get(subject)
  if (!seen?.known || seen.value.answers.length > 0) return false
  return answers(subject, digest) || membersOf(subject, digest).some((server) => answers(server, digest))
}

function membersOf(subject: Subject, { desired }: Digest): readonly string[] {
  return desired.pools.find(({ fqdn }) => sameSubject(fqdn, subject))?.servers ?? []
}

function lostName(subject: Subject): Fresh<Finding> {
  return {
    code: 'name-lost',
    severity: 'error',
    subject,
    desired: 'a name in DNS',
    observed: 'no address',
    message:
      'It answers, but DNS has no address for its name: clients do not find it, and a restore needs the name as it was.',
  }
}
