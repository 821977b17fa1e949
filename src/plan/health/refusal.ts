import type { Facts } from '../../domain/facts.ts'
import type { Sight } from './sights.ts'

/** Whether the instance itself answered and let us see nothing; SQL Browser may answer for one that is not there. */
export function isRefusal({ observation }: Sight<Facts['sqlInstance']> & { state: 'silent' }): boolean {
  return observation.answered && observation.code !== 'sql-instance-unknown'
}
