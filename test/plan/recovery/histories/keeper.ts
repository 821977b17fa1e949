/** A daemon at work on a place: it looks, judges by the pure core, starts what is due, and remembers how that ended. */
import type { ProblemCode } from '../../../../src/base/problem-codes.ts'
import { addSeconds, type Time } from '../../../../src/base/time.ts'
import type { Action, ActionOf, Attempt } from '../../../../src/domain/action.ts'
import type { Desired } from '../../../../src/domain/model.ts'
import type { Observed } from '../../../../src/domain/observation.ts'
import type { Flag } from '../../../../src/domain/statement.ts'
import type { Runbook } from '../../../../src/domain/runbook.ts'
import { digestOf } from '../../../../src/plan/digest-of.ts'
import { dueRecoverySteps } from '../../../../src/plan/due/recovery.ts'
import { memory } from '../../../support/observed.ts'

export type Restore = ActionOf<'recovery-step'>
/** `broken`: the daemon died after it had begun; `unsaid`: after it had restored all, and before it said so. */
export type Ending = 'done' | 'failed' | 'broken' | 'unsaid'

/** Where it is at work, as that physically is. */
export interface Place {
  now: Time
  readonly desired: Desired
  look(): Observed
  /** What a step does as soon as it is begun. */
  begin(one: Restore): void
  /** How a step leaves it that nothing cut off: run to its end, or broken off. Else than `true`: why it is not done. */
  leave(one: Restore, isWhole: boolean): true | ProblemCode
  /** It is written down that it was run to its end. */
  said?(one: Restore): void
}

export class Keeper<P extends Place> {
  readonly house: P
  flags: readonly Flag[] = []
  runbooks: readonly Runbook[] = []
  /** What the last look made due, before it was started. */
  due: Restore[] = []
  inFlight: Restore[] = []
  #attempts: Attempt[] = []
  #ranSteps: Attempt[] = []
  /** Whose session ended with its server, or its database. */
  readonly #cut = new Set<Restore>()

  constructor(house: P) {
    this.house = house
  }

  after(seconds: number): void {
    const { house } = this
    house.now = addSeconds(house.now, seconds)
    const standing = { conditions: [], findings: [], flags: this.flags, runbooks: this.runbooks }
    const known = memory({ standing, inFlight: this.inFlight, attempts: this.#attempts, ranSteps: this.#ranSteps })
    const digest = digestOf(house.desired, house.look(), known, house.now)
    this.due = dueRecoverySteps(digest).filter(isRestore)
    ;({ flags: this.flags, runbooks: this.runbooks } = digest)
  }

  start(): void {
    for (const one of this.due.filter(({ id }) => !this.inFlight.some((other) => other.id === id))) {
      this.house.begin(one)
      this.inFlight.push(one)
    }
  }

  /** A server that dies, or a database that goes, takes what is done to it along. */
  cut(isGone: (one: Restore) => boolean): void {
    for (const one of this.inFlight) if (isGone(one)) this.#cut.add(one)
  }

  /** Of what is under way; what was cut off failed. */
  end(ending: Ending): void {
    for (const one of this.inFlight.splice(0)) {
      const isWhole = ending === 'done' || ending === 'unsaid'
      const left = this.#cut.has(one) ? 'sql-restore-failed' : this.house.leave(one, isWhole)
      const outcome =
        ending === 'done' && left === true
          ? 'done'
          : ending === 'done' || ending === 'failed'
            ? 'failed'
            : 'interrupted'
      const attempt: Attempt = {
        ...{ action: one.id, kind: 'recovery-step', subject: one.subject, slot: null, outcome, message: 'It ended.' },
        ...{ startedAt: this.house.now, endedAt: this.house.now, set: one.set, request: null },
        ...(outcome === 'failed' && left !== true && { code: left }),
      }
      if (outcome === 'done') {
        this.#ranSteps.push(attempt)
        this.house.said?.(one)
      }
      this.#attempts =
        outcome === 'done'
          ? this.#attempts.filter(({ subject }) => subject !== one.subject)
          : [...this.#attempts, attempt]
    }
  }

  isFlagged(...subjects: string[]): boolean {
    return this.flags.some(({ subject }) => subjects.includes(subject))
  }
}

function isRestore(one: Action): one is Restore {
  return one.kind === 'recovery-step'
}
