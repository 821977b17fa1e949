import type { Subject } from './words.ts'

/** What must be the same at restore time, as text: subject -> fact -> value, `unknown` where nothing was seen. */
export type EnvironmentRecord = Record<Subject, Record<string, string>>

export const unknown = 'unknown'
/** What was looked for and is not there. */
export const none = 'none'

export function sorted(values: readonly string[]): string {
  return values.length === 0 ? none : values.toSorted().join(', ')
}
