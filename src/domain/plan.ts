import type { Time } from '../base/time.ts'
import type { Action, Attempt, Refusal, Request } from './action.ts'
import type { JournalHead } from './journal-head.ts'
import type { Desired } from './model.ts'
import type { PastRuns } from './procedures/measured.ts'
import type { Observed } from './observation.ts'
import type { RestoreProofs } from './restore-proofs.ts'
import type { Runbook } from './runbook.ts'
import type { ClassRow, Finding, Standing } from './statement.ts'
import type { VanishedSet } from './vanished-set.ts'

/** What one pass decided. */
export interface Plan extends Standing {
  revision: string
  at: Time
  /** Of the actions, without the time: the same wish has the same hash. */
  hash: string
  actions: readonly Action[]
  refused: readonly Refusal[]
  /** Of the flags that it closed and that a `Recovery` names: their runbooks, as they stand at the end. */
  closed: readonly Runbook[]
  /** Findings that an ignore rule in Git leaves out. */
  ignored: readonly Ignored[]
  /** What each host, database and file store is seen to be. */
  classes: readonly ClassRow[]
  /** How much of what is published some policy backs up; null while the published topology is not known. */
  coverage: Coverage | null
}

/** A finding that is left out on purpose, and by which rule. */
export interface Ignored {
  finding: Omit<Finding, 'since'>
  suspension: string
  reason: string
  until: Time
}

/** Pools, databases and file stores of the published topology that need a backup, and how many of them get one. */
export interface Coverage {
  protected: number
  existing: number
}

/** `reading`: the percent is that of the bytes of the backup, which is read once more before anything is changed. */
export interface StepProgress {
  percent: number
  reading: boolean
}

/** What only Holdfast remembers, read once a pass: the third input of the planner beside Git and the world. */
export interface Memory {
  inFlight: readonly Action[]
  /** How far actions in flight are, by their id: those that say so. */
  progress: Readonly<Record<string, StepProgress>>
  requests: readonly Request[]
  /** Ended actions that still matter: of each subject, those since its last `done`. */
  attempts: readonly Attempt[]
  /** Actions of repeatable kinds that were done within the last hour: doing it again and again is a fight. */
  doneLately: readonly Attempt[]
  /** Steps of recoveries that Holdfast ran to their end within the last week, and all restores of users; oldest first. */
  ranSteps: readonly Attempt[]
  /** How long the last few of each operation took that a recovery ran. */
  pastRuns: PastRuns
  /** What restore tests proved. */
  restoreProofs: RestoreProofs
  standing: Standing
  /** The revision last applied and how many subjects it had; null before the first. */
  applied: { revision: string; subjects: number } | null
  /** False while sets are unproved after the state store was lost: nothing expires. */
  settled: boolean
  /** Sets that are missed and that no Suspension has acknowledged, in any order. */
  vanished: readonly VanishedSet[]
  /** Heads of a journal that shares know and ours does not hold, and that no Suspension lets go. */
  disputes: readonly Dispute[]
  /** Damaged state stores in whose place the present one was begun, and that no Suspension has acknowledged. */
  replaced: readonly ReplacedStore[]
}

/** A location, and the newest entry of a journal as it knows it. */
export interface Dispute extends JournalHead {
  location: string
}

/** A state store that was damaged and set aside: with it went the diary, and all that was remembered. */
export interface ReplacedStore {
  /** Where the damaged file is kept. */
  path: string
  at: Time
  /** What is wrong with it, in SQLite's words. */
  reason: string
}

/** What one pass was made on, and what it decided: whoever answers a question answers from this, and judges nothing again. */
export interface Snapshot {
  desired: Desired
  observed: Observed
  memory: Memory
  plan: Plan
  now: Time
}

/** Whether a daemon makes passes: what is said of the world is as old as the last one. */
export interface Heart {
  running: boolean
  lastPassAt: Time | null
}
