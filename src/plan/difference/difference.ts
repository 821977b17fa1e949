import { toMinute, type Time } from '../../base/time.ts'
import { protectionKey, requiredItems } from '../../domain/inventory.ts'
import type { BackupPolicy, Desired } from '../../domain/model.ts'
import type { Observed } from '../../domain/observation.ts'
import { nextSlot, startOfRun } from '../../domain/schedule.ts'
import { foldSubject, itemKey } from '../../domain/subject.ts'
import type { Item } from '../../domain/words.ts'
import { expiredSets, keptSets } from './expired.ts'
import { policySettings } from './policy-settings.ts'
import { compareResources } from './resources.ts'
import type { Difference, DifferenceRow, Rows } from './row.ts'
import { summary } from './summary.ts'

/** What `head` would change against `base` in resources, runs, items and retention, by the sets that exist now. */
export function difference(base: Desired, head: Desired, observed: Observed, now: Time): Difference {
  const rows: Rows = { added: [], removed: [], changed: [] }
  const ground: Ground = { base, head, observed, now, rows, holders: holdersIn(head) }
  compareResources(base, head, rows)
  const before = new Map(base.policies.map((policy) => [foldSubject(policy.name), policy]))
  const after = new Map(head.policies.map((policy) => [foldSubject(policy.name), policy]))
  const pairs = [...after].flatMap(([name, policy]) => {
    const old = before.get(name)
    return old ? [{ old, policy }] : []
  })
  for (const policy of after.values()) if (!before.has(foldSubject(policy.name))) addPolicy(policy, ground)
  for (const { old, policy } of pairs) comparePolicies(old, policy, ground)
  for (const policy of before.values()) if (!after.has(foldSubject(policy.name))) removePolicy(policy, ground)
  const expired = pairs.flatMap(({ old, policy }) => expiredSets([old, base], [policy, head], observed.sets, now))
  return {
    revision: base.revision,
    summary: summary(rows, expired),
    ...rows,
    expired,
    notSeen: head.locations.map(({ name }) => name).filter((name) => !observed.facts.location.get(name)?.known),
  }
}

interface Ground {
  base: Desired
  head: Desired
  observed: Observed
  now: Time
  rows: Rows
  /** Names of the policies of `head` that back up what has this key. */
  holders: ReadonlyMap<string, string[]>
}

function holdersIn(head: Desired): Map<string, string[]> {
  const holders = new Map<string, string[]>()
  for (const policy of head.policies)
    for (const key of requiredItems(head, policy).map(protectionKey))
      holders.set(key, [...(holders.get(key) ?? []), policy.name])
  return holders
}

function addPolicy(policy: BackupPolicy, { head, now, rows }: Ground): void {
  const next = nextRun(policy, now)
  rows.added.push({
    what: 'policy',
    subject: policy.name,
    after: `${countOf(requiredItems(head, policy))}, ${next === 'never' ? 'never runs' : `next run ${toMinute(next)}`}`,
  })
}

/** Of its items only those are named that are lost with it. */
function removePolicy(policy: BackupPolicy, { base, rows, holders }: Ground): void {
  const items = requiredItems(base, policy)
  rows.removed.push({ what: 'policy', subject: policy.name, before: countOf(items) })
  const gone = items.map((item) => removedItem(item, policy, holders)).filter(({ orphaned }) => orphaned === true)
  rows.removed.push(...gone)
}

function comparePolicies(old: BackupPolicy, policy: BackupPolicy, ground: Ground): void {
  const { base, head, observed, now, rows, holders } = ground
  const [before, after] = [requiredItems(base, old), requiredItems(head, policy)]
  const [had, has] = [new Set(before.map(itemKey)), new Set(after.map(itemKey))]
  for (const { kind, subject } of after.filter((item) => !had.has(itemKey(item))))
    rows.added.push({ what: 'item', policy: policy.name, subject, kind })
  for (const item of before.filter((one) => !has.has(itemKey(one))))
    rows.removed.push(removedItem(item, policy, holders))
  const change = (what: string, was: string, is: string): void => {
    if (was !== is) rows.changed.push({ what, subject: policy.name, policy: policy.name, before: was, after: is })
  }
  const [settings, newSettings] = [policySettings(old), policySettings(policy)]
  for (const [what, is] of Object.entries(newSettings)) change(what, settings[what] ?? '', is)
  change('run', nextRun(old, now), nextRun(policy, now))
  change('sets-kept', keptSets(old, base, observed.sets, now), keptSets(policy, head, observed.sets, now))
}

/** An item that a policy no longer has: which policies back it up still, or that nobody does. */
function removedItem(item: Item, { name }: BackupPolicy, holders: Ground['holders']): DifferenceRow {
  const stillIn = holders.get(protectionKey(item))
  return {
    what: 'item',
    policy: name,
    subject: item.subject,
    kind: item.kind,
    ...(stillIn ? { stillIn } : { orphaned: true }),
  }
}

function nextRun(policy: BackupPolicy, now: Time): string {
  const slot = nextSlot(policy, now)
  return slot === null ? 'never' : startOfRun(policy, slot)
}

function countOf(items: readonly unknown[]): string {
  return `${items.length} ${items.length === 1 ? 'item' : 'items'}`
}
