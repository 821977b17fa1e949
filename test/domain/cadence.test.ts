import { expect, test } from 'vitest'
import { cadences, paceOf, validSpan, writtenSeconds, type ProbedFact } from '../../src/domain/cadence.ts'

test.each(Object.entries(cadences))('%s outlives several looks that are late or fail to come', (_, cadence) => {
  expect(cadence.validSeconds).toBeGreaterThanOrEqual(4 * cadence.everySeconds)
})

// Who reads the store sees the time of a look as much later as it is written down.
test.each(Object.entries(cadences))('%s is still valid for whoever reads it from the store', (_, cadence) => {
  expect(cadence.validSeconds).toBeGreaterThan(writtenSeconds + 2 * cadence.everySeconds)
})

// A difference of the surroundings that somebody puts right, a certificate, a patch: the runbook waits for the look.
test.each(Object.keys(cadences) as ProbedFact[])(
  '%s is looked at within five minutes while a recovery is open',
  (fact) => {
    expect(paceOf(fact, true)).toBeLessThanOrEqual(5 * 60)
    expect(paceOf(fact, true)).toBeLessThanOrEqual(paceOf(fact, false))
    expect(paceOf(fact, false)).toBe(cadences[fact].everySeconds)
  },
)

test('a location may be used for a quarter of an hour after the look, and a minute ahead of it', () => {
  expect(validSpan('location', '2026-03-10T12:00:00.000Z')).toEqual({
    from: '2026-03-10T11:45:00.000Z',
    to: '2026-03-10T12:01:00.000Z',
  })
})
