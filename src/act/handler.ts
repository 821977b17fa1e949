import type { Log } from '../base/log.ts'
import type { LocationOwner } from '../domain/location-faults.ts'
import type { BackupLocation, Desired } from '../domain/model.ts'
import type { Action, ActionKind, ActionOf, Attempt } from '../domain/action.ts'
import type { BackupSet } from '../domain/backup-set.ts'
import type { RowName } from '../domain/procedures/row.ts'
import type { JournalHead } from '../domain/journal-head.ts'
import type { Observed } from '../domain/observation.ts'
import type { Item, SetId, Subject } from '../domain/words.ts'
import type { Drivers } from '../drivers/drivers.ts'
import type { SetCache } from '../sets/catalogue.ts'

/** What is scarce, so that all take turns: one SQL instance, one share (any UNC path in it), the shell host. */
export type Resource = { kind: 'sqlInstance' | 'share'; subject: Subject } | { kind: 'shellHost' }

/** What came back of a former journal. */
export interface BroughtJournal {
  /** Its newest entry. */
  last: number
  /** What was lost after that, both included. */
  lost: { from: number; to: number } | null
}

/** That nobody else acts on a location: asked before anything is written there, and right before what counts. */
export interface Ownership {
  /** Makes it ours to act on. Throws Problem `location-in-use`, `location-foreign-owner` or what else stands against it. */
  hold(location: BackupLocation, us: LocationOwner): Promise<void>
  /** Throws the same unless it was ours ever since. */
  check(location: BackupLocation, us: LocationOwner): Promise<void>
}

/** What a handler may use. `reconcile` makes one for each action. */
export interface Tools {
  readonly drivers: Drivers
  readonly desired: Desired
  /** The owner id of this daemon. */
  readonly owner: string
  readonly ownership: Ownership
  /** That the location of the action is ours; throws as `Ownership.check`. To be asked before the deployment is changed otherwise than by a driver. */
  expectOurs(): Promise<void>
  readonly cache: SetCache
  readonly log: Log
  observed(): Observed
  /** Looks at the subjects now, whatever their cadence; `due`: at everything that was not looked at within its own. */
  look(subjects: 'due' | readonly Subject[], signal: AbortSignal): Promise<void>
  /** A run of ours wrote its commit record: it counts. */
  vouch(set: BackupSet): Promise<void>
  /** Takes in the journal that a location kept for a former state store; null where ours is not new, or nothing of it can be read. */
  bringJournal(location: BackupLocation): Promise<BroughtJournal | null>
  /** The newest entry of the journal. */
  journalHead(): JournalHead
  /** All known sets, newest first. */
  sets(): readonly BackupSet[]
  /** Why a copy of the item that is taken now is not one to rely on: its data live on what is lost; null: they do not. */
  lost(item: Item): string | null
  /** Runs the task when the resource, and the daemon as a whole, have room; null: nothing scarce but the daemon. */
  limit<T>(resource: Resource | null, signal: AbortSignal, task: () => Promise<T>): Promise<T>
  /** The folder that the action writes, made known before anything is in it, so that it is found after a crash. */
  note(set: SetId): Promise<void>
  /** What this action counted before it first changed anything, in whichever try; null: it changed nothing yet. */
  counted(): Readonly<Record<string, number>> | null
  /** Keeps that, before anything is changed; waits while the state store takes nothing. */
  keepCount(counts: Readonly<Record<string, number>>): Promise<void>
  /** How the destination of an item was written when its import cmdlet last took it, by whichever daemon; null: not known. */
  takenDestination(item: Item): string | null
  /** Keeps that; waits while the state store takes nothing. */
  keepDestination(item: Item, destination: string): Promise<void>
  /** Writes to `cache`; waits while the state store takes nothing. */
  keep<T>(write: () => T): Promise<T>
  progress(event: Progress): void
}

export type Progress =
  | { kind: 'set-started'; set: SetId; items: readonly Item[] }
  | { kind: 'item-started'; set: SetId; item: Item }
  | { kind: 'item-percent'; set: SetId; item: Item; percent: number }
  /** Of a step of a recovery; `reading`: of its backup, that it reads once more before it changes anything. */
  | { kind: 'step-percent'; step: RowName; percent: number; reading: boolean }
  | { kind: 'item-ended'; set: SetId; item: Item; outcome: string; bytes: number; message: string }
  /** `path`: the folder, as this machine reaches it. */
  | { kind: 'set-ended'; set: SetId; state: string; path: string }

/** How an action ended. */
export type Ending = Pick<Attempt, 'outcome' | 'message' | 'set'> &
  Partial<Pick<Attempt, 'code' | 'problems' | 'restored' | 'proved' | 'trials'>>

/** What every kind of action has: do it, and find out what became of it after a crash. */
export interface Handler<A extends Action> {
  run(action: A, tools: Tools, signal: AbortSignal): Promise<Ending>
  /** Looks at the world, never guesses: `set` is the folder that was noted. */
  resolve(action: A, set: SetId | null, tools: Tools): Promise<Ending>
}

export type Handlers = { [K in ActionKind]: Handler<ActionOf<K>> }
