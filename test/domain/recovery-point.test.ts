import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addSeconds } from '../../src/base/time.ts'
import { newestCopies, recoveryPoints } from '../../src/domain/recovery-point.ts'
import { itemKey } from '../../src/domain/subject.ts'
import type { SetSummary } from '../../src/domain/backup-set.ts'
import type { Item } from '../../src/domain/words.ts'
import { summary } from '../support/observed.ts'

const now = '2026-03-10T12:00:00.000Z'
const users: Item = { kind: 'user-data', subject: 'pool01.contoso.com' }
const calls: Item = { kind: 'sql-database', subject: 'sql01.contoso.com\\rtc/LcsCDR' }
const day = (number: number): string => `2026-03-0${number}T02:00:00.000Z`

const point = (sets: SetSummary[], item = users) => recoveryPoints([item], newestCopies(sets, now)).get(item)

describe('the recovery point of an item', () => {
  it('is the newest set in which it is ok, dated by the start of that run', () => {
    const sets = [
      summary(day(2), { ok: [users] }),
      summary(day(3), { ok: [users, calls] }),
      summary(day(1), { ok: [users] }),
    ]
    expect(point(sets)).toEqual({ set: `nightly/${day(3)}`, at: day(3) })
  })

  it('is none without any ok copy', () => {
    expect(point([summary(day(2), { ok: [calls] })])).toBeNull()
  })

  it('belongs to the item, not to the set: a partial and a damaged set count for what is ok in them', () => {
    const sets = [
      summary(day(1), { ok: [users, calls] }),
      summary(day(2), { state: 'partial', ok: [users] }),
      summary(day(3), { state: 'damaged', ok: [calls] }),
    ]
    expect(point(sets, users)?.at).toBe(day(2))
    expect(point(sets, calls)?.at).toBe(day(3))
  })

  it('is never a set without a commit record', () => {
    const sets = [
      summary(day(1), { ok: [users] }),
      summary(day(2), { state: 'interrupted', ok: [users] }),
      summary(day(3), { state: 'in-progress', ok: [users] }),
    ]
    expect(point(sets)?.at).toBe(day(1))
  })

  it('is not pushed out by a set that a wrong clock dated into the future, which still counts when it is the only one', () => {
    const future = summary('2031-01-01T00:00:00.000Z', { ok: [users] })
    expect(point([future, summary(day(1), { ok: [users] })])?.at).toBe(day(1))
    expect(point([future])?.at).toBe('2031-01-01T00:00:00.000Z')
  })

  it('knows no difference between upper and lower case', () => {
    const sets = [summary(day(1), { ok: [{ ...users, subject: 'POOL01.contoso.com' }] })]
    expect(point(sets)?.at).toBe(day(1))
  })

  it('never moves back when a newer ok copy comes, and does not depend on order', () => {
    const copy = fc.record({
      minutes: fc.integer({ min: -100, max: 500_000 }),
      state: fc.constantFrom('complete', 'partial', 'damaged', 'interrupted', 'in-progress'),
      ok: fc.subarray([users, calls]),
    })
    fc.assert(
      fc.property(fc.array(copy, { maxLength: 12 }), fc.integer({ min: 0, max: 11 }), (copies, turn) => {
        const sets = copies.map(({ minutes, state, ok }, n) =>
          summary(addSeconds(now, -60 * minutes), { id: `nightly/${n}`, state, ok }),
        )
        const found = newestCopies(sets, now)
        const turned = [...sets.slice(turn), ...sets.slice(0, turn)].reverse()
        expect(newestCopies(turned, now)).toEqual(found)
        const before = found.get(itemKey(users))
        const newer = summary(addSeconds(now, -1), { id: 'nightly/newer', ok: [users] })
        const after = newestCopies([...sets, newer], now).get(itemKey(users))!
        const isFuture = (before?.startedAt ?? '') > addSeconds(now, 300)
        if (before && !isFuture) expect(after.startedAt >= before.startedAt).toBe(true)
      }),
    )
  })
})
