import { addSeconds } from '../../base/time.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import type { FindingRule } from './rule.ts'

const staleDays = 90

/** What others keep and nobody looked at for 90 days, in one row. What has no entry at all, `validate` tells. */
export const staleKeptElsewhere: FindingRule = {
  codes: ['kept-elsewhere-stale'],
  find,
}

function find({ desired, now }: Digest): Fresh<Finding>[] {
  const { name, keptElsewhere } = desired.deployment
  const oldest = addSeconds(now, -staleDays * 86_400).slice(0, 10)
  const stale = keptElsewhere.filter(({ checkedOn }) => checkedOn < oldest)
  if (stale.length === 0) return []
  return [
    {
      code: 'kept-elsewhere-stale',
      severity: 'warning',
      subject: name,
      desired: `checked within ${staleDays} days`,
      observed: stale.map(({ what, checkedOn }) => `${what} on ${checkedOn}`).join(', '),
      message: `Nobody checked for ${staleDays} days that a restore would have ${stale.map(({ what }) => what).join(', ')}. Look, and commit the new checkedOn.`,
    },
  ]
}
