import { Problem } from '../../base/problem.ts'
import type { Item } from '../../domain/words.ts'
import type { CallResult } from '../../drivers/shell/host.ts'

/** `Export-CsUserData` writes a file and stops at a bad user: whatever an export complains of, it is not a backup. */
export function refuseErrors(item: Item, result: CallResult): void {
  const [first] = result.errors
  if (!first) return
  const more = result.errors.length > 1 ? ` (and ${result.errors.length - 1} more)` : ''
  throw new Problem('export-reported-errors', {
    subject: item.subject,
    message: `The cmdlet ended, but reported: ${first.message}${more}`,
    hint: 'What it wrote may be incomplete, so it is not kept. Fix what the message names and ask for a new run.',
  })
}
