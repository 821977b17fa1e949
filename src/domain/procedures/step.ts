import type { ItemKind } from '../words.ts'
import type { Context } from './context.ts'

export type Actor = 'operator' | 'holdfast'

/** One row of the table of steps: what is done, by whom, and when it is needed. */
export interface StepRule {
  /** Stable: `Recovery.acknowledge` names it. */
  id: string
  /** What needs a graphical tool, another machine's console, or rights beyond RTCUniversalServerAdmins is an operator's. */
  actor: Actor
  readonly applies: (context: Context) => boolean
  readonly title: (context: Context) => string
  /** With real names; a line for each of several. Left out: there is no command. */
  readonly command?: (context: Context) => string
  /** What must be known before the command is given. */
  warning?: string
  /** Allowance in minutes, for one machine where `each` counts several. */
  minutes: number
  readonly each?: (context: Context) => number
  /** Items that this step brings back: their bytes cost time too. */
  restores?: readonly ItemKind[]
}

/** A step of one procedure. */
export interface Step {
  id: string
  title: string
  actor: Actor
  command?: string
  warning?: string
  minutes: number
}
