import type { Time } from '../../base/time.ts'
import type { SetSummary } from '../../domain/backup-set.ts'
import type { BackupPolicy, Desired } from '../../domain/model.ts'
import { retained } from '../../domain/retention.ts'
import { foldSubject } from '../../domain/subject.ts'
import type { ExpiredSet } from './row.ts'

type Side = readonly [policy: BackupPolicy, desired: Desired]
type Sets = readonly SetSummary[]

/** The sets of a policy that would expire under `head` and would not under `base`, newest first. */
export function expiredSets(base: Side, head: Side, sets: Sets, now: Time): ExpiredSet[] {
  const [{ name, retention }] = head
  const { enforce: enforced } = retention
  const wasEnforced = base[0].retention.enforce
  if (wasEnforced && !enforced) return []
  const before = wasEnforced === enforced ? new Set(unkept(base, sets, now)) : new Set() // newly enforced: all are news
  return unkept(head, sets, now)
    .filter((set) => !before.has(set))
    .sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1))
    .map(({ id }) => ({ policy: name, set: id, enforced }))
}

/** How many of today's sets the rules would keep: `3 of 5`. */
export function keptSets(policy: BackupPolicy, desired: Desired, sets: Sets, now: Time): string {
  const own = setsOf(policy, sets)
  return `${own.length - unkept([policy, desired], sets, now).length} of ${own.length}`
}

function unkept([policy, { holds }]: Side, sets: Sets, now: Time): SetSummary[] {
  const own = setsOf(policy, sets)
  const kept = retained(policy, own, holds, now)
  return own.filter(({ id }) => !kept.has(id))
}

function setsOf({ name }: BackupPolicy, sets: Sets): SetSummary[] {
  return sets.filter(({ policy }) => foldSubject(policy) === foldSubject(name))
}
