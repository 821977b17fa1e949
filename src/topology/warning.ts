import type { ProblemCode } from '../base/problem-codes.ts'

/** Something that the reader of a topology document should know or check. Told in the order found. */
export interface Warning {
  code: ProblemCode
  message: string
}
