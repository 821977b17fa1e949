import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addSeconds, timeOf } from '../../src/base/time.ts'
import { isWithinWindow, lastSlot, longestGap, nextSlot, startOfRun } from '../../src/domain/schedule.ts'
import { policy, schedule } from '../support/desired.ts'

const at = (cron: string, zone = 'UTC') => policy('nightly', { schedule: schedule(cron, zone) })

/** All slots after `from`, up to and with `until`. */
function slots(one: ReturnType<typeof at>, from: string, until: string): string[] {
  const found: string[] = []
  for (let slot = nextSlot(one, from); slot !== null && slot <= until; slot = nextSlot(one, slot)) found.push(slot)
  return found
}

describe('slots', () => {
  it.each([
    ['just before', '2026-03-10T01:59:59.999Z', '2026-03-09T02:00:00.000Z'],
    ['exactly then', '2026-03-10T02:00:00.000Z', '2026-03-10T02:00:00.000Z'],
    ['half a second later', '2026-03-10T02:00:00.500Z', '2026-03-10T02:00:00.000Z'],
    ['late in the day', '2026-03-10T23:59:59.000Z', '2026-03-10T02:00:00.000Z'],
  ])('the last one, asked %s', (_name, now, slot) => {
    expect(lastSlot(at('0 2 * * *'), now)).toBe(slot)
  })

  it('the next one is later than the time asked for', () => {
    expect(nextSlot(at('0 2 * * *'), '2026-03-10T02:00:00.000Z')).toBe('2026-03-11T02:00:00.000Z')
  })

  it('of a schedule that never fires are none', () => {
    const never = at('0 0 30 2 *')
    expect(lastSlot(never, '2026-03-10T02:00:00.000Z')).toBeNull()
    expect(nextSlot(never, '2026-03-10T02:00:00.000Z')).toBeNull()
    expect(longestGap(never)).toBeNull()
  })
})

describe('daylight saving', () => {
  // Berlin: on 2026-03-29 02:00-03:00 does not exist, on 2026-10-25 02:00-03:00 exists twice.
  it('runs a time in the gap once, at its end', () => {
    expect(slots(at('30 2 * * *', 'Europe/Berlin'), '2026-03-28T12:00:00.000Z', '2026-03-30T12:00:00.000Z')).toEqual([
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ])
  })

  it('runs a repeated time once, the first time', () => {
    expect(slots(at('30 2 * * *', 'Europe/Berlin'), '2026-10-24T12:00:00.000Z', '2026-10-26T12:00:00.000Z')).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ])
  })

  it('runs several times in the gap as one', () => {
    expect(slots(at('*/20 2 * * *', 'Europe/Berlin'), '2026-03-29T00:00:00.000Z', '2026-03-29T12:00:00.000Z')).toEqual([
      '2026-03-29T01:00:00.000Z',
    ])
  })

  it('also where the gap is at midnight and the schedule has steps', () => {
    // Santiago: on 2026-09-06 00:00-01:00 does not exist.
    expect(
      slots(at('0 */4 * * *', 'America/Santiago'), '2026-09-06T00:30:00.000Z', '2026-09-06T12:00:00.000Z'),
    ).toEqual(['2026-09-06T04:00:00.000Z', '2026-09-06T07:00:00.000Z', '2026-09-06T11:00:00.000Z'])
  })

  it('"every hour" counts real hours', () => {
    expect(slots(at('0 * * * *', 'Europe/Berlin'), '2026-10-24T23:30:00.000Z', '2026-10-25T03:00:00.000Z')).toEqual([
      '2026-10-25T00:00:00.000Z',
      '2026-10-25T01:00:00.000Z',
      '2026-10-25T02:00:00.000Z',
      '2026-10-25T03:00:00.000Z',
    ])
  })

  it.each([
    'Europe/Berlin',
    'America/New_York',
    'America/Santiago',
    'Australia/Lord_Howe',
    'Africa/Cairo',
    'Asia/Kolkata',
  ])('gives each local day of a year in %s its one slot', (zone) => {
    const day = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' })
    for (const cron of ['0 2 * * *', '30 2 * * *', '15 0 * * *']) {
      const year = slots(at(cron, zone), '2026-01-01T12:00:00.000Z', '2027-01-01T12:00:00.000Z')
      expect(year).toHaveLength(365)
      expect(new Set(year.map((slot) => day.format(new Date(slot)))).size).toBe(365)
    }
  })
})

describe('last and next', () => {
  const crons = ['0 2 * * *', '*/15 * * * *', '30 3,15 * * 1-5', '0 */4 * * *', '5 1 1 * *']
  const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe']

  it('agree: no slot is jumped over and none comes twice', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...crons),
        fc.constantFrom(...zones),
        fc.integer({ min: 1_750_000_000, max: 1_830_000_000 }),
        (cron, zone, seconds) => {
          const one = at(cron, zone)
          const now = timeOf(seconds * 1000)
          const last = lastSlot(one, now)!
          const next = nextSlot(one, now)!
          expect(last <= now && now < next).toBe(true)
          expect(nextSlot(one, last)).toBe(next)
          expect(lastSlot(one, next)).toBe(next)
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('delay and window', () => {
  const slot = '2026-03-10T02:00:00.000Z'

  it('the delay is stable, below its bound, and other for other policies and slots', () => {
    const jitter = (name: string) => policy(name, { schedule: schedule('0 2 * * *', 'UTC', { jitterSeconds: 3600 }) })
    const starts = ['a', 'b', 'c', 'd'].map((name) => startOfRun(jitter(name), slot))
    expect(starts).toEqual(['a', 'b', 'c', 'd'].map((name) => startOfRun(jitter(name), slot)))
    expect(starts.every((start) => start >= slot && start < addSeconds(slot, 3600))).toBe(true)
    expect(new Set(starts).size).toBe(4)
    expect(startOfRun(jitter('a'), '2026-03-11T02:00:00.000Z')).not.toBe(addSeconds(starts[0]!, 86_400))
  })

  it('without window and catch-up a run must start promptly', () => {
    const prompt = policy('nightly', { schedule: schedule('0 2 * * *', 'UTC', { catchUp: false }) })
    expect(isWithinWindow(prompt, slot, addSeconds(slot, 900))).toBe(true)
    expect(isWithinWindow(prompt, slot, addSeconds(slot, 901))).toBe(false)
  })
})

it.each([
  ['0 2 * * *', 86_400],
  ['0 */4 * * *', 14_400],
  ['0 2 * * 1-5', 3 * 86_400],
  ['*/15 8-17 * * 1-5', 62.25 * 3600],
])('the longest gap of %s is %i s', (cron, seconds) => {
  expect(longestGap(at(cron))).toBe(seconds)
})
