import type { Facts } from '../../domain/facts.ts'
import { sqlAnswers } from './contacts.ts'
import { codeOf, type Sight } from './sights.ts'

/** Whether the instance itself answered and told us nothing; SQL Browser may answer for one that is not there. */
export function isRefusal({ error }: Sight<Facts['sqlInstance']> & { state: 'silent' }): boolean {
  const code = codeOf(error)
  return sqlAnswers.has(code) && code !== 'sql-instance-unknown'
}
