import type { ProblemCode } from '../../base/problem-codes.ts'
import type { SetSummary } from '../../domain/backup-set.ts'
import type { EnvironmentRecord } from '../../domain/environment-record.ts'
import type { LocationFault } from '../../domain/location-faults.ts'
import type { Desired } from '../../domain/model.ts'
import type { Observed } from '../../domain/observation.ts'
import type { Incomplete } from '../../domain/recovery-point.ts'
import { environmentOf } from '../../domain/environment.ts'
import type { Digest } from '../digest.ts'
import type { Flag } from '../../domain/statement.ts'

/** What stands against a restore now; a person mends it, or acknowledges it. */
export interface Blocker {
  code: ProblemCode
  message: string
}

export interface RecoveryGround {
  desired: Desired
  observed: Observed
  flags: readonly Flag[]
  /** The newest copy of every item, by `itemKey`: ok, or incomplete. */
  copies: ReadonlyMap<string, SetSummary>
  /** Of these, the incomplete ones. */
  incomplete: ReadonlyMap<string, Incomplete>
  /** Why the sets of a location cannot be seen now; null: they can. */
  hidden: (location: string) => LocationFault | null
  /** The environment as it is now. */
  today: EnvironmentRecord
}

/** `flags`: those of this pass. */
export function recoveryGround(digest: Digest, flags: readonly Flag[]): RecoveryGround {
  const { desired, observed, usable: copies, incomplete, hidden } = digest
  return { desired, observed, flags, copies, incomplete, hidden, today: environmentOf(desired, observed) }
}
