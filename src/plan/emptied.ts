import type { Facts } from '../domain/facts.ts'
import type { SetSummary } from '../domain/words.ts'

/** A share that nobody claimed, though sets are known of it: not the share that it was. */
export function isEmptied(location: string, fact: Facts['location'], sets: readonly SetSummary[]): boolean {
  return fact.identity === null && sets.some((set) => set.location === location)
}
