import type { ProblemCode } from '../base/problem-codes.ts'
import type { Time } from '../base/time.ts'
import type { LeftOut, NotTaken } from './not-taken.ts'
import type { Cause, Doubt, Item, ItemState, Level, SetId, SetState, Subject } from './words.ts'

/** Why something is not ok, or is so with a doubt: a code that has a page in `docs/errors/`, and the words; old records have words alone. */
interface Reason {
  code?: ProblemCode
  message?: string
}

/** For people: the words, then the code in brackets. The empty text where there is no reason. */
export function reasonOf({ code, message }: { code?: string | undefined; message?: string | undefined }): string {
  return [message, code && `[${code}]`].filter(Boolean).join(' ')
}

/** What a restore of a database has to know of it, as its backup and its instance told when it was made. */
export interface RecordedDatabase {
  recoveryModel: string
  collation: string | null
  /** Empty: the backup was not asked. `bytes`: in the record of the set alone, for they differ from set to set. */
  files: { name: string; type: string; path: string; bytes?: number | undefined }[]
  /** TDE: thumbprint of what protects its key; without it in `master`, no server opens the backup. Null: not encrypted. */
  encryptor: string | null
  /** Somebody restores its log elsewhere; absent: not to be seen. */
  logShipped?: boolean | undefined
}

export interface ItemOutcome extends Item, Reason {
  /** Relative to the set's folder, with `/`; a folder for file stores, the environment and the directory. */
  path: string
  outcome: ItemState
  /** Of a suspect item; records of older versions have none, and mean `content`. */
  doubt?: Doubt
  bytes: number
  /** What can be counted in the artefact (users, files, ...), for comparison with the next one. */
  counts?: Record<string, number>
  /** Of a file store: what was left out. */
  notTaken?: NotTaken
  /**
   * Of user data of a paired pool: the pool that served its users meanwhile; null: that was not seen. In the record of the
   * set alone, not in the catalogue.
   */
  servedBy?: Subject | null
  /** Of a database that SQL Server backed up. */
  database?: RecordedDatabase
}

export interface Verification {
  level: Level
  at: Time
  outcome: 'ok' | 'damaged'
}

/** `backup-set.json` as written, plus what the catalogue knows. `required` is fixed at the start: a state needs no Git. */
export interface BackupSet {
  id: SetId
  policy: string
  /** Name of the location. */
  location: string
  /** Absolute, as this machine reaches it. */
  path: string
  unc: string
  revision: string
  cause: Cause
  slot: Time | null
  /** All items of the policy, or a part after a configuration change. */
  whole: boolean
  required: readonly Item[]
  items: readonly ItemOutcome[]
  state: SetState
  startedAt: Time
  finishedAt: Time | null
  bytes: number
  files: number
  /** SHA-256 of its commit record, hexadecimal; absent until it has one. */
  commitSha256?: string | undefined
  /** Nobody here wrote its commit record, and nothing else speaks for it: what it claims of itself counts for nothing. */
  unvouched?: true | undefined
  verifications: readonly Verification[]
}

/** UNC path of something in a set; `path` is relative to its folder, with `/`. */
export function uncPath({ unc }: Pick<BackupSet, 'unc'>, path: string): string {
  return `${unc}\\${path.replaceAll('/', '\\')}`
}

/** One fault of one file of a set; `file` relative to the set's folder, as in the manifest. */
export interface SetProblem {
  file: string
  kind: 'missing' | 'unexpected' | 'size' | 'checksum' | 'unreadable' | 'record' | 'manifest' | 'content'
  message: string
}

/** An item of a set that cannot be counted on, and why. */
export interface FlawedItem extends Item, Reason {
  outcome: Exclude<ItemState, 'ok'>
  /** Only of a suspect item whose doubt is `incomplete`: it is a recovery point, but for this. */
  missing?: LeftOut
}

/** What the planner sees of a set. `ok` is one shared list for all sets that hold the same items. */
export interface SetSummary {
  id: SetId
  policy: string
  location: string
  state: SetState
  whole: boolean
  slot: Time | null
  startedAt: Time
  finishedAt: Time | null
  bytes: number
  ok: readonly Item[]
  /** Items that are not ok and why, shared like `ok`; absent: none, or not known. */
  flawed?: readonly FlawedItem[]
  /** Partial for nothing but gaps: each item that was asked for is ok or incomplete. */
  gapsOnly?: true
  /** Newest time at which the set passed each level. */
  verified: Readonly<Partial<Record<Level, Time>>>
  /** As of the set: it counts for no slot, no pointer and no recovery point. */
  unvouched?: true
  /** When a check first found it damaged; absent: none did, or what is damaged was seen without one. */
  damagedAt?: Time
}
