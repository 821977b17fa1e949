import { onceFor } from '../base/once-for.ts'
import type { Time } from '../base/time.ts'
import { requiredItems } from '../domain/inventory.ts'
import { faultsOfLocation, type LocationFault } from '../domain/location-faults.ts'
import type { BackupLocation, Desired } from '../domain/model.ts'
import { incompleteCopies, newestCopies, newestFirst, usableCopies } from '../domain/recovery-point.ts'
import { foldSubject, sameSubject } from '../domain/subject.ts'
import type { ActionKind } from '../domain/action.ts'
import type { SetSummary } from '../domain/backup-set.ts'
import type { Observed } from '../domain/observation.ts'
import type { Memory } from '../domain/plan.ts'
import type { Runbook } from '../domain/runbook.ts'
import type { Flag } from '../domain/statement.ts'
import type { Subject } from '../domain/words.ts'
import { classify, type Classes } from './health/classes.ts'
import { incidentsOf, type Incidents } from './loss/incidents.ts'
import { flagsOf } from './loss/flags.ts'
import { leftoversOf, runbooksOf } from './recovery/runbooks.ts'
import { compareText } from '../base/text.ts'
import type { Digest } from './digest.ts'
import { flawedSets } from './selections.ts'

/** The catalogue hands out the same list for as long as no set came, went or changed. */
const setsByPolicy = onceFor((sets: readonly SetSummary[]) => {
  const groups = groupByFolded(sets, (set) => set.policy)
  return new Map([...groups].map(([policy, group]) => [policy, newestFirst(group)]))
})

/** Locations on which sets are known. One in the making tells nothing: its run has just claimed the share. */
const locationsWithSets = onceFor(
  (sets: readonly SetSummary[]): ReadonlySet<string> =>
    new Set(sets.flatMap(({ location, finishedAt }) => (finishedAt === null ? [] : [location]))),
)

const itemsByPolicy = onceFor(
  (desired: Desired) => new Map(desired.policies.map((policy) => [policy.name, requiredItems(desired, policy)])),
)

/** Each part is found when a rule first asks for it, or once for all passes over the same sets and revision. */
export function digestOf(desired: Desired, observed: Observed, memory: Memory, now: Time): Digest {
  const sets = setsByPolicy(observed.sets)
  const items = itemsByPolicy(desired)
  const oldestFirst = [...memory.attempts].sort(
    (a, b) => compareText(a.endedAt, b.endedAt) || compareText(a.action, b.action),
  )
  const attempts = groupBy(oldestFirst, (attempt) => attempt.kind)
  const attemptsOf = new Map([...attempts].map(([kind, list]) => [kind, groupByFolded(list, ({ subject }) => subject)]))
  const inFlight = new Set(memory.inFlight.map((action) => keyOf(action.kind, action.subject)))
  const known = new Set([...memory.inFlight.map((action) => action.id), ...memory.attempts.map(({ action }) => action)])
  const knowing = locationsWithSets(observed.sets)
  const faultsOf = (location: BackupLocation): LocationFault[] =>
    faultsOfLocation(location, observed.facts.location.get(location.name), {
      deployment: desired.deployment.name,
      knowsSets: knowing.has(location.name),
    })
  const copies = newestCopies(observed.sets, now)
  const incomplete = incompleteCopies(flawedSets(observed.sets), copies, now)
  let classes: Classes | null = null
  let incidents: Incidents | null = null
  let flags: readonly Flag[] | null = null
  let runbooks: readonly Runbook[] | null = null
  let leftovers: readonly Runbook[] | null = null
  return {
    desired,
    observed,
    memory,
    now,
    setsOf: (policy) => sets.get(foldSubject(policy)) ?? [],
    required: (policy) => items.get(policy.name) ?? [],
    copies,
    incomplete,
    usable: usableCopies(copies, incomplete),
    attempts: (kind, subject) => attemptsOf.get(kind)?.get(foldSubject(subject)) ?? [],
    inFlight: (kind, subject) => inFlight.has(keyOf(kind, subject)),
    isKnown: (action) => known.has(action),
    faultsOf,
    hidden: (name) => {
      const location = desired.locations.find((one) => sameSubject(one.name, name))
      return (location && faultsOf(location).find(({ hides }) => hides)) ?? null
    },
    // Made when somebody asks: a question about runs or copies needs no class of anything.
    get classes() {
      return (classes ??= classify(desired, observed, memory, now))
    },
    get incidents() {
      return (incidents ??= incidentsOf(desired, this.classes, memory.standing.flags))
    },
    get flags() {
      return (flags ??= flagsOf(this))
    },
    get runbooks() {
      return (runbooks ??= runbooksOf(this))
    },
    get leftovers() {
      return (leftovers ??= leftoversOf(this))
    },
  }
}

function groupBy<T, K extends string>(values: readonly T[], key: (value: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const value of values) {
    const name = key(value)
    const group = groups.get(name)
    if (group) group.push(value)
    else groups.set(name, [value])
  }
  return groups
}

/** Groups by name without case. Names are folded once each, not once for each value: there may be 100,000. */
function groupByFolded<T>(values: readonly T[], key: (value: T) => string): Map<string, readonly T[]> {
  const groups = new Map<string, readonly T[]>()
  for (const [name, group] of groupBy(values, key)) {
    const folded = foldSubject(name)
    const other = groups.get(folded)
    groups.set(folded, other ? [...other, ...group] : group)
  }
  return groups
}

function keyOf(kind: ActionKind, subject: Subject): string {
  return `${kind} ${foldSubject(subject)}`
}
