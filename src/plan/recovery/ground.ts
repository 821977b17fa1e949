import type { ProblemCode } from '../../base/problem-codes.ts'
import type { EnvironmentRecord } from '../../domain/environment-record.ts'
import type { LocationFault } from '../../domain/location-faults.ts'
import type { Desired } from '../../domain/model.ts'
import type { Observed } from '../../domain/observation.ts'
import { environmentOf } from '../../domain/environment.ts'
import type { Digest } from '../digest.ts'
import type { ChosenCopies } from './chosen-copies.ts'
import type { Flag } from '../../domain/statement.ts'

/** What stands against a restore now; a person mends it, or acknowledges it. */
export interface Blocker {
  code: ProblemCode
  message: string
}

export interface RecoveryGround extends ChosenCopies {
  desired: Desired
  observed: Observed
  flags: readonly Flag[]
  /** Why the sets of a location cannot be seen now; null: they can. */
  hidden: (location: string) => LocationFault | null
  /** The environment as it is now. */
  readonly today: EnvironmentRecord
}

/** `flags`: those of this pass. */
export function recoveryGround(digest: Digest, flags: readonly Flag[], chosen: ChosenCopies): RecoveryGround {
  const { desired, observed, hidden } = digest
  let today: EnvironmentRecord | null = null
  return {
    ...{ desired, observed, flags, hidden, ...chosen },
    get today() {
      return (today ??= environmentOf(desired, observed))
    },
  }
}
