import { requiredItems, compareItems } from './inventory.ts'
import type { Desired } from './model.ts'
import { itemKey } from './subject.ts'
import type { Item } from './words.ts'

/** How old an item's newest ok copy may become, and which policy says so. */
export interface Objective {
  item: Item
  /** The strictest of all policies that hold the item; null where none sets one. */
  seconds: number | null
  policy: string
}

/** One row per item of any policy, in the order of items. */
export function objectives(desired: Desired): Objective[] {
  const found = new Map<string, Objective>()
  for (const policy of desired.policies) {
    const seconds = policy.recoveryPointObjectiveSeconds
    for (const item of requiredItems(desired, policy)) {
      const key = itemKey(item)
      const known = found.get(key)
      if (known === undefined || isStricter(seconds, known.seconds))
        found.set(key, { item, seconds, policy: policy.name })
    }
  }
  return [...found.values()].sort((a, b) => compareItems(a.item, b.item))
}

function isStricter(seconds: number | null, known: number | null): boolean {
  return seconds !== null && (known === null || seconds < known)
}
