import type { Time } from '../base/time.ts'
import { requiredItems } from '../domain/inventory.ts'
import type { BackupPolicy, Desired } from '../domain/model.ts'
import { newestCopies } from '../domain/recovery-point.ts'
import { foldSubject } from '../domain/subject.ts'
import type { Action, ActionKind, Attempt, Item, Memory, Observed, SetSummary, Subject } from '../domain/words.ts'

/** The planner's inputs with what its rules look up again and again, found once a pass. */
export interface Digest {
  readonly desired: Desired
  readonly observed: Observed
  readonly memory: Memory
  readonly now: Time
  setsOf(policy: string): readonly SetSummary[]
  required(policy: BackupPolicy): readonly Item[]
  /** The newest ok copy of every item, by `itemKey`. */
  readonly copies: ReadonlyMap<string, SetSummary>
  /** Ended actions of this kind and subject, oldest first. */
  attempts(kind: ActionKind, subject: Subject): readonly Attempt[]
  inFlight(kind: ActionKind, subject: Subject): boolean
  /** Whether an action of this id is in flight or ended. */
  isKnown(action: string): boolean
}

export function digest(desired: Desired, observed: Observed, memory: Memory, now: Time): Digest {
  const sets = groupBy(observed.sets, (set) => foldSubject(set.policy))
  const items = new Map(desired.policies.map((policy) => [policy.name, requiredItems(desired, policy)]))
  const attempts = groupBy(memory.attempts, (attempt) => keyOf(attempt.kind, attempt.subject))
  for (const list of attempts.values()) list.sort((a, b) => compareText(a.endedAt, b.endedAt))
  const inFlight = new Set(memory.inFlight.map((action) => keyOf(action.kind, action.subject)))
  const known = new Set([...memory.inFlight.map((action) => action.id), ...memory.attempts.map(({ action }) => action)])
  return {
    desired,
    observed,
    memory,
    now,
    setsOf: (policy) => sets.get(foldSubject(policy)) ?? [],
    required: (policy) => items.get(policy.name) ?? [],
    copies: newestCopies(observed.sets, now),
    attempts: (kind, subject) => attempts.get(keyOf(kind, subject)) ?? [],
    inFlight: (kind, subject) => inFlight.has(keyOf(kind, subject)),
    isKnown: (action) => known.has(action),
  }
}

/** An action with what the guards ask about it: the location that it touches. */
export interface Due {
  action: Action
  location: string
}

function groupBy<T>(values: readonly T[], key: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const value of values) {
    const name = key(value)
    const group = groups.get(name)
    if (group) group.push(value)
    else groups.set(name, [value])
  }
  return groups
}

function keyOf(kind: ActionKind, subject: Subject): string {
  return `${kind} ${foldSubject(subject)}`
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
