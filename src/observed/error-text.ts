import { scrub } from '../base/log.ts'
import { toProblem } from '../base/problem.ts'

/** Why something is unknown, without a secret, with the code of the page that says what to do. */
export function textOf(thrown: unknown): string {
  const { code, message } = toProblem(thrown)
  return scrub(code === 'unexpected' ? message : `${message} [${code}]`)
}
