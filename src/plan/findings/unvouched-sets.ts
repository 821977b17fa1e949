import type { Snapshot } from '../../domain/plan.ts'
import type { Finding } from '../../domain/statement.ts'
import { foldSubject } from '../../domain/subject.ts'
import type { SetId } from '../../domain/words.ts'
import { doubtedSets } from '../selections.ts'
import type { Fresh } from '../standing.ts'
import type { FindingRule } from './rule.ts'

const code = 'set-not-vouched'
/** Named one by one; the rest are one row for each location, so that no plan grows with what somebody plants. */
const mostNamed = 50

/** Sets on a share that nobody here made: what they claim counts for nothing. */
export const unvouchedSets: FindingRule = {
  codes: [code],
  find: ({ observed }) => {
    const doubted = doubtedSets(observed.sets)
    const more = Map.groupBy(doubted.slice(mostNamed), ({ location }) => location)
    return [
      ...doubted
        .slice(0, mostNamed)
        .map(({ id }) => finding(id, `${id} is on the share, and no run of this daemon made it.`)),
      ...[...more].map(([location, sets]) =>
        finding(location, `${sets.length} more sets are on it that no run of this daemon made.`),
      ),
    ]
  },
}

function finding(subject: string, message: string): Fresh<Finding> {
  return { code, severity: 'error', subject, desired: 'made by this daemon', observed: 'made by nobody known', message }
}

/** Doubted sets that a Suspension names: a person speaks for them. */
export function spokenFor({ plan, observed }: Pick<Snapshot, 'plan' | 'observed'>): SetId[] {
  const subjects = new Set(
    plan.ignored.filter((one) => one.finding.code === code).map((one) => foldSubject(one.finding.subject)),
  )
  if (subjects.size === 0) return []
  return doubtedSets(observed.sets).flatMap(({ id }) => (subjects.has(foldSubject(id)) ? [id] : []))
}
