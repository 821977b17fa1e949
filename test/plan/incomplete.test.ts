/** A copy with gaps is a recovery point with its gaps shown: design, section 5 (`incomplete`). */
import { expect, test } from 'vitest'
import type { SetSummary } from '../../src/domain/backup-set.ts'
import { retained } from '../../src/domain/retention.ts'
import { itemKey } from '../../src/domain/subject.ts'
import type { Item } from '../../src/domain/words.ts'
import { plan } from '../../src/plan/plan.ts'
import { explainView } from '../../src/views/explain/explain.ts'
import { recoverabilityView } from '../../src/views/recoverability.ts'
import { statusView } from '../../src/views/status.ts'
import { desiredState, fileStore, policy } from '../support/desired.ts'
import { memory, summary, world } from '../support/observed.ts'

const now = '2026-03-10T12:00:00.000Z'
const store: Item = { kind: 'file-store', subject: '\\\\fs01.contoso.com\\LyncShare' }
const missing = { count: 2, names: ['a.xml', 'b.xml'] }
const nightly = policy('nightly', { recoveryPointObjectiveSeconds: 86_400 })
const desired = desiredState({ fileStores: [fileStore(store.subject)], policies: [nightly] })
const everything: Item[] = [
  { kind: 'configuration', subject: 'contoso' },
  { kind: 'location-information', subject: 'contoso' },
  { kind: 'environment', subject: 'contoso' },
  { kind: 'user-data', subject: 'se01.contoso.com' },
]

const whole = summary('2026-03-08T02:00:00.000Z', { ok: [...everything, store] })
const withGaps: SetSummary = summary('2026-03-10T02:00:00.000Z', {
  ok: everything,
  state: 'partial',
  slot: '2026-03-10T02:00:00.000Z',
  flawed: [{ ...store, outcome: 'suspect', code: 'item-incomplete', message: '2 of its files', missing }],
})

function snapshot(...sets: SetSummary[]) {
  const observed = world(sets)
  return { desired, observed, memory: memory(), plan: plan(desired, observed, memory(), now), now, sets: [] }
}

function rowOf(...sets: SetSummary[]) {
  const { items, verdict } = statusView(snapshot(...sets), { running: true, lastPassAt: now })
  return { row: items.find((one) => itemKey(one) === itemKey(store)), verdict }
}

test('it is the recovery point, newer than the whole copy, which stands beside it', () => {
  expect(rowOf(whole, withGaps).row).toMatchObject({
    recoveryPoint: { set: withGaps.id, missing },
    newestOk: { set: whole.id },
    ageSeconds: 36_000,
  })
  expect(rowOf(withGaps).row).toMatchObject({ recoveryPoint: { set: withGaps.id, missing }, newestOk: null })
  expect(rowOf(withGaps, { ...whole, startedAt: '2026-03-10T04:00:00.000Z' }).row?.recoveryPoint).not.toHaveProperty(
    'missing',
  )
})

test('it is worth attention, and never makes the verdict worse than that', () => {
  for (const sets of [[whole, withGaps], [withGaps]]) {
    const { reasons } = rowOf(...sets).verdict
    const codes = reasons.map(({ code }) => code)
    expect(codes).toContain('item-incomplete')
    expect(codes).not.toContain('objective-missed')
    expect(codes).not.toContain('recovery-point-missing')
  }
})

test('a restore is offered from it, with what it lacks as a blocker that is accepted by name', () => {
  const [row] = recoverabilityView(snapshot(whole, withGaps), 'fs01.contoso.com')?.subjects ?? []
  expect(row?.items).toMatchObject([{ ...store, from: withGaps.id, missing }])
  expect(row?.blockers).toContainEqual({
    code: 'item-incomplete',
    message: `The copy of file-store of ${store.subject} in ${withGaps.id} lacks 2 files or folders: a.xml, b.xml.`,
  })
})

test('explain says what it lacks', () => {
  const verdict = `file-store of ${store.subject} would come back as of ${withGaps.startedAt}, without a.xml, b.xml`
  expect(explainView(snapshot(whole, withGaps), store.subject)).toMatchObject({
    verdicts: expect.arrayContaining([expect.objectContaining({ verdict })]) as unknown,
  })
})

test('invariant 4: neither it nor the whole copy expires, and an older incomplete one does', () => {
  const older: SetSummary = { ...withGaps, id: 'nightly/older', startedAt: '2026-03-05T02:00:00.000Z' }
  const newer = summary('2026-03-10T03:00:00.000Z', { ok: everything })
  const kept = retained(nightly, [newer, withGaps, whole, older], [], now)
  expect([...(kept.get(withGaps.id) ?? [])]).toContain('newest-incomplete-copy')
  expect([...(kept.get(whole.id) ?? [])]).toContain('newest-copy')
  expect(kept.has(older.id)).toBe(false)
})
