import type { SetSummary } from '../../domain/backup-set.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Fresh } from '../standing.ts'
import type { FindingRule } from './rule.ts'

/** Sets that a check found damaged, for as long as they are there. */
export const damagedSets: FindingRule = {
  codes: ['set-damaged'],
  find: ({ observed }) => observed.sets.filter(({ state }) => state === 'damaged').map(damagedSet),
}

function damagedSet({ id }: SetSummary): Fresh<Finding> {
  return {
    code: 'set-damaged',
    severity: 'error',
    subject: id,
    desired: 'as it was written',
    observed: 'damaged',
    message: `A check found ${id} damaged; the damaged items no longer count as copies.`,
  }
}
