import type { ProblemCode } from '../base/problem-codes.ts'
import type { Time } from '../base/time.ts'
import type { SetSummary } from './backup-set.ts'
import type { Facts } from './facts.ts'
import type { Subject } from './words.ts'

/** What a look saw. */
export interface Seen<T> {
  known: true
  value: T
}

/** Why a look saw nothing. Decisions are made on the code and on whether anything answered; the words are for people. */
export interface Unseen {
  known: false
  code: ProblemCode
  /** Something of the subject answered, if only by refusing. */
  answered: boolean
  /** Without the code. */
  error: string
}

/** What one probe saw of one subject. `since`: first seen with this value (or unknown) without a break. */
export type Observation<T> = { subject: Subject; at: Time; since: Time; source: string } & (Seen<T> | Unseen)

export interface Observed {
  facts: { readonly [F in keyof Facts]: ReadonlyMap<Subject, Observation<Facts[F]>> }
  sets: readonly SetSummary[]
}

/** Why something is unknown, for people: with the code of the page that says what to do. */
export function whyUnseen({ code, error }: Pick<Unseen, 'code' | 'error'>): string {
  return code === 'unexpected' ? error : `${error} [${code}]`
}
