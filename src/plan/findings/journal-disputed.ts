import type { Dispute, Snapshot } from '../../domain/plan.ts'
import type { Finding } from '../../domain/statement.ts'
import { sameSubject } from '../../domain/subject.ts'
import type { Fresh } from '../standing.ts'
import type { FindingRule } from './rule.ts'

const code = 'journal-disputed'

/** A share knows an entry of the journal that this state store does not hold. */
export const journalDisputed: FindingRule = {
  codes: [code],
  find: ({ memory }) => memory.disputes.map(finding),
}

function finding({ location, sequence, hash }: Dispute): Fresh<Finding> {
  return {
    code,
    severity: 'error',
    subject: location,
    desired: 'the journal that this location knows',
    observed: `another one, without its entry ${sequence}`,
    message: `${location} knows entry ${sequence} of the journal (${hash.slice(0, 12)}), and the journal of this state store does not hold it: the store was lost, cut, or put back to an older day.`,
  }
}

/** Locations whose dispute a Suspension leaves out: the former journal is let go. */
export function letGo({ plan, memory }: Pick<Snapshot, 'plan' | 'memory'>): string[] {
  const ignored = plan.ignored.flatMap(({ finding: one }) => (one.code === code ? [one.subject] : []))
  return memory.disputes.flatMap(({ location }) =>
    ignored.some((one) => sameSubject(one, location)) ? [location] : [],
  )
}
