import { lossOf } from '../../domain/loss/loss.ts'
import type { Snapshot } from '../../domain/plan.ts'
import { foldSubject, itemKey } from '../../domain/subject.ts'
import { isLost } from '../health/classes.ts'
import { sightsOf } from '../health/sights.ts'
import { otherLossesOf, type KnownLosses } from './other-losses.ts'

/** What is known of losses from one pass. */
export function knownLosses({ desired, observed, plan, now }: Snapshot): KnownLosses {
  const lost = new Set(plan.classes.filter(isLost).map(({ subject }) => foldSubject(subject)))
  return {
    ...{ desired, flags: plan.flags, sights: sightsOf(observed, now) },
    isSeenLost: (subject) => lost.has(foldSubject(subject)),
  }
}

/**
 * By `itemKey`: the items whose data live on what is flagged, or seen to be lost, and the sentence that says so. A backup
 * of an emptied server is a complete backup of nothing: what is taken meanwhile is never a recovery point.
 */
export function lostItems(snapshot: Snapshot): ReadonlyMap<string, string> {
  const { desired, plan } = snapshot
  const known = knownLosses(snapshot)
  const flagged = plan.flags.map(({ subject, since, reason }) => ({
    subject,
    why: `Taken while ${subject} was flagged for a rebuild, since ${since}: ${reason}`,
  }))
  const seen = plan.classes.filter(isLost).map(({ subject, class: is, since, reason }) => ({
    subject,
    why: `Taken while ${subject} was ${is}, since ${since}: ${reason}`,
  }))
  const items = new Map<string, string>()
  for (const { subject, why } of [...flagged, ...seen])
    for (const item of lossOf(subject, desired, otherLossesOf(subject, known))?.items ?? [])
      if (!items.has(itemKey(item))) items.set(itemKey(item), why)
  return items
}
