import type { Time } from '../base/time.ts'
import type { ActionKind, Attempt } from '../domain/action.ts'
import type { SetSummary } from '../domain/backup-set.ts'
import type { LocationFault } from '../domain/location-faults.ts'
import type { BackupLocation, BackupPolicy, Desired } from '../domain/model.ts'
import type { Observed } from '../domain/observation.ts'
import type { Memory } from '../domain/plan.ts'
import type { Incomplete } from '../domain/recovery-point.ts'
import type { Runbook } from '../domain/runbook.ts'
import type { Flag } from '../domain/statement.ts'
import type { Item, Subject } from '../domain/words.ts'
import type { Classes } from './health/classes.ts'
import type { Incidents } from './loss/incidents.ts'

/** The planner's inputs with what its rules look up again and again, found once a pass. */
export interface Digest {
  readonly desired: Desired
  readonly observed: Observed
  readonly memory: Memory
  readonly now: Time
  /** Newest first, as they are dated. */
  setsOf(policy: string): readonly SetSummary[]
  required(policy: BackupPolicy): readonly Item[]
  /** The newest ok copy of every item, by `itemKey`. */
  readonly copies: ReadonlyMap<string, SetSummary>
  /** The newest incomplete copies that are newer than those. */
  readonly incomplete: ReadonlyMap<string, Incomplete>
  /** What each item would be restored from: the newer of the two. */
  readonly usable: ReadonlyMap<string, SetSummary>
  /** Ended actions of this kind and subject, oldest first. */
  attempts(kind: ActionKind, subject: Subject): readonly Attempt[]
  inFlight(kind: ActionKind, subject: Subject): boolean
  /** Whether an action of this id is in flight or ended. */
  isKnown(action: string): boolean
  /** What stands against a location; the gravest first. */
  faultsOf: (location: BackupLocation) => readonly LocationFault[]
  /** Why the sets of a location cannot be seen now, so that what is known of them is old; null: they can. */
  hidden: (location: string) => LocationFault | null
  /** What every host, database and file store is seen to be. */
  readonly classes: Classes
  /** What of it is lost, by cause. */
  readonly incidents: Incidents
  /** What must be rebuilt, as this pass sees it. */
  readonly flags: readonly Flag[]
  /** One for each flag. */
  readonly runbooks: readonly Runbook[]
  /** Of recoveries whose flag has closed: what is left to do. */
  readonly leftovers: readonly Runbook[]
}
