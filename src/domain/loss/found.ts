import type { FileStore, Pool, SqlStore } from '../model.ts'
import type { Item, Scenario, Subject } from '../words.ts'

/** What else is so while the subject is lost. */
export interface OtherLosses {
  /** Other machines that are lost already. */
  isLost(host: string): boolean
  /** Whether the partner that is left of a mirror holds the store as principal, or will by itself. */
  isTakenOver(store: SqlStore, survivor: string): boolean
}

export interface Loss {
  subject: Subject
  /** Null: no procedure of this product leads back (`why` says which one does). */
  scenario: Scenario | null
  why: string
  /** Machines to be rebuilt, all partners of a store that is gone; none for a database or share whose server lives. */
  machines: readonly string[]
  /** Pools that the machines are members of. */
  pools: readonly Pool[]
  /** Stores of which no copy is left, narrowed to `databases` where a single database is lost. */
  stores: readonly SqlStore[]
  /** Mirrored stores that live on at the other partner. */
  mirrors: readonly { store: SqlStore; survivor: string }[]
  fileStores: readonly FileStore[]
  /** The Central Management store is among `stores`. */
  centralManagement: boolean
  /** What has to come from a backup set, in the order of items. */
  items: readonly Item[]
}

/** A loss before it is said what it means. `databases`: only these of its stores; null: all. */
export type Found = Omit<Loss, 'scenario' | 'why' | 'items'> & {
  databases: readonly string[] | null
  isPool: boolean
}
