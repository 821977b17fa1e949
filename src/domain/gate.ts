/** What stands against a step that Holdfast would run (design, section 7, "The gate"). */

import { lasting } from '../base/units.ts'
import type { Subject } from './words.ts'

/** Each condition by name, and whether a `Recovery` may accept that it does not hold. */
const conditions = {
  /** There is no flag on it. */
  'not-flagged': false,
  /** No `Recovery` in Git names the subject of the flag. */
  'not-declared': false,
  /** The `Recovery` says `run: guide`. */
  'only-guided': false,
  /** Git cannot be read: whether it still asks for it is not known. */
  'git-out-of-sight': false,
  /** A `Suspension` in Git freezes the step, or the verification that it waits for. */
  suspended: false,
  /** Something that the step needs is not done, or not decided. */
  'step-waits': false,
  /** What the step is done to is being restored now. */
  'restored-now': false,
  /** Since the flag opened, Holdfast itself saw it neither absent nor clean. */
  'never-seen-lost': false,
  /** The database that would be filled is older than the loss: it may be the live one. */
  'database-older': false,
  'database-missing': false,
  /** Its instance cannot be seen: nobody knows what would be overwritten. */
  'database-out-of-sight': false,
  'database-age-unknown': true,
  /** It is in a mirroring session or an availability group. */
  'database-mirrored': false,
  /** Its backup is encrypted (TDE), and what opens it is not on the instance. */
  'database-encrypted': false,
  /** It is encrypted, and whether what opens it is on the instance is not seen. */
  'certificate-unseen': true,
  /** What it gathered since it was made is more than a handful. */
  'rows-since-rebuild': true,
  /** Less is there after an import than the set counted. */
  'import-came-short': true,
  /** No `Recovery` in Git chooses the way of the fork that leads to the step. */
  'way-not-chosen': false,
  /** The pool that has the data is not seen to live, to serve and to tell how its backup service is. */
  'partner-not-serving': false,
  /** The pool is failed over: its users work on its partner, and what they write there is newer than any set. */
  'served-by-partner': false,
  /** Holdfast failed the pool back since the loss: what it has is newer than any set. */
  'came-from-partner': false,
  /** The same as `served-by-partner`, and the partner is lost too. */
  'pool-not-active': true,
  /** Which pool of a pair serves is not seen. */
  'serving-pool-unseen': true,
  'copy-missing': false,
  /** The topology now gives the file store another path than the one it was backed up from. */
  'path-changed': false,
  /** The same of the instance of a database. */
  'instance-changed': false,
  /** The share that holds the copy cannot be seen, or is not ours. */
  'copy-out-of-sight': false,
  'copy-incomplete': true,
  /** The set is not proved at level content; Holdfast verifies it then. */
  'set-not-verified': false,
  'product-changed': true,
  'sql-version-older': false,
  'environment-changed': true,
  /** No set tells how things were. */
  'environment-unknown': true,
} as const satisfies Record<string, boolean>

export type Gate = keyof typeof conditions
export type Acceptable = { [G in Gate]: (typeof conditions)[G] extends true ? G : never }[Gate]

export const gates = Object.keys(conditions) as [Gate, ...Gate[]]
export const acceptables = gates.filter(isAcceptable) as [Acceptable, ...Acceptable[]]

export function isAcceptable(gate: Gate): gate is Acceptable {
  return conditions[gate]
}

/** One reason why a step is not run. */
export interface Refused {
  gate: Gate
  message: string
  /** What a `Recovery` may accept by name to go on all the same; absent: nothing. */
  accept?: { what: Acceptable; subject: string; fact?: string }
}

/** Why nothing is restored of what lives, or of what nobody has looked at since: with what to run first. `graceSeconds`: of the deployment. */
export function notFlagged(subject: Subject, graceSeconds: number): string {
  const again = graceSeconds === 0 ? '' : `, and again ${lasting(graceSeconds)} later`
  return `${subject} is not flagged: nothing of it is to be restored. Only what Holdfast itself saw lost is, once that has lasted. Where it is lost, the daemon will say so; without one, run holdfast run --once first, now${again}.`
}
