import { onceFor } from '../../base/once-for.ts'
import { newest } from '../../domain/recovery-point.ts'
import { itemKey } from '../../domain/subject.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Item } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'
import { pointableSets } from '../selections.ts'
import type { Fresh } from '../standing.ts'
import type { FindingRule } from './rule.ts'

/**
 * The set that `$Backup` refers to lacks what the policy asks for today: who restores from that folder by hand misses
 * it, even where another set has a copy. That a copy exists at all is the promise of `BackupCurrent`.
 */
export const outdatedSets: FindingRule = {
  codes: ['set-outdated'],
  find,
}

function find(digest: Digest): Fresh<Finding>[] {
  return digest.desired.policies.flatMap((policy) => {
    const set = newest(pointableSets(digest.setsOf(policy.name)), digest.now)
    if (set === null) return []
    const ok = keysOf(set.ok)
    const withGaps = new Set((set.flawed ?? []).filter(({ missing }) => missing).map(itemKey))
    const isHeld = (item: Item): boolean => ok.has(itemKey(item)) || withGaps.has(itemKey(item))
    const missing = digest.required(policy).filter((item) => !isHeld(item))
    if (missing.length === 0) return []
    return [
      {
        code: 'set-outdated',
        severity: 'warning' as const,
        subject: policy.name,
        desired: 'every item of the policy in the newest complete set',
        observed: `${set.id} lacks ${listed(missing)}`,
        message: `The newest complete set is older than the desired state and lacks ${listed(missing)}: restoring from that folder alone would miss it. holdfast backup ${policy.name} makes a new one.`,
      },
    ]
  })
}

/** Sets share their lists of items, so each list is keyed once. */
const keysOf = onceFor((items: readonly Item[]): ReadonlySet<string> => new Set(items.map(itemKey)))

const shown = 3

function listed(items: readonly Item[]): string {
  const names = items.slice(0, shown).map(({ kind, subject }) => `${kind} of ${subject}`)
  return items.length > shown ? `${names.join(', ')} and ${items.length - shown} more` : names.join(', ')
}
