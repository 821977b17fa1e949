import type { Verdict } from '../plan/verdict/verdict.ts'

/** How each state is said, first in everything that people read. */
export const verdictWords = {
  ok: 'OK',
  attention: 'ATTENTION',
  'not-ok': 'NOT OK',
  unknown: 'UNKNOWN',
} as const

export const verdictMeanings = {
  ok: 'everything can be got back, now',
  attention: 'everything can be got back; something is older, late or unproved',
  'not-ok': 'something would be lost, or could not come back',
  unknown: 'nobody can say, for nobody looked',
} as const

/** The verdict in one line: what it is, and the gravest reason. */
export function verdictLine({ state, reasons }: Verdict): string {
  const [first, ...more] = reasons
  if (!first) return `${verdictWords[state]}: ${verdictMeanings[state]}.`
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`
  return `${verdictWords[state]}: ${first.subject}: ${first.message} [${first.code}]${others}`
}
