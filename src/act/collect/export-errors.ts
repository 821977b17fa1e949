import { Problem, toProblem } from '../../base/problem.ts'
import type { Item } from '../../domain/words.ts'
import type { CallResult } from '../../drivers/shell/host.ts'

/** Whatever an export complains of, it is not a whole backup: `Export-CsUserData` writes a file and stops at a bad user. */
export function refuseErrors(item: Item, result: CallResult): void {
  const [first] = result.errors
  if (!first) return
  const more = result.errors.length > 1 ? ` (and ${result.errors.length - 1} more)` : ''
  throw new Problem('export-reported-errors', {
    subject: item.subject,
    message: `The cmdlet ended, but reported: ${first.message}${more}`,
    hint: 'What it wrote may be incomplete, so it does not count as a copy. Fix what the message names and ask for a new run.',
  })
}

/** What the export complained of, as a Problem; null: nothing. What is not a complaint of the cmdlet itself is thrown. */
export async function complaintOf(item: Item, call: Promise<CallResult>): Promise<Problem | null> {
  try {
    refuseErrors(item, await call)
    return null
  } catch (thrown) {
    const problem = toProblem(thrown, item.subject)
    if (problem.code === 'export-reported-errors' || problem.code === 'shell-call-failed') return problem
    throw thrown
  }
}
