/** The procedure of one flag, with the state of each of its steps (design, section 7). */
import type { Time } from '../base/time.ts'
import type { Commit } from './commit.ts'
import type { Refused } from './gate.ts'
import type { Acceptance, Recovery, Word } from './model.ts'
import type { Operation } from './procedures/operation.ts'
import type { Actor, RowName } from './procedures/row.ts'
import type { Outcome, Scenario, SetId, Subject } from './words.ts'

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
  /** Of a step that is done: by what. */
  proof?: StepProof
  /** What is seen now does not tell: it is left as it was last seen, then. */
  lastSeenAt?: Time
  /** It cannot even be looked at: nothing that needs it is started. */
  isHidden?: true
  /** Which way a fork took. */
  branch?: string
  /** Of a fork that is not decided, or not any more: which way it was last seen to take. */
  seenBranch?: string
  /** Which fork made it needless. */
  endedBy?: RowName
  /** Whether a person's word can stand for it, or choose the way of a fork. */
  isAcknowledgeable: boolean
  /** Holdfast runs it, where a `Recovery` says so and its gate is open. */
  run?: StepRun
  /** What it stands on was lost once more: what was said of it before does not count. */
  lostAgainAt?: Time
  /** Of a step whose thing others stand on: it was there when it was last seen, whether the step is done or not. */
  isThere?: true
}

/** It was seen, somebody said so, or Holdfast ran it to its end. `committedBy`: null where that cannot be told. */
export type StepProof =
  { how: 'seen' | 'ran' } | ({ how: 'said'; committedBy: string | null } & Pick<Word, 'by' | 'at'>)

/** How a step was run to its end. */
export interface RunEnd {
  at: Time
  message: string | null
}

/** How a step stands that Holdfast runs itself. */
export interface StepRun {
  /** Id of its action: the same step of the same loss is run to its end once. */
  action: string
  operation: Operation
  /** What the item comes from; null: nothing comes from a set, or no set holds it. */
  set: SetId | null
  /** What stands against it now; empty: its gate is open, or it is done. */
  refused: readonly Refused[]
  /** It is under way. */
  isRunning: boolean
  /** How it was run to its end. */
  done?: RunEnd
  /** A run from before the last loss, of which nobody can see yet whether what it brought back is gone: it counts for nothing. */
  earlier?: { action: string; done: RunEnd }
  /** How the last try ended that did not do it. */
  tried?: {
    at: Time
    outcome: Outcome
    message: string | null
    /** Of the problem that ended it. */
    code?: string
    /** What the last look at its subject found, and a `Recovery` may accept; absent: nothing, or it is accepted since. */
    refused?: Refused
  }
}

export interface Runbook {
  /** That of the flag. */
  subject: Subject
  scenario: Scenario
  /** Since when the flag is open. */
  since: Time
  /** The `Recovery` that names it; null: nobody declared one yet. */
  recovery: string | null
  /** What that asks for; absent: nobody declared one yet, or an older version did not keep it. */
  declaration?: Declaration
  /** In the order of the procedure. */
  steps: readonly Step[]
}

/** What a `Recovery` asks for, as far as the journal tells of it. */
export interface Declaration extends Pick<Recovery, 'from' | 'run'> {
  /** The one that last changed its file; null: it cannot be told. */
  commit: Commit | null
  /** What it accepts that counts: not from before the loss, and not ahead. */
  accepts: readonly Acceptance[]
}

/** Its gate would be open, but for a Suspension in Git. */
export function isFrozenAlone({ refused }: Pick<StepRun, 'refused'>): boolean {
  return refused.length > 0 && refused.every(({ gate }) => gate === 'suspended')
}

/** What nobody was seen to do, and no fork ended. */
export function leftSteps({ steps }: Pick<Runbook, 'steps'>): Step[] {
  return steps.filter(({ state }) => state !== 'done' && state !== 'ended')
}

/** What can be done now, and what a person has to look at. */
export function nextSteps({ steps }: Runbook): Step[] {
  return steps.filter(({ state }) => state === 'ready' || state === 'blocked')
}
