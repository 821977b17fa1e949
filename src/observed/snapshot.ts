/** The newest observation of every subject, and since when it has been so. */
import { isDeepStrictEqual } from 'node:util'
import type { Time } from '../base/time.ts'
import { eachFact, type Facts } from '../domain/facts.ts'
import type { Observation, Observed, Seen, Unseen } from '../domain/observation.ts'
import type { Subject } from '../domain/words.ts'

type FactMaps = { [F in keyof Facts]: Map<Subject, Observation<Facts[F]>> }

/** What one look saw. */
export type LookResult<T> = { at: Time; source: string } & (Seen<T> | Unseen)

export interface Snapshot {
  /** Never changes once handed out. */
  facts(): Observed['facts']
  /** True when it says something else than before, apart from the time. */
  record<F extends keyof Facts>(
    fact: F,
    subject: Subject,
    sight: LookResult<Facts[F]>,
    essence?: (value: Facts[F]) => unknown,
  ): boolean
  /** The source's own report, which knows its `since`, takes the place of all before it. */
  report<F extends keyof Facts>(fact: F, observation: Observation<Facts[F]>): void
  /** Forgets every subject that is not named. */
  keep(fact: keyof Facts, subjects: readonly Subject[]): void
  forget(fact: keyof Facts, subject: Subject): void
  /** Null while it is unknown. */
  known<F extends keyof Facts>(fact: F, subject: Subject): Facts[F] | null
  /** How long anything has been so is not known any more: all of it counts from `at`, but for what the source reports. */
  restart(at: Time): void
}

export function createSnapshot(before: Observed['facts'] | null): Snapshot {
  const maps: FactMaps = eachFact((fact) => new Map(before?.[fact] as Map<Subject, never> | undefined))
  const handedOut = new Set<keyof Facts>()
  function writable<F extends keyof Facts>(fact: F): FactMaps[F] {
    if (handedOut.delete(fact)) maps[fact] = new Map(maps[fact] as Map<Subject, never>)
    return maps[fact]
  }
  return {
    facts() {
      for (const fact of Object.keys(maps) as (keyof Facts)[]) handedOut.add(fact)
      return { ...maps }
    },
    record(fact, subject, sight, essence) {
      const before = maps[fact].get(subject)
      const isSame = before !== undefined && saysTheSame(before, sight)
      // The same value stays the same object: whoever worked on it need not do so again.
      const kept = isSame && before.known ? { value: before.value } : {}
      const observation = { subject, ...sight, ...kept, since: sinceOf(before, sight, essence) }
      writable(fact).set(subject, observation)
      return !isSame
    },
    report(fact, observation) {
      writable(fact).clear()
      maps[fact].set(observation.subject, observation)
    },
    keep(fact, subjects) {
      const kept = new Set(subjects)
      for (const subject of maps[fact].keys()) if (!kept.has(subject)) writable(fact).delete(subject)
    },
    forget(fact, subject) {
      writable(fact).delete(subject)
    },
    known(fact, subject) {
      const observation = maps[fact].get(subject)
      return observation?.known ? observation.value : null
    },
    restart(at) {
      for (const fact of Object.keys(maps) as (keyof Facts)[]) if (fact !== 'source') restarted(writable(fact), at)
    },
  }
}

function restarted(observations: Map<Subject, Observation<unknown>>, at: Time): void {
  for (const [subject, observation] of observations) observations.set(subject, { ...observation, since: at })
}

function saysTheSame<T>(before: Observation<T>, now: LookResult<T>): boolean {
  if (before.known || now.known) return before.known && now.known && isDeepStrictEqual(before.value, now.value)
  return before.code === now.code && before.answered === now.answered && before.error === now.error
}

/** Unknown is one state, whatever the reason. */
function sinceOf<T>(
  before: Observation<T> | undefined,
  now: LookResult<T>,
  essence: (value: T) => unknown = (value) => value,
): Time {
  if (!before || before.known !== now.known) return now.at
  if (before.known && now.known && !isDeepStrictEqual(essence(before.value), essence(now.value))) return now.at
  return before.since
}
