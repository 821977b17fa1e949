import { sameSubject } from '../domain/subject.ts'
import type { Subject } from '../domain/words.ts'

/** What is taken at the same time from one part of the world. */
export type Group = 'local' | 'network' | 'sql' | 'shell' | 'files'

/** One row of the table of checks, for one subject. */
export interface Check {
  name: string
  subject: Subject
  group: Group
  deadlineSeconds: number
  /** Checks that must have ended before. Each precedes this one in the list. */
  after?: readonly Check[]
  /** Asked then: unless all of these passed, this check is not even tried. Each must be in `after`. */
  needs?: () => readonly Check[]
  /** Tried all the same; but unless all of these passed, a failure says nothing new. Each must be in `after`. */
  echoes?: readonly Check[]
  /**
   * Says what was seen, or why it is left out although nothing failed. Throws the Problem, with its remedy, where
   * something is wrong. Leaves nothing behind.
   */
  attempt(signal: AbortSignal): Promise<string | { leftOut: string }>
}

export interface CheckResult {
  name: string
  subject: Subject
  outcome: 'ok' | 'failed' | 'skipped'
  message: string
  remedy?: string
  /** Of a skipped check: the failed one that it could only repeat; absent where it is left out on purpose. */
  because?: { name: string; subject: Subject }
}

/** Fields of a check that is tried only when all of these passed. */
export function onlyAfter(checks: readonly Check[]): Required<Pick<Check, 'after' | 'needs'>> {
  return { after: checks, needs: () => checks }
}

/** Fields of a check that is always tried, and whose failure says nothing new unless all of these passed. */
export function echoOf(checks: readonly Check[]): Required<Pick<Check, 'after' | 'echoes'>> {
  return { after: checks, echoes: checks }
}

/** Checks of which each is about a machine, or a name of one. */
export interface ChecksByHost {
  all: readonly Check[]
  /** What anything else on this host depends on. */
  of(host: string): readonly Check[]
}

/** Those whose subject is the host. */
export function checksOf(all: readonly Check[]): ChecksByHost {
  return { all, of: (host) => all.filter(({ subject }) => sameSubject(subject, host)) }
}
