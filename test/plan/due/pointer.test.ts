import { expect, test } from 'vitest'
import type { Action } from '../../../src/domain/action.ts'
import type { FlawedItem, SetSummary } from '../../../src/domain/backup-set.ts'
import type { Facts } from '../../../src/domain/facts.ts'
import { requiredItems } from '../../../src/domain/inventory.ts'
import { plan } from '../../../src/plan/plan.ts'
import { desiredState, fileStore, policy } from '../../support/desired.ts'
import { memory, readyLocation, seen, summary, world } from '../../support/observed.ts'

/** Fault B5: what stands in `current/` while an item goes on failing. */

const now = '2026-03-10T02:30:00.000Z'
const nightly = policy('nightly', { verification: { onCreate: 'structure', everyDays: null, restoreTest: null } })
const desired = desiredState({ policies: [nightly], fileStores: [fileStore('\\\\fs01.contoso.com\\LyncShare')] })
const items = requiredItems(desired, nightly)
const store = items.find(({ kind }) => kind === 'file-store')!
const others = items.filter((item) => item !== store)
const gap: FlawedItem = { ...store, outcome: 'suspect', missing: { count: 1, names: ['a.xml'] } }

const whole = summary('2026-03-08T02:00:00.000Z', { ok: items })
const withGap = summary('2026-03-10T02:00:00.000Z', { state: 'partial', ok: others, flawed: [gap], gapsOnly: true })
const failed = summary('2026-03-09T02:00:00.000Z', {
  ...{ state: 'partial', ok: others },
  flawed: [{ ...store, outcome: 'failed' }],
})

function pointing(sets: readonly SetSummary[], current: Partial<Facts['location']>): Action[] {
  const location = seen('main', readyLocation(current))
  const observed = world([...sets], { location: new Map([['main', location]]) })
  return plan(desired, observed, memory(), now).actions.filter(({ kind }) => kind === 'point-backup')
}

const listOf = (...rows: [SetSummary | null, number][]): NonNullable<Facts['location']['copyLists']> => ({
  nightly: Object.fromEntries(rows.map(([set, count]) => [set?.id ?? '', count])),
})

test('the list is written where an item has a newer copy than it names, and `$Backup` stays', () => {
  const before = { pointers: { nightly: whole.id }, copyLists: listOf([whole, items.length]) }
  expect(pointing([whole, failed], before)).toMatchObject([{ policy: 'nightly', set: null, cause: 'corrective' }])
})

test('nothing is written where the list has each item where its newest usable copy is', () => {
  const copyLists = listOf([failed, others.length], [whole, 1])
  expect(pointing([whole, failed], { pointers: { nightly: whole.id }, copyLists })).toEqual([])
})

test('a list that somebody removed or emptied is written again', () => {
  for (const copyLists of [{}, { nightly: {} }])
    expect(pointing([whole], { pointers: { nightly: whole.id }, copyLists })).toMatchObject([{ set: null }])
})

test('items without a copy are listed too; where nothing was ever taken there is no list', () => {
  const { flawed: _flawed, ...part } = failed
  const copyLists = listOf([part, others.length], [null, 1])
  expect(pointing([part], { copyLists })).toEqual([])
  expect(pointing([part], { copyLists: listOf([part, others.length]) })).toHaveLength(1)
  expect(pointing([], { copyLists: {} })).toEqual([])
})

test('`$Backup` moves to a set that lacks files alone, and the list names its copy with the gap', () => {
  const before = { pointers: { nightly: whole.id }, copyLists: listOf([whole, items.length]) }
  expect(pointing([whole, withGap], before)).toMatchObject([{ set: withGap.id }])
  const after = { pointers: { nightly: withGap.id }, copyLists: listOf([withGap, items.length]) }
  expect(pointing([whole, withGap], after)).toEqual([])
})

test('a part of a policy, and a set that nobody here made, are none for `$Backup` with gaps either', () => {
  for (const more of [{ whole: false }, { unvouched: true as const }])
    expect(pointing([whole, { ...withGap, ...more }], { pointers: { nightly: whole.id } })).toEqual([])
})
