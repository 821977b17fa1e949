import { onceFor } from '../../base/once-for.ts'
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
  const views = new Map<ProbedFact, View>()
  function viewOf(fact: ProbedFact): View {
    const view = views.get(fact) ?? { told: toldBySubject(facts[fact]), ...validSpan(fact, now) }
    views.set(fact, view)
    return view
  }
  return {
    of<F extends ProbedFact>(fact: F, subject: Subject): Sight<Facts[F]> {
      const { told, from, to } = viewOf(fact)
      const sight = told.get(foldSubject(subject)) as Told<Facts[F]> | undefined
      if (sight === undefined) return dark
      return sight.at < from || sight.at > to ? { state: 'dark', observation: sight.observation } : sight
    },
  }
}

/** All that was told of one fact, and the span in which that may be used. */
interface View {
  told: ReadonlyMap<string, Told<unknown>>
  from: Time
  to: Time
}

type Told<T> = Exclude<Sight<T>, { state: 'dark' }>

/** Each map of facts stays the same until something of it is looked at again. */
const toldBySubject = onceFor(
  (observations: ReadonlyMap<Subject, Observation<unknown>>): ReadonlyMap<string, Told<unknown>> =>
    new Map([...observations].map(([subject, observation]) => [foldSubject(subject), toldBy(observation)])),
)

function toldBy<T>(observation: Observation<T>): Told<T> {
  const { at, since } = observation
  return observation.known
    ? { state: 'seen', at, since, value: observation.value, observation }
    : { state: 'silent', at, since, observation }
}

/** The latest of some times; empty text when there is none. */
export function latestOf(times: readonly Time[]): Time {
  return times.reduce((latest, time) => (time > latest ? time : latest), '')
}
