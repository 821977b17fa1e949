import type { Clock } from '../base/clock.ts'
import type { Source } from '../desired/source.ts'
import { countSubjects } from '../domain/hosts.ts'
import type { Action } from '../domain/action.ts'
import type { Plan } from '../domain/plan.ts'
import type { Observer } from '../observed/observer.ts'
import { plan } from '../plan/plan.ts'
import type { Store } from '../store/store.ts'
import type { Executor } from './executor.ts'

export interface World {
  source: Source
  observer: Observer
  store: Store
  executor: Executor
  clock: Clock
}

export interface Turn {
  plan: Plan
  /** How many actions this pass started. */
  started: number
}

/** One turn of the loop: newest snapshots, plan, remember, start. Null while no revision was ever valid. */
export function pass(
  { source, observer, store, executor, clock }: World,
  wanted: (action: Action) => boolean,
): Turn | null {
  const desired = source.lastGood()
  if (!desired) return null
  observer.follow(desired)
  observer.report('source', source.fact())
  const observed = observer.snapshot()
  const memory = store.memory()
  const next = plan(desired, observed, memory, clock.now())
  store.remember(next, observed, { revision: desired.revision, subjects: countSubjects(desired) })
  const started = next.actions.filter((action) => wanted(action) && executor.start(action, desired)).length
  refuseHopeless(next, store)
  return { plan: next, started }
}

/** A request that a guard refuses for good is answered with the guard's words; one that only has to wait is left alone. */
function refuseHopeless({ refused }: Plan, store: Store): void {
  for (const { requests, message, override } of refused)
    for (const id of requests) store.requests.refuse(id, `${message} ${override}`)
}
