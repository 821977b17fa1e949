/** A recovery that is walked through on paper, as if its subject were lost now. */
import type { Subject } from './words.ts'

/**
 * What was found of one thing that a step needs. `holds`: it is so today. `stops`: the step would fail, or be refused.
 * `unproved`: nothing speaks against it, and nothing ever showed it. `unknown`: nobody can see it today.
 */
export const drillResults = ['holds', 'stops', 'unproved', 'unknown'] as const
export type DrillResult = (typeof drillResults)[number]

export interface DrillSight {
  /** What was asked, in a word: a check of `doctor` has its own name. */
  about: string
  subject: Subject
  result: DrillResult
  /** What was seen, or why nothing could be; a sentence for a person. */
  message: string
  /** Of what stops: what to do. */
  remedy?: string
}
