import type { Time } from '../base/time.ts'
import type { SetSummary } from './backup-set.ts'
import type { Facts } from './facts.ts'
import type { Subject } from './words.ts'

/** What one probe saw of one subject. `since`: first seen with this value (or unknown) without a break. */
export type Observation<T> = { subject: Subject; at: Time; since: Time; source: string } & (
  { known: true; value: T } | { known: false; error: string }
)

export interface Observed {
  facts: { readonly [F in keyof Facts]: ReadonlyMap<Subject, Observation<Facts[F]>> }
  sets: readonly SetSummary[]
}
