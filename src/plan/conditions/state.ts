import type { Condition } from '../../domain/statement.ts'

/** What a condition says of its subject; the subject, the type and the revision are added by `conditions`. */
export type ConditionState = Pick<Condition, 'status' | 'reason' | 'message'>
