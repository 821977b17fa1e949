import type { Clock } from '../base/clock.ts'
import type { Time } from '../base/time.ts'
import type { Action, Attempt, BackupSet, Memory, Observed, Plan, Request, SetId, Wish } from '../domain/words.ts'
import type { SetCache } from '../sets/catalogue.ts'

/** Who may act. Held by one process at a time; a dead owner's is taken over at once. */
export interface Lease {
  take(): boolean
  renew(): boolean
  release(): void
  holder(): { owner: string; pid: number; since: Time; renewedAt: Time } | null
}

export interface Entry {
  sequence: number
  at: Time
  actor: string
  cause: string
  revision: string
  type: string
  subject: string
  message: string
  /** SHA-256 over the canonical JSON of the other fields, `previousHash` among them. */
  hash: string
  previousHash: string
}

/** The append-only audit record, hash-chained. */
export interface Journal {
  append(entry: Omit<Entry, 'sequence' | 'at' | 'hash' | 'previousHash'>): Entry
  list(options?: { after?: number; limit?: number }): Entry[]
  verify(): { ok: boolean; checked: number; head: string; firstBad?: number }
}

export interface Requests {
  ask(wish: Wish, actor: string): Request
  /** Answered or still waiting; null when the id is unknown. */
  find(id: string): { request: Request; answer: Attempt | null } | null
  waiting(): Request[]
  /** Answers a request that no action can serve. */
  refuse(id: string, message: string): void
}

export interface Intents {
  /** Records the intent; false when an action of that id is open or was done already. */
  open(action: Action): boolean
  /** Notes the folder that an open action writes, so that it can be found after a crash. */
  note(id: string, set: SetId): void
  /** Records how it ended, and answers its request. */
  close(id: string, attempt: Attempt): void
  /** Open intents, oldest first, with the folder noted. */
  unresolved(): { action: Action; startedAt: Time; set: SetId | null }[]
}

/** The state store: one SQLite file. A cache and a diary; sets are found again from the share. */
export interface Store extends Disposable {
  readonly lease: Lease
  readonly journal: Journal
  readonly requests: Requests
  readonly intents: Intents
  readonly sets: SetCache
  memory(): Memory
  /** The newest snapshot that a pass was made on; null before the first. Sets are left out: they come from `sets`. */
  lastObserved(): Observed['facts'] | null
  lastPlan(): Plan | null
  /** When the last pass ended, by the daemon; null before the first. */
  lastPassAt(): Time | null
  /** Keeps what a pass decided, and journals what opened, changed or closed since the last one. */
  remember(after: Plan, observed: Observed, applied: { revision: string; subjects: number }): void
  /** All sets known for a location, newest first. */
  knownSets(location: string): BackupSet[]
}

/** Opens or makes the file. `read` never writes and never waits for the lease. */
export function openStore(_file: string, _mode: 'read' | 'act', _clock: Clock): Store {
  throw new Error('not built yet')
}
