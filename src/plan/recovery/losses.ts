import type { SetSummary } from '../../domain/backup-set.ts'
import { otherForm } from '../../domain/inventory.ts'
import type { Loss, OtherLosses } from '../../domain/loss/found.ts'
import { inOrderOfRestore, lossesOf } from '../../domain/loss/several.ts'
import { itemKey } from '../../domain/subject.ts'
import type { Item, Subject } from '../../domain/words.ts'
import { otherLossesOf, type KnownLosses } from '../loss/other-losses.ts'

export interface KeptLosses {
  /** In the order in which they are brought back, each item as it was kept. */
  losses: readonly Loss[]
  /** Who is lost around any of them. */
  isLost: (host: string) => boolean
}

/** What it means that these subjects are lost, together. Null when nothing of one of the names can be lost. */
export function keptLosses(
  subjects: readonly Subject[],
  known: KnownLosses,
  copies: ReadonlyMap<string, SetSummary>,
): KeptLosses | null {
  const around = new Map(subjects.map((one) => [one, otherLossesOf(one, known)]))
  const others = (one: Subject): OtherLosses => around.get(one) ?? otherLossesOf(one, known)
  const found = lossesOf(subjects, known.desired, others).filter((loss) => loss !== null)
  if (found.length < subjects.length) return null
  const losses = found.map((loss) => ({ ...loss, items: loss.items.map((one) => asKept(one, copies)) }))
  return {
    losses: inOrderOfRestore(losses),
    isLost: (host) => [...around.values()].some((one) => one.isLost(host)),
  }
}

/** Persistent Chat may have been kept the other way before the policy changed: the newer copy is used. */
function asKept(one: Item, copies: ReadonlyMap<string, SetSummary>): Item {
  const alternative = otherForm(one)
  if (alternative === null) return one
  const [own, another] = [copies.get(itemKey(one)), copies.get(itemKey(alternative))]
  return another && (!own || another.startedAt > own.startedAt) ? alternative : one
}
