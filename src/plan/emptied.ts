import type { Facts } from '../domain/facts.ts'
import type { SetSummary } from '../domain/backup-set.ts'

/**
 * A share that nobody claimed, though sets are known of it: not the share that it was. A set in the making tells nothing:
 * its run has just claimed the share, and the look at it may be older.
 */
export function isEmptied(location: string, fact: Facts['location'], sets: readonly SetSummary[]): boolean {
  return fact.identity === null && sets.some((set) => set.location === location && set.finishedAt !== null)
}
