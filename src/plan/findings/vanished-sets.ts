import { onceFor } from '../../base/once-for.ts'
import { formatSize } from '../../base/units.ts'
import type { Snapshot } from '../../domain/plan.ts'
import type { Finding } from '../../domain/statement.ts'
import { foldSubject } from '../../domain/subject.ts'
import type { VanishedSet } from '../../domain/vanished-set.ts'
import type { SetId } from '../../domain/words.ts'
import type { Fresh } from '../standing.ts'
import type { FindingRule } from './rule.ts'

const code = 'set-vanished'
/** Named one by one for each location; the rest are one row, so that no plan grows with what somebody deletes. */
const mostNamed = 200

interface Missing {
  location: string
  named: readonly VanishedSet[]
  more: readonly VanishedSet[]
}

/** By location. Sets that were missed first keep their names while others follow; of one look the newest come first. */
const missing = onceFor((vanished: readonly VanishedSet[]): readonly Missing[] =>
  [...Map.groupBy(vanished, ({ location }) => location)].map(([location, sets]) => {
    const sorted = sets.toSorted(byMiss)
    return { location, named: sorted.slice(0, mostNamed), more: sorted.slice(mostNamed) }
  }),
)

function byMiss(a: VanishedSet, b: VanishedSet): number {
  if (a.vanishedAt !== b.vanishedAt) return a.vanishedAt < b.vanishedAt ? -1 : 1
  if (a.startedAt !== b.startedAt) return a.startedAt < b.startedAt ? 1 : -1
  return a.id < b.id ? -1 : 1
}

/** Sets that somebody removed, and nobody said that it was meant. That newer ones exist does not matter. */
export const vanishedSets: FindingRule = {
  codes: [code],
  find: ({ memory }) =>
    missing(memory.vanished).flatMap(({ location, named, more }) => [
      ...named.map(vanishedSet),
      ...(more.length === 0 ? [] : [furtherSets(location, more.length)]),
    ]),
}

function vanishedSet({ id, unc, state, startedAt, bytes, vanishedAt }: VanishedSet): Fresh<Finding> {
  return {
    code,
    severity: 'error',
    subject: id,
    desired: 'on its share',
    observed: `gone; first missed at ${vanishedAt}`,
    message: `It is gone from ${unc}, and Holdfast did not remove it: ${state}, ${formatSize(bytes)}, started at ${startedAt}.`,
  }
}

function furtherSets(location: string, count: number): Fresh<Finding> {
  return {
    code,
    severity: 'error',
    subject: location,
    desired: 'every set on its share',
    observed: `${count} more gone`,
    message: `Besides the ${mostNamed} sets that are named, ${count} more are gone from it, and Holdfast did not remove them.`,
  }
}

/** Vanished sets whose finding is open, by location. */
export function openlyMissing({ plan, memory }: Pick<Snapshot, 'plan' | 'memory'>): Map<string, VanishedSet[]> {
  return among(plan.findings, memory.vanished)
}

/** Vanished sets whose finding a Suspension leaves out: nobody has to be told of them again. */
export function acknowledged({ plan, memory }: Pick<Snapshot, 'plan' | 'memory'>): SetId[] {
  const ignored = plan.ignored.map(({ finding }) => finding)
  return [...among(ignored, memory.vanished).values()].flat().map(({ id }) => id)
}

/** The vanished sets that these findings are about. */
function among(
  findings: readonly Pick<Finding, 'code' | 'subject'>[],
  vanished: readonly VanishedSet[],
): Map<string, VanishedSet[]> {
  const subjects = new Set(findings.filter((one) => one.code === code).map(({ subject }) => foldSubject(subject)))
  if (subjects.size === 0) return new Map()
  return new Map(
    missing(vanished).map(({ location, named, more }) => [
      location,
      [
        ...named.filter(({ id }) => subjects.has(foldSubject(id))),
        ...(subjects.has(foldSubject(location)) ? more : []),
      ],
    ]),
  )
}
