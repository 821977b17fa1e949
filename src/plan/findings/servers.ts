import { foldSubject } from '../../domain/subject.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import { centralManagementFindings } from './central-management-unavailable.ts'
import { databaseFindings, instanceFindings, mirrorFindings } from './databases.ts'
import { fabricFindings, quorumFindings } from './pools.ts'
import { reachFindings } from './reach.ts'
import type { Rule } from './rule.ts'
import { serviceFindings } from './services.ts'

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
  return rules.flatMap((rule) => {
    const { codes, found, dark } = rule(digest)
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
