import type { ItemKind, SetId } from '../../domain/words.ts'

/** One thing that a revision adds, removes or changes, in words for a reviewer. */
export interface DifferenceRow {
  /** `policy`, `item`, `run`, `sets-kept`, a setting of a policy, or a kind of resource. */
  what: string
  subject: string
  policy?: string
  /** Kind of an item. */
  kind?: ItemKind
  /** Field of a resource. */
  field?: string
  before?: string
  after?: string
  /** Of a field that is a list: the entries that came, and those that went. */
  gained?: string[]
  lost?: string[]
  /** Of an item that was removed: no policy backs it up any more. */
  orphaned?: true
  /** Of an item that was removed: the policies that back it up still. */
  stillIn?: string[]
}

export interface Rows {
  added: DifferenceRow[]
  removed: DifferenceRow[]
  changed: DifferenceRow[]
}

/** A set of today that no rule keeps any more. */
export interface ExpiredSet {
  policy: string
  set: SetId
  /** False: nothing is deleted, because the policy only shows what its retention would delete. */
  enforced: boolean
}

export interface Difference extends Rows {
  /** The revision that is compared with. */
  revision: string
  /** All of it in one sentence. */
  summary: string
  /** Newest first. */
  expired: ExpiredSet[]
  /** Locations whose share was not seen: which sets stand there is not known. */
  notSeen: string[]
}
