import type { ProblemCode } from './problem-codes.ts'

interface Details {
  /** What the problem is about, as in `domain/subject.ts`; a path or a URL where no such subject fits. */
  subject?: string
  /** What happened and why, one sentence without a stack. */
  message: string
  /** What to do about it. */
  hint?: string
  cause?: unknown
}

/** The one error class for everything that a person may have to act on. Each code has a page in `docs/errors/`. */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly subject: string | null
  readonly hint: string | null

  constructor(code: ProblemCode, details: Details) {
    super(details.message, details.cause === undefined ? {} : { cause: details.cause })
    this.name = 'Problem'
    this.code = code
    this.subject = details.subject ?? null
    this.hint = details.hint ?? null
  }
}

/** What went wrong first, where closing what was open failed as well: the later errors never hide it. */
export function firstThrown(thrown: unknown): unknown {
  return thrown instanceof SuppressedError ? firstThrown(thrown.suppressed) : thrown
}

/** What failed besides, while what was open was closed; in order. */
export function thrownLater(thrown: unknown): unknown[] {
  if (!(thrown instanceof SuppressedError)) return []
  return [...thrownLater(thrown.suppressed), firstThrown(thrown.error), ...thrownLater(thrown.error)]
}

/** Whatever was thrown first, as a Problem. What is none already is `unexpected`: a fault of ours, kept with its cause. */
export function toProblem(outermost: unknown, subject?: string): Problem {
  const thrown = firstThrown(outermost)
  if (thrown instanceof Problem) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new Problem('unexpected', {
    ...(subject === undefined ? {} : { subject }),
    message,
    hint: 'This error is unexpected. Please report it, with the log around this time.',
    cause: thrown,
  })
}

/** What a log line says of a problem: the stack only where nobody foresaw it. */
export function logFields(problem: Problem): object {
  const { code, subject, message, hint } = problem
  return code === 'unexpected' ? { code, subject, err: problem } : { code, subject, problem: message, hint }
}

/** The system's error code of a failed file or socket call (`ENOENT`, `ECONNREFUSED`), or null. */
export function systemCode(thrown: unknown): string | null {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return null
  return typeof thrown.code === 'string' ? thrown.code : null
}
