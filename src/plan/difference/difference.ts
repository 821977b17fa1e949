import { hashOf } from '../../base/hash.ts'
import type { Time } from '../../base/time.ts'
import { requiredItems } from '../../domain/inventory.ts'
import type { BackupPolicy, Desired } from '../../domain/model.ts'
import { retained } from '../../domain/retention.ts'
import { nextSlot, startOfRun } from '../../domain/schedule.ts'
import { foldSubject, itemKey } from '../../domain/subject.ts'
import type { SetSummary } from '../../domain/backup-set.ts'
import type { ItemKind } from '../../domain/words.ts'
import { policySettings } from './policy-settings.ts'
import { resources } from './resources.ts'

/** One thing that a revision adds, removes or changes, in words for a reviewer. */
export interface DifferenceRow {
  /** `policy`, `item`, `run`, `sets-kept`, a setting of a policy, or a kind of resource. */
  what: string
  subject: string
  policy?: string
  /** Kind of an item. */
  kind?: ItemKind
  before?: string
  after?: string
}

export interface Difference {
  /** The revision that is compared with. */
  revision: string
  added: DifferenceRow[]
  removed: DifferenceRow[]
  changed: DifferenceRow[]
}

/** What `head` would change against `base` in resources, runs, items and retention, by the sets that exist now. */
export function difference(base: Desired, head: Desired, sets: readonly SetSummary[], now: Time): Difference {
  const result: Difference = { revision: base.revision, added: [], removed: [], changed: [] }
  compareResources(base, head, result)
  const [before, after] = [byName(base.policies), byName(head.policies)]
  for (const [name, policy] of after) {
    const old = before.get(name)
    if (old) comparePolicies({ base, old }, { head, policy }, { sets, now, result })
    else addPolicy(policy, head, now, result)
  }
  for (const [name, policy] of before)
    if (!after.has(name)) {
      result.removed.push({ what: 'policy', subject: policy.name, before: countOf(requiredItems(base, policy)) })
    }
  return result
}

function addPolicy(policy: BackupPolicy, head: Desired, now: Time, { added }: Difference): void {
  added.push({
    what: 'policy',
    subject: policy.name,
    after: `${countOf(requiredItems(head, policy))}, next run ${nextRun(policy, now)}`,
  })
}

interface Ground {
  sets: readonly SetSummary[]
  now: Time
  result: Difference
}

function comparePolicies(
  { base, old }: { base: Desired; old: BackupPolicy },
  { head, policy }: { head: Desired; policy: BackupPolicy },
  { sets, now, result }: Ground,
): void {
  const [before, after] = [requiredItems(base, old), requiredItems(head, policy)]
  const [had, has] = [new Set(before.map(itemKey)), new Set(after.map(itemKey))]
  const row = { what: 'item', policy: policy.name }
  for (const { kind, subject } of after.filter((item) => !had.has(itemKey(item))))
    result.added.push({ ...row, subject, kind })
  for (const { kind, subject } of before.filter((item) => !has.has(itemKey(item))))
    result.removed.push({ ...row, subject, kind })
  const change = (what: string, was: string, is: string): void => {
    if (was !== is) result.changed.push({ what, subject: policy.name, policy: policy.name, before: was, after: is })
  }
  const [settings, newSettings] = [policySettings(old), policySettings(policy)]
  for (const [what, is] of Object.entries(newSettings)) change(what, settings[what] ?? '', is)
  change('run', nextRun(old, now), nextRun(policy, now))
  change('sets-kept', kept(old, base, sets, now), kept(policy, head, sets, now))
}

function nextRun(policy: BackupPolicy, now: Time): string {
  const slot = nextSlot(policy, now)
  return slot === null ? 'never' : startOfRun(policy, slot)
}

/** How many of today's sets the rules would keep; while `enforce` is false nothing is deleted either way. */
function kept(policy: BackupPolicy, desired: Desired, sets: readonly SetSummary[], now: Time): string {
  const own = sets.filter((set) => foldSubject(set.policy) === foldSubject(policy.name))
  const keeps = retained(policy, own, desired.holds, now)
  return `${own.filter(({ id }) => keeps.has(id)).length} of ${own.length}`
}

function countOf(items: readonly unknown[]): string {
  return `${items.length} ${items.length === 1 ? 'item' : 'items'}`
}

function byName(policies: readonly BackupPolicy[]): Map<string, BackupPolicy> {
  return new Map(policies.map((policy) => [foldSubject(policy.name), policy]))
}

function compareResources(base: Desired, head: Desired, result: Difference): void {
  const [before, after] = [resources(base), resources(head)]
  for (const [key, { what, subject, fields }] of after) {
    const old = before.get(key)
    if (!old) result.added.push({ what, subject })
    else
      for (const [field, is] of Object.entries(fields))
        if (hashOf(old.fields[field] ?? null) !== hashOf(is))
          result.changed.push({ what, subject, before: said(field, old.fields[field]), after: said(field, is) })
  }
  for (const [key, { what, subject }] of before) if (!after.has(key)) result.removed.push({ what, subject })
}

function said(field: string, value: unknown): string {
  return `${field}: ${typeof value === 'string' ? value : JSON.stringify(value ?? null)}`
}
