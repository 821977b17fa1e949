import type { ProblemCode } from '../base/problem-codes.ts'
import { Problem } from '../base/problem.ts'
import type { Attempt } from '../domain/action.ts'

/** Guards that refuse what was typed, not what was asked for. */
const ofInput: ReadonlySet<string> = new Set<ProblemCode>(['unknown-policy', 'unknown-location', 'set-unknown'])

/** Why a request came to nothing; `failure`: the code for one that was tried. */
export function problemOfAnswer(answer: Attempt | null | undefined, subject: string, failure: ProblemCode): Problem {
  const message = answer?.message ?? 'The daemon did not answer.'
  if (answer?.outcome !== 'refused') return new Problem(failure, { subject, message })
  const { guard } = answer
  if (guard === undefined) return new Problem('refused', { subject, message })
  return ofInput.has(guard)
    ? new Problem(guard as ProblemCode, { subject, message })
    : new Problem('refused', { subject, message: `${message} [${guard}]` })
}
