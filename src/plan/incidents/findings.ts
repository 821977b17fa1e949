import { foldSubject } from '../../domain/subject.ts'
import type { Finding } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import { centralManagementFindings } from './central-management.ts'
import { databaseFindings, instanceFindings, mirrorFindings } from './databases.ts'
import { fabricFindings, poolsBelowQuorum, quorumFindings, type BelowQuorum } from './pools.ts'
import { reachFindings } from './reach.ts'
import { serviceFindings } from './services.ts'

/** What one rule says: what is wrong, and of which subjects nothing can be told now (folded). */
export interface Told {
  codes: readonly Finding['code'][]
  found: readonly Fresh<Finding>[]
  dark: ReadonlySet<string>
}

/** `below`: pools below quorum, which are told once. */
export type Rule = (digest: Digest, below: readonly BelowQuorum[]) => Told

const rules: readonly Rule[] = [
  reachFindings,
  serviceFindings,
  instanceFindings,
  databaseFindings,
  mirrorFindings,
  quorumFindings,
  fabricFindings,
  centralManagementFindings,
]

/**
 * What is wrong with servers and databases without calling for a rebuild. A finding on something of which nothing can
 * be told now stays as it was: it closes when its cause is seen gone.
 */
export function serverFindings(digest: Digest): Fresh<Finding>[] {
  const below = poolsBelowQuorum(digest)
  return rules.flatMap((rule) => {
    const { codes, found, dark } = rule(digest, below)
    const told = new Set(found.map(key))
    const kept = digest.memory.standing.findings.filter(
      (finding) => codes.includes(finding.code) && dark.has(foldSubject(finding.subject)) && !told.has(key(finding)),
    )
    return [...found, ...kept]
  })
}

function key({ code, subject }: Fresh<Finding>): string {
  return `${code} ${foldSubject(subject)}`
}
