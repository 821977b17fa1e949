import type { ProblemCode } from '../base/problem-codes.ts'
import { Problem } from '../base/problem.ts'
import type { Attempt } from '../domain/action.ts'

/** Guards that refuse what was typed, not what was asked for. */
const ofInput: ReadonlySet<string> = new Set<ProblemCode>(['unknown-policy', 'unknown-location', 'set-unknown'])

/** Why a request came to nothing; `failure`: the code for one that was tried. */
export function problemOf(answer: Attempt | null | undefined, subject: string, failure: ProblemCode): Problem {
  const message = answer?.message ?? 'The daemon did not answer.'
  if (answer?.outcome !== 'refused') return new Problem(failure, { subject, message })
  const { guard } = answer
  return new Problem(guard !== undefined && ofInput.has(guard) ? (guard as ProblemCode) : 'refused', {
    subject,
    message,
  })
}
