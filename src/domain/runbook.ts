/** The procedure of one flag, with the state of each of its steps (design, section 7). */
import type { Time } from '../base/time.ts'
import type { Actor, RowName } from './procedures/row.ts'
import type { Scenario, Subject } from './words.ts'

/**
 * `done`: it was seen, or somebody says so. `ready`: all that it needs is done. `waiting`: something that it needs is not.
 * `blocked`: what somebody says of it is not what is seen. `ended`: a fork took another way, and it must not be done.
 */
export const stepStates = ['done', 'ready', 'waiting', 'blocked', 'ended'] as const
export type StepState = (typeof stepStates)[number]

/** One row of the procedure, as it stands. */
export interface Step extends RowName {
  title: string
  actor: Actor
  state: StepState
  /** Since when it has been so. */
  since: Time
  /** What was seen, or who said so, in a sentence; absent: nothing was. */
  evidence?: string
  /** Its evidence cannot be seen now: it is left as it was last seen, then. */
  lastSeenAt?: Time
  /** Which way a fork took. */
  branch?: string
  /** Which fork made it needless. */
  endedBy?: RowName
  /** Whether a person's word can stand for it, or choose the way of a fork. */
  isAcknowledgeable: boolean
  /** What it stands on was lost once more: what was said of it before does not count. */
  lostAgainAt?: Time
}

export interface Runbook {
  /** That of the flag. */
  subject: Subject
  scenario: Scenario
  /** Since when the flag is open. */
  since: Time
  /** The `Recovery` that names it; null: nobody declared one yet. */
  recovery: string | null
  /** In the order of the procedure. */
  steps: readonly Step[]
}

/** What can be done now, and what a person has to look at. */
export function nextSteps({ steps }: Runbook): Step[] {
  return steps.filter(({ state }) => state === 'ready' || state === 'blocked')
}
