import type { ProblemCode } from '../../base/problem-codes.ts'
import type { Attempt } from '../../domain/action.ts'

/** A try that ends with one of them reached what it was to bring back, and did not find it as it should be. */
const notRight: ReadonlySet<string> = new Set([
  'failback-came-short',
  'import-came-short',
  'import-reported-errors',
  'pair-not-settled',
  'sql-restore-failed',
  'sql-restore-unknown',
  'sql-single-user',
] satisfies ProblemCode[])

/** Whether a try of a step left behind what may look whole and is not: Holdfast was cut off in it, or could not prove it. */
export function leftUnproved({ outcome, code }: Pick<Attempt, 'outcome' | 'code'>): boolean {
  return outcome === 'interrupted' || notRight.has(code ?? '')
}
