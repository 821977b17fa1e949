import type { Clock } from '../base/clock.ts'
import type { Source } from '../desired/source.ts'
import { countSubjects } from '../domain/hosts.ts'
import type { Action, Memory, Plan } from '../domain/words.ts'
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
  refuseHopeless(memory, next, store)
  return { plan: next, started }
}

/** A request that the plan neither starts nor waits for is answered at once, with the guard's words where one refused it. */
function refuseHopeless(memory: Memory, next: Plan, store: Store): void {
  const served = new Set([...next.actions, ...memory.inFlight].map(({ request }) => request?.id))
  for (const request of memory.requests) {
    if (served.has(request.id)) continue
    const refusal = next.refused.find(({ requests }) => requests.includes(request.id))
    store.requests.refuse(
      request.id,
      refusal ? `${refusal.message} ${refusal.override}` : 'The plan has nothing to do for it.',
    )
  }
}
