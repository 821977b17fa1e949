import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addSeconds } from '../../src/base/time.ts'
import type { Hold, Retention } from '../../src/domain/model.ts'
import { newestCopies } from '../../src/domain/recovery-point.ts'
import { retained } from '../../src/domain/retention.ts'
import type { SetSummary } from '../../src/domain/backup-set.ts'
import type { Item } from '../../src/domain/words.ts'
import { policy, schedule } from '../support/desired.ts'
import { summary } from '../support/observed.ts'

const now = '2026-03-31T12:00:00.000Z'
const users: Item = { kind: 'user-data', subject: 'pool01.contoso.com' }
const calls: Item = { kind: 'sql-database', subject: 'sql01.contoso.com/LcsCDR' }

function keeping(rules: Partial<Retention>, zone = 'UTC') {
  const one = policy()
  return { ...one, retention: { ...one.retention, ...rules }, schedule: schedule('0 2 * * *', zone) }
}

/** One complete set each night, newest first: index 0 is of 2026-03-31. */
const nights = Array.from({ length: 60 }, (_, n) => summary(addSeconds('2026-03-31T02:00:00.000Z', -86_400 * n)))

function kept(
  rules: Partial<Retention>,
  sets: readonly SetSummary[] = nights,
  holds: Hold[] = [],
  zone?: string,
): string[] {
  const keeps = retained(keeping(rules, zone), sets, holds, now)
  return sets.filter(({ id }) => keeps.has(id)).map(({ startedAt }) => startedAt.slice(0, 10))
}

describe('what retention keeps', () => {
  it('without any rule is the newest ok copy', () => {
    expect(kept({})).toEqual(['2026-03-31'])
  })

  it.each([
    ['keepLast', { keepLast: 3 }, ['2026-03-31', '2026-03-30', '2026-03-29']],
    ['daily', { daily: 2 }, ['2026-03-31', '2026-03-30']],
    ['weekly, by ISO weeks', { weekly: 3 }, ['2026-03-31', '2026-03-29', '2026-03-22']],
    ['monthly', { monthly: 3 }, ['2026-03-31', '2026-02-28', '2026-01-31']],
    ['yearly', { yearly: 2 }, ['2026-03-31']],
    ['keepWithin', { keepWithinSeconds: 2 * 86_400 }, ['2026-03-31', '2026-03-30']],
    ['the union of rules', { keepLast: 2, monthly: 2 }, ['2026-03-31', '2026-03-30', '2026-02-28']],
  ])('by %s', (_name, rules, days) => {
    expect(kept(rules)).toEqual(days)
  })

  it('counts days by the calendar of the zone', () => {
    // 22:30 and 23:30 UTC are one day in UTC, and two in Berlin (00:30 of the next day).
    const sets = [summary('2026-03-28T23:30:00.000Z'), summary('2026-03-28T22:30:00.000Z')]
    expect(kept({ daily: 2 }, sets)).toHaveLength(1)
    expect(kept({ daily: 2 }, sets, [], 'Europe/Berlin')).toHaveLength(2)
  })

  it('never has fewer verified copies than asked for', () => {
    const proved = nights.map((set, n) => (n % 10 === 5 ? { ...set, verified: { checksum: now } } : set))
    expect(kept({ minimumVerified: 2 }, proved)).toEqual(['2026-03-31', '2026-03-26', '2026-03-16'])
  })

  it('includes what a hold names, until it ends', () => {
    const hold = { name: 'audit', sets: [nights[40]!.id.toUpperCase()], reason: 'audit', until: null }
    expect(kept({}, nights, [hold])).toEqual(['2026-03-31', '2026-02-19'])
    expect(kept({}, nights, [{ ...hold, until: '2026-03-31T11:00:00Z' }])).toEqual(['2026-03-31'])
  })

  it('counts per item: the last good copy of an item stays, however old', () => {
    const sets = [
      summary('2026-03-31T02:00:00.000Z', { state: 'partial', ok: [users] }),
      summary('2026-03-30T02:00:00.000Z', { ok: [users] }),
      summary('2026-01-01T02:00:00.000Z', { ok: [users, calls] }),
    ]
    expect(kept({}, sets)).toEqual(['2026-03-31', '2026-01-01'])
  })

  it('lets what did not end well go after a day, once a later set is complete', () => {
    const sets = [
      summary('2026-03-31T02:00:00.000Z'),
      summary('2026-03-31T01:00:00.000Z', { state: 'interrupted', ok: [] }),
      summary('2026-03-30T01:00:00.000Z', { state: 'interrupted', ok: [] }),
    ]
    expect(kept({}, sets)).toEqual(['2026-03-31', '2026-03-31'])
    expect(kept({}, sets.slice(1))).toEqual(['2026-03-31', '2026-03-30'])
  })

  it('is not pushed out by sets dated into the future, which stay', () => {
    const sets = [summary('2031-01-01T02:00:00.000Z'), ...nights]
    expect(kept({ keepLast: 1 }, sets)).toEqual(['2031-01-01', '2026-03-31'])
  })

  it('includes what is being written', () => {
    const rules = retained(keeping({}), [summary(now, { state: 'in-progress', ok: [] })], [], now)
    expect([...rules.values()].map((names) => [...names])).toEqual([['in-progress', 'no-later-complete-set']])
  })

  it('never drops the newest ok copy of any item', () => {
    const count = fc.integer({ min: 0, max: 3 })
    const rules = fc.record({ keepLast: count, daily: count, weekly: count, monthly: count, minimumVerified: count })
    const copy = fc.record({
      hours: fc.integer({ min: -100, max: 2000 }),
      state: fc.constantFrom('complete', 'partial', 'damaged', 'interrupted'),
      ok: fc.subarray([users, calls]),
    })
    fc.assert(
      fc.property(rules, fc.array(copy, { maxLength: 15 }), (some, copies) => {
        const sets = copies.map(({ hours, state, ok }, n) =>
          summary(addSeconds(now, -3600 * hours), { id: `nightly/${n}`, state, ok }),
        )
        const keeps = retained(keeping(some), sets, [], now)
        for (const set of newestCopies(sets, now).values()) expect(keeps.has(set.id)).toBe(true)
      }),
    )
  })
})
