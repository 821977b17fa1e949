import { scrub } from '../base/log.ts'
import { toProblem } from '../base/problem.ts'
import { isAnswer } from '../base/problem-meaning.ts'
import type { Unseen } from '../domain/observation.ts'

/** What a look that failed saw: why it is unknown, without a secret. */
export function unseen(thrown: unknown): Unseen {
  const { code, message } = toProblem(thrown)
  return { known: false, code, answered: isAnswer(code), error: scrub(message) }
}
