import type { Time } from '../../base/time.ts'
import { validSpan, type ProbedFact } from '../../domain/cadence.ts'
import type { Facts } from '../../domain/facts.ts'
import { foldSubject } from '../../domain/subject.ts'
import type { Observation, Observed, Unseen } from '../../domain/observation.ts'
import type { Subject } from '../../domain/words.ts'

/**
 * One fact as it may be used now. `seen`: it was told. `silent`: it was asked for and nothing came. `dark`: nobody
 * looked, or too long ago, or at a time that has not come yet; then nothing follows from it.
 */
export type Sight<T> =
  | { state: 'seen'; at: Time; since: Time; value: T; observation: Observation<T> }
  | { state: 'silent'; at: Time; since: Time; observation: Observation<T> & Unseen }
  | { state: 'dark'; observation: Observation<T> | null }

export interface Sights {
  of<F extends ProbedFact>(fact: F, subject: Subject): Sight<Facts[F]>
}

const dark = { state: 'dark', observation: null } as const

/** Facts by subject without case, each judged by its age. */
export function sightsOf({ facts }: Observed, now: Time): Sights {
  const indexes = new Map<ProbedFact, Map<string, Sight<unknown>>>()
  function index(fact: ProbedFact): Map<string, Sight<unknown>> {
    const { from, to } = validSpan(fact, now)
    const sights = new Map<string, Sight<unknown>>()
    const observations: ReadonlyMap<Subject, Observation<unknown>> = facts[fact]
    for (const [subject, observation] of observations) sights.set(foldSubject(subject), sightOf(observation, from, to))
    indexes.set(fact, sights)
    return sights
  }
  return {
    of: <F extends ProbedFact>(fact: F, subject: Subject) =>
      ((indexes.get(fact) ?? index(fact)).get(foldSubject(subject)) ?? dark) as Sight<Facts[F]>,
  }
}

function sightOf<T>(observation: Observation<T>, oldest: Time, latest: Time): Sight<T> {
  const { at, since } = observation
  if (at < oldest || at > latest) return { state: 'dark', observation }
  return observation.known
    ? { state: 'seen', at, since, value: observation.value, observation }
    : { state: 'silent', at, since, observation }
}

/** The latest of some times; empty text when there is none. */
export function latestOf(times: readonly Time[]): Time {
  return times.reduce((latest, time) => (time > latest ? time : latest), '')
}
