import type { Time } from '../../base/time.ts'
import type { BackupSet, ItemOutcome } from '../../domain/backup-set.ts'
import type { Item } from '../../domain/words.ts'
import type { Resource, Tools } from '../handler.ts'

/** What came back, as a person reads it, and counted. */
export interface Restored {
  message: string
  counts?: Readonly<Record<string, number>>
  /** Part of it was there or so before: what it took says nothing of the whole. */
  resumed?: true
}

export interface RestoreContext {
  /** The set that it comes from. */
  set: BackupSet
  /** What that set holds of it. */
  copy: ItemOutcome
  tools: Tools
  /** Since when it is lost: what is older was not made anew. */
  lostSince: Time
  /** What a person accepts of it by name, in Git (`Recovery.accept`); `fact`: of what differs, exactly that. */
  accepts: (what: string, fact?: string) => boolean
  signal: AbortSignal
  /** `reading`: of the bytes of the backup, while it is read once more and nothing is changed. */
  onPercent: (percent: number, reading?: boolean) => void
}

/**
 * One way of bringing an item back from a set; the gate was asked before. Idempotent: what was broken off is begun again, and
 * what is back already is proved once more. Throws a Problem where it is not back, or was refused; it resolves when what came
 * back was proved.
 */
export interface Restorer {
  /** What must have room before it starts; null: nothing scarce. */
  resource(item: Item, tools: Tools): Resource | null
  restore(item: Item, context: RestoreContext): Promise<Restored>
}
