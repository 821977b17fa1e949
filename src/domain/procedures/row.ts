import type { Item, Subject } from '../words.ts'
import type { Context } from './context.ts'
import type { Operation } from './operation.ts'

export const actors = ['operator', 'holdfast'] as const
export type Actor = (typeof actors)[number]

/** `fail-over-pool/from-set`: a fork and one of its branches. */
export type BranchName = `${string}/${string}`

/** One way on from a fork. */
export interface Branch {
  name: string
  /** When it is taken, in words. */
  when: string
}

/** What a row of the table says, for each thing that it applies to. */
export interface RowRule {
  /** Stable: `Recovery.acknowledge` names it. */
  id: string
  /** What needs a graphical tool, another machine's console, or rights beyond RTCUniversalServerAdmins is an operator's. */
  actor: Actor
  /** What it is done to: one row for each; none: the loss does not need it. */
  readonly of: (context: Context) => readonly Subject[]
  /**
   * Ids of rows that come before it. `=id`: only the one with the same subject; `@id`: only those on the same machines. A
   * row that the procedure does not have hands on what it needs itself; `?id` does not: it counts only where it is there.
   */
  needs: readonly string[]
  /** Further rows that come before it, by name; those that the procedure does not have do not count. */
  readonly after?: (subject: Subject, context: Context) => readonly RowName[]
  /** Users do not wait for it: it stands at the end, unless a row that they do wait for needs it. */
  late?: true
  /**
   * It belongs to these branches alone. `=fork/branch`: of the fork with the same subject. A fork that the procedure does not
   * have stands at its last branch.
   */
  in?: readonly BranchName[]
  readonly title: (subject: Subject, context: Context) => string
  why: string
  /** With real names, a line for each command; of an operator. Left out: there is no command. */
  readonly command?: (subject: Subject, context: Context) => string
  /** What Holdfast could do; the command is made from it. */
  readonly operation?: (subject: Subject, context: Context) => Operation
  /** What is to be seen when it is done. */
  proves: string
  /** What can go wrong. */
  risks?: string
  /** Title of the document, or `derived` where none says it. */
  source: string
  /** Allowance for one row. */
  minutes: number
  /** Items that it brings back: their bytes cost time too. */
  readonly restores?: (subject: Subject, context: Context) => readonly Item[]
  /** It is a fork; the last branch is the way without what was tried. */
  branches?: readonly Branch[]
}

/** Which row is meant: an id stands for several, each with its subject. */
export interface RowName {
  id: string
  subject: Subject
}

/** A row of one procedure. */
export interface Row extends RowName {
  title: string
  why: string
  actor: Actor
  command?: string
  operation?: Operation
  needs: readonly RowName[]
  proves: string
  risks?: string
  source: string
  minutes: number
  restores: readonly Item[]
  branches?: readonly Branch[]
  /** It ends unless each of these forks takes this branch. */
  in: readonly { fork: RowName; branch: string }[]
}
