import type { ProblemCode } from '../base/problem-codes.ts'
import type { Located } from '../base/yaml.ts'

/** One fault in the files of desired state. */
export interface Fault extends Located {
  /** Stable code with a page in `docs/errors/`. */
  code: ProblemCode
  message: string
  hint: string
}

/** A fault together with what it means: an error makes the revision invalid, a warning does not. */
export interface Judgement extends Fault {
  severity: 'error' | 'warning'
}

interface Words {
  message: string
  hint: string
}

export function fault(code: ProblemCode, place: Located, words: Words): Judgement {
  return { severity: 'error', code, ...place, ...words }
}

export function warning(code: ProblemCode, place: Located, words: Words): Judgement {
  return { severity: 'warning', code, ...place, ...words }
}
