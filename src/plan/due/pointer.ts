import { onceFor } from '../../base/once-for.ts'
import type { Action } from '../../domain/action.ts'
import type { Facts } from '../../domain/facts.ts'
import type { BackupPolicy } from '../../domain/model.ts'
import { newest } from '../../domain/recovery-point.ts'
import { itemKey } from '../../domain/subject.ts'
import type { Item, SetId } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'
import { pointableSets } from '../selections.ts'
import { actionId } from './hash.ts'
import { againAt } from './tries.ts'

/**
 * What stands in `current/` for who restores by hand: `$Backup` refers to the newest set that is whole and, but for
 * gaps, complete; the list beside it has the newest usable copy of each item. What cannot be seen is left alone.
 */
export function duePointer(policy: BackupPolicy, digest: Digest): Action | null {
  const fact = digest.observed.facts.location.get(policy.location.name)
  if (!fact?.known || fact.value.identity === null) return null
  const current = fact.value.pointers[policy.name] ?? null
  const target = newest(pointableSets(digest.setsOf(policy.name)), digest.now)
  const set = target === null || target.id === current ? null : target.id
  const list = listed(policy, digest)
  if (set === null && isWritten(list, policy, fact.value)) return null
  const attempts = digest.attempts('point-backup', policy.name).filter((attempt) => attempt.set === set)
  const retry = againAt(attempts, digest.now)
  if (retry !== null && retry > digest.now) return null
  return {
    location: policy.location.name,
    kind: 'point-backup',
    id: actionId('point-backup', policy.name, [set, current, [...list].flat().join(' '), attempts.length]),
    subject: policy.name,
    policy: policy.name,
    set,
    cause: 'corrective',
    reason: set ? whyMoved(current, set) : 'The list of the newest copies is not that of the sets on the share.',
    request: null,
  }
}

function whyMoved(current: SetId | null, set: SetId): string {
  return current === null
    ? `Nothing is named as the newest set to restore from; it is ${set}.`
    : `${current} is named as the newest set to restore from; it is ${set}.`
}

/** Set -> how many items have their newest usable copy in it; below the empty name those that have none. */
function listed(policy: BackupPolicy, digest: Digest): Map<string, number> {
  const rows = new Map<string, number>()
  for (const key of keysOf(digest.required(policy))) {
    const set = digest.usable.get(key)?.id ?? ''
    rows.set(set, (rows.get(set) ?? 0) + 1)
  }
  return rows
}

/** Where nothing was ever taken there is nothing to list; what an older version saw does not say. */
function isWritten(list: ReadonlyMap<string, number>, policy: BackupPolicy, { copyLists }: Facts['location']): boolean {
  if (copyLists === undefined || [...list.keys()].every((set) => set === '')) return true
  const written = copyLists[policy.name] ?? {}
  return Object.keys(written).length === list.size && [...list].every(([set, rows]) => written[set] === rows)
}

const keysOf = onceFor((items: readonly Item[]): readonly string[] => items.map(itemKey))
