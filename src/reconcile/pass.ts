import type { Clock } from '../base/clock.ts'
import type { Source } from '../desired/source.ts'
import type { Action } from '../domain/action.ts'
import { countSubjects } from '../domain/hosts.ts'
import type { Plan, Snapshot } from '../domain/plan.ts'
import type { Observer } from '../observed/observer.ts'
import { isRewritingAcknowledged } from '../plan/findings/rewritten-history.ts'
import { isReplacedAcknowledged } from '../plan/findings/replaced-store.ts'
import { acknowledged } from '../plan/findings/vanished-sets.ts'
import { lostItems } from '../plan/loss/lost-items.ts'
import { letGo } from '../plan/findings/journal-disputed.ts'
import { spokenFor } from '../plan/findings/unvouched-sets.ts'
import { plan } from '../plan/plan.ts'
import type { Change } from '../plan/standing.ts'
import type { SetId } from '../domain/words.ts'
import type { Committed } from '../sets/catalogue.ts'
import type { Store } from '../store/store.ts'
import type { Executor } from './executor.ts'
import { newsOf } from './news.ts'
import { lastSteps, leftoverNews, recoveryNews } from './recovery-news.ts'

/** What a pass works with. */
export interface PassParts {
  source: Source
  observer: Observer
  store: Store
  executor: Executor
  clock: Clock
}

export interface Turn {
  /** What the pass was made on and what it decided: every answer is given from this. */
  snapshot: Snapshot
  /** What it says that the one before did not, and what it says no more. */
  changes: readonly Change[]
  /** How many actions this pass started. */
  started: number
}

/** One turn of the loop: newest snapshots, plan, remember, start. Null while no revision was ever valid. */
export function pass(
  { source, observer, store, executor, clock }: PassParts,
  wanted: (action: Action) => boolean,
): Turn | null {
  const desired = source.lastGood()
  if (!desired) return null
  observer.follow(desired)
  observer.report('source', source.fact())
  const [observed, memory, now] = [observer.snapshot(), store.memory(), clock.now()]
  const snapshot: Snapshot = { desired, observed, memory, plan: plan(desired, observed, memory, now), now }
  const applied = { revision: desired.revision, subjects: countSubjects(desired) }
  const { changes, entries } = newsOf(memory, snapshot.plan, applied, snapshot.observed.facts)
  const last = lastSteps(memory.standing.runbooks, snapshot.plan, desired)
  const ofRecoveries = [
    ...recoveryNews(memory.standing.runbooks, snapshot.plan, desired),
    ...leftoverNews(memory.standing, snapshot.plan, desired),
  ]
  store.remember(snapshot.plan, observed, applied, [...last, ...entries, ...ofRecoveries])
  executor.heed(lostItems(snapshot))
  const started = snapshot.plan.actions.filter((action) => wanted(action) && executor.start(action, desired)).length
  refuseHopeless(snapshot.plan, store)
  forgetAcknowledged(snapshot, store)
  if (isRewritingAcknowledged(snapshot)) source.acknowledgeRewriting()
  return { snapshot, changes, started }
}

/** A request that a guard refuses for good is answered with the guard's words; one that only has to wait is left alone. */
function refuseHopeless({ refused }: Plan, store: Store): void {
  for (const { guard, requests, message, override } of refused)
    for (const id of requests) store.requests.refuse(id, { guard, message: `${message} ${override}` })
}

/** Once said, it is said: nothing comes back when the Suspension ends. */
function forgetAcknowledged(snapshot: Snapshot, store: Store): void {
  const ids = acknowledged(snapshot)
  if (ids.length > 0) store.acknowledge(ids)
  if (isReplacedAcknowledged(snapshot)) store.forgetReplaced()
  for (const location of letGo(snapshot)) store.disputes.accept(location)
  const meant = spokenFor(snapshot).flatMap((id) => committedOf(id, store))
  if (meant.length > 0) store.vouch(meant, 'a Suspension names it')
}

function committedOf(id: SetId, store: Store): Committed[] {
  const set = store.sets.get(id)
  return set?.unvouched && set.commitSha256 !== undefined ? [{ id, commitSha256: set.commitSha256 }] : []
}
