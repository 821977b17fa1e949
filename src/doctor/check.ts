import type { Subject } from '../domain/words.ts'

/** What is taken at the same time from one part of the world. */
export type Group = 'local' | 'network' | 'sql' | 'shell' | 'files'

/** One row of the table of checks, for one subject. */
export interface Check {
  name: string
  subject: Subject
  group: Group
  deadlineSeconds: number
  /** Checks that must have ended before. */
  after?: readonly Check[]
  /** Asked then: those without which this one would only tell the same again. Each must stand in `after`. */
  needs?: () => readonly Check[]
  /** Says what was seen. Throws the Problem, with its remedy, where something is wrong. Leaves nothing behind. */
  attempt(signal: AbortSignal): Promise<string>
}

export interface CheckResult {
  name: string
  subject: Subject
  outcome: 'ok' | 'failed' | 'skipped'
  message: string
  remedy?: string
}

/** Fields of a check that is tried only when all of these passed. */
export function onlyAfter(checks: readonly Check[]): Required<Pick<Check, 'after' | 'needs'>> {
  return { after: checks, needs: () => checks }
}
