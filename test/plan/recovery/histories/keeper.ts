/** A daemon at work on the house: it looks, judges by the pure core, starts what is due, and remembers how that ended. */
import { addSeconds } from '../../../../src/base/time.ts'
import type { Action, ActionOf, Attempt } from '../../../../src/domain/action.ts'
import type { Flag } from '../../../../src/domain/statement.ts'
import type { Runbook } from '../../../../src/domain/runbook.ts'
import { digestOf } from '../../../../src/plan/digest-of.ts'
import { dueRecoverySteps } from '../../../../src/plan/due/recovery.ts'
import { memory } from '../../../support/observed.ts'
import { databases, House } from './house.ts'

export type Restore = ActionOf<'recovery-step'>
/** `broken`: the daemon died after it had begun; `unsaid`: after it had restored all, and before it said so. */
export type Ending = 'done' | 'failed' | 'broken' | 'unsaid'

export class Keeper {
  readonly house = new House()
  flags: readonly Flag[] = []
  runbooks: readonly Runbook[] = []
  /** What the last look made due, before it was started. */
  due: Restore[] = []
  inFlight: Restore[] = []
  #attempts: Attempt[] = []
  #ranSteps: Attempt[] = []
  /** Whose session ended with its server, or its database. */
  readonly #cut = new Set<Restore>()

  after(seconds: number): void {
    const { house } = this
    house.now = addSeconds(house.now, seconds)
    const standing = { conditions: [], findings: [], flags: this.flags, runbooks: this.runbooks }
    const known = memory({ standing, inFlight: this.inFlight, attempts: this.#attempts, ranSteps: this.#ranSteps })
    const digest = digestOf(house.desired, house.look(), known, house.now)
    this.due = dueRecoverySteps(digest).filter(isRestore)
    ;({ flags: this.flags, runbooks: this.runbooks } = digest)
  }

  /** Each is begun: whoever uses the database is put out, and it is RESTORING. */
  start(): void {
    for (const one of this.due.filter(({ id }) => !this.inFlight.some((other) => other.id === id))) {
      const [, server, name] = partsOf(one)
      this.house.fill(server, name, 'half')
      this.inFlight.push(one)
    }
  }

  /** A server that dies, or a database that goes, takes what is done to it along. */
  cut(isGone: (place: (typeof databases)[number]) => boolean): void {
    for (const one of this.inFlight) if (isGone(partsOf(one))) this.#cut.add(one)
  }

  /** Of what is under way; what was cut off failed. */
  end(ending: Ending): void {
    for (const one of this.inFlight.splice(0)) {
      const [, server, name] = partsOf(one)
      const isWhole = ending === 'done' || ending === 'unsaid'
      const isThere = !this.#cut.has(one) && this.house.fill(server, name, isWhole ? 'copy' : 'half')
      const outcome = ending === 'done' ? (isThere ? 'done' : 'failed') : ending === 'failed' ? 'failed' : 'interrupted'
      const attempt: Attempt = {
        ...{ action: one.id, kind: 'recovery-step', subject: one.subject, slot: null, outcome, message: 'It ended.' },
        ...{ startedAt: this.house.now, endedAt: this.house.now, set: one.set, request: null },
      }
      if (outcome === 'done') this.#ranSteps.push(attempt)
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

export function partsOf({ subject }: Pick<Action, 'subject'>): (typeof databases)[number] {
  const found = databases.find(([one]) => one === subject)
  if (!found) throw new Error(`${subject} is no database of the house`)
  return found
}

function isRestore(one: Action): one is Restore {
  return one.kind === 'recovery-step'
}
