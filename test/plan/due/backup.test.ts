import { describe, expect, it } from 'vitest'
import { addSeconds, type Time } from '../../../src/base/time.ts'
import type { BackupPolicy, Schedule } from '../../../src/domain/model.ts'
import { lastSlot, startOfRun } from '../../../src/domain/schedule.ts'
import type { Action, Attempt } from '../../../src/domain/action.ts'
import type { FlawedItem, SetSummary } from '../../../src/domain/backup-set.ts'
import type { Memory } from '../../../src/domain/plan.ts'
import { plan } from '../../../src/plan/plan.ts'
import { desiredState, policy, schedule } from '../../support/desired.ts'
import { memory, readyLocation, seen, summary, world } from '../../support/observed.ts'

const slot = '2026-03-10T02:00:00.000Z'
const before = '2026-03-09T02:00:00.000Z'
const after = (seconds: number): Time => addSeconds(slot, seconds)

interface Situation {
  schedule?: Partial<Schedule>
  sets?: SetSummary[]
  memory?: Partial<Memory>
  now: Time
}

function runs({ schedule: more, sets = [], memory: known, now }: Situation, nightly?: BackupPolicy): Action[] {
  const policies = [nightly ?? policy('nightly', { schedule: schedule('0 2 * * *', 'UTC', more) })]
  const { actions } = plan(desiredState({ policies }), world(sets), memory(known), now)
  return actions.filter(({ kind }) => kind === 'create-backup-set')
}

const yesterday = summary(before, { slot: before })
const all = [
  { kind: 'configuration', subject: 'contoso' },
  { kind: 'location-information', subject: 'contoso' },
  { kind: 'environment', subject: 'contoso' },
  { kind: 'user-data', subject: 'se01.contoso.com' },
] as const

const record = { kind: 'directory-record', subject: 'contoso' } as const
/** What a whole run takes. */
const whole = [...all.slice(0, 3), record, all[3]]

function attempt(more: Partial<Attempt>): Attempt {
  const endedAt = more.endedAt ?? after(60)
  return {
    action: 'a1',
    kind: 'create-backup-set',
    subject: 'nightly',
    slot,
    startedAt: endedAt,
    endedAt,
    outcome: 'failed',
    message: null,
    set: null,
    request: null,
    ...more,
  }
}

describe('a first set', () => {
  it('is due at once, for the newest slot, with all items and a reason', () => {
    const [run, ...others] = runs({ now: '2026-03-10T14:30:00.000Z' })
    expect(others).toEqual([])
    expect(run).toMatchObject({
      kind: 'create-backup-set',
      subject: 'nightly',
      policy: 'nightly',
      cause: 'scheduled',
      slot,
      whole: true,
      request: null,
      reason: 'There is no set of this policy yet.',
      items: whole,
    })
  })

  it('waits for no window and no jitter', () => {
    const limits = { windowSeconds: 600, jitterSeconds: 3600, catchUp: false }
    expect(runs({ schedule: limits, now: after(7200) })).toHaveLength(1)
    expect(runs({ schedule: limits, now: slot })).toHaveLength(1)
  })

  it('is due also when the schedule never fires', () => {
    const never = policy('nightly', { schedule: schedule('0 0 30 2 *') })
    expect(runs({ now: slot }, never)).toHaveLength(1)
    expect(runs({ now: slot, sets: [yesterday] }, never)).toEqual([])
  })
})

describe('a slot', () => {
  it('is due when it has come, and not a moment before', () => {
    expect(runs({ sets: [yesterday], now: after(-1) })).toEqual([])
    expect(runs({ sets: [yesterday], now: slot })).toMatchObject([{ slot, cause: 'scheduled' }])
  })

  it('is not run again once its set is complete, also when that was found damaged later', () => {
    for (const state of ['complete', 'damaged'] as const)
      expect(
        runs({ sets: [yesterday, summary(after(5), { slot, state })], now: after(7200) }).filter(
          ({ cause }) => cause === 'scheduled',
        ),
      ).toEqual([])
  })

  it('is covered by a complete whole set that somebody asked for after it', () => {
    expect(runs({ sets: [yesterday, summary(after(5))], now: after(60) })).toEqual([])
    expect(runs({ sets: [yesterday, summary(after(-5))], now: after(60) })).toHaveLength(1)
    expect(runs({ sets: [yesterday, summary(after(5), { whole: false })], now: after(60) })).toHaveLength(1)
  })

  it('is not covered by a set that a wrong clock dated into the future', () => {
    expect(runs({ sets: [yesterday, summary('2031-01-01T00:00:00.000Z')], now: after(60) })).toHaveLength(1)
  })

  it('waits for its delay, which is the same every time', () => {
    const delayed = policy('nightly', { schedule: schedule('0 2 * * *', 'UTC', { jitterSeconds: 900 }) })
    const start = startOfRun(delayed, slot)
    expect(start > slot && start < after(900)).toBe(true)
    expect(runs({ sets: [yesterday], now: addSeconds(start, -1) }, delayed)).toEqual([])
    expect(runs({ sets: [yesterday], now: start }, delayed)).toHaveLength(1)
  })

  it('starts only within its window', () => {
    const limited = { windowSeconds: 3600, catchUp: false }
    expect(runs({ schedule: limited, sets: [yesterday], now: after(3600) })).toHaveLength(1)
    expect(runs({ schedule: limited, sets: [yesterday], now: after(3601) })).toEqual([])
  })

  it('is made up for after its window when the policy says so, once for all that were missed', () => {
    const limited = { windowSeconds: 3600, catchUp: true }
    const lastWeek = summary('2026-03-03T02:00:00.000Z', { slot: '2026-03-03T02:00:00.000Z' })
    expect(runs({ schedule: limited, sets: [lastWeek], now: after(40_000) })).toMatchObject([
      { slot, reason: 'The slot of 2026-03-10 02:00 UTC was missed; it is made up for once.' },
    ])
    expect(runs({ schedule: limited, sets: [lastWeek, summary(after(40_000), { slot })], now: after(50_000) })).toEqual(
      [],
    )
  })

  it('has no run while one of its policy is in flight', () => {
    const [first] = runs({ now: slot })
    expect(runs({ now: after(60), memory: { inFlight: [first!] } })).toEqual([])
  })
})

describe('a run that failed', () => {
  const failed = (count: number): Attempt[] =>
    Array.from({ length: count }, (_, index) => attempt({ action: `a${index}`, endedAt: after(60 * (index + 1)) }))

  it.each([
    [1, 60],
    [2, 300],
    [3, 900],
    [4, 3600],
    [7, 3600],
  ])('after %i failures is tried again %i s after the last', (count, wait) => {
    const due = after(60 * count + wait)
    const situation = { sets: [yesterday], memory: { attempts: failed(count) } }
    expect(runs({ ...situation, now: addSeconds(due, -1) })).toEqual([])
    expect(runs({ ...situation, now: due })).toMatchObject([{ slot }])
  })

  it('has another id each time, so that the retry is not taken for the first try', () => {
    const ids = [0, 1, 2].map((count) => {
      const [run] = runs({ sets: [yesterday], memory: { attempts: failed(count) }, now: after(20_000) })
      return run!.id
    })
    expect(new Set(ids).size).toBe(3)
  })

  it('is tried again within its window, and after it only where an item has no copy at all', () => {
    const limited = { windowSeconds: 600, catchUp: false }
    const full = summary(before, { slot: before, ok: all })
    const situation = { schedule: limited, memory: { attempts: failed(1) } }
    expect(runs({ ...situation, sets: [full], now: after(600) })).toHaveLength(1)
    expect(runs({ ...situation, sets: [yesterday], now: after(20_000) })).toHaveLength(1)
    expect(runs({ ...situation, sets: [full], memory: { attempts: failed(2) }, now: after(600) })).toHaveLength(1)
    for (const count of [1, 3])
      expect(runs({ ...situation, sets: [full], memory: { attempts: failed(count) }, now: after(20_000) })).toEqual([])
  })

  it('does not hold back the next slot', () => {
    const next = after(86_400)
    const situation = {
      sets: [yesterday],
      memory: { attempts: [...failed(4), attempt({ endedAt: addSeconds(next, -5) })] },
    }
    expect(runs({ ...situation, now: next })).toMatchObject([{ slot: next }])
  })

  it('was a run for the slot: one that somebody asked for is not tried again', () => {
    const asked = attempt({ slot: null, request: 'r1', endedAt: after(7000) })
    const done = summary(after(5), { slot })
    expect(runs({ sets: [yesterday, done], memory: { attempts: [asked] }, now: after(20_000) })).toEqual([])
  })

  it('in the future, by a wrong clock, holds nothing back', () => {
    const odd = attempt({ endedAt: after(1e8) })
    expect(runs({ sets: [yesterday], memory: { attempts: [odd] }, now: after(60) })).toHaveLength(1)
  })
})

describe('a run that our own death interrupted', () => {
  const interrupted = attempt({ outcome: 'interrupted', endedAt: after(100), set: 'nightly/x' })

  it('is due at once', () => {
    expect(runs({ sets: [yesterday], memory: { attempts: [interrupted] }, now: after(100) })).toMatchObject([
      { slot, reason: 'The run for the slot of 2026-03-10 02:00 UTC was interrupted.' },
    ])
  })

  it('is due at once also when only its folder tells of it', () => {
    const folder = summary(after(1), { slot, state: 'interrupted', finishedAt: null, ok: [] })
    expect(runs({ sets: [yesterday, folder], now: after(100) })).toHaveLength(1)
  })

  it('is refused when it happened more than ten times in an hour', () => {
    const attempts = Array.from({ length: 11 }, (_, n) =>
      attempt({ ...interrupted, action: `b${n}`, endedAt: after(100 + n) }),
    )
    const { actions, refused } = plan(desiredState(), world([yesterday]), memory({ attempts }), after(200))
    expect(actions.filter(({ kind }) => kind === 'create-backup-set')).toEqual([])
    expect(refused).toMatchObject([{ guard: 'fighting' }])
  })
})

describe('a partial set', () => {
  const folder = (outcomes: FlawedItem['outcome'][], more: Partial<SetSummary> = {}): SetSummary =>
    summary(after(1), {
      slot,
      state: 'partial',
      ok: all.slice(outcomes.length),
      flawed: outcomes.map((outcome, n) => ({ ...all[n]!, outcome })),
      ...more,
    })
  const partial = attempt({ outcome: 'partial', endedAt: after(601), set: folder([]).id })

  it('with only suspect items waits for the next slot', () => {
    const situation = { sets: [yesterday, folder(['suspect'])], memory: { attempts: [partial] } }
    expect(runs({ ...situation, now: after(20_000) })).toEqual([])
    expect(runs({ ...situation, now: after(86_400) })).toHaveLength(1)
  })

  it('with a failed item is tried again after a while: that item alone, in a new environment', () => {
    const situation = { sets: [yesterday, folder(['suspect', 'failed'])], memory: { attempts: [partial] } }
    expect(runs({ ...situation, now: after(610) })).toEqual([])
    expect(runs({ ...situation, now: after(661) })).toMatchObject([
      { slot, whole: false, items: [all[1], all[2]], reason: expect.stringContaining('what failed is taken again') },
    ])
  })

  it('is not tried again for the record of the directory', () => {
    const set = folder([], { state: 'complete', ok: all, flawed: [{ ...record, outcome: 'failed' }] })
    expect(runs({ sets: [yesterday, set], memory: { attempts: [partial] }, now: after(20_000) })).toEqual([])
  })

  it('is no longer tried again once all that failed was brought, by a part or by somebody', () => {
    const brought = summary(after(700), { slot, whole: false, ok: [all[0], all[2]] })
    const asked = summary(after(700), {
      state: 'partial',
      ok: all.slice(0, 3),
      flawed: [{ ...all[3], outcome: 'failed' }],
    })
    const odd = folder([], {
      id: 'nightly/odd',
      startedAt: after(700),
      whole: false,
      flawed: [{ ...all[0], outcome: 'suspect' }],
    })
    const before = summary(after(-700), { whole: false, ok: all })
    const memory = { attempts: [partial] }
    const now = after(20_000)
    for (const one of [brought, odd]) expect(runs({ sets: [folder(['failed']), one], memory, now })).toEqual([])
    for (const one of [asked, before])
      expect(runs({ sets: [folder(['failed']), one], memory, now })).toMatchObject([{ whole: false }])
    expect(runs({ sets: [folder(['failed']), { ...brought, unvouched: true }], memory, now })).toHaveLength(1)
  })

  it('of which nothing is required any more is left alone', () => {
    const gone = folder([], { flawed: [{ kind: 'user-data', subject: 'gone.contoso.com', outcome: 'failed' }] })
    expect(runs({ sets: [gone], memory: { attempts: [partial] }, now: after(20_000) })).toEqual([])
  })

  it('waits with its retry for the window, and then for the next slot, which takes everything', () => {
    const limited = { windowSeconds: 600, catchUp: true }
    const full = summary(before, { slot: before, ok: all })
    const situation = { schedule: limited, sets: [full, folder(['failed'])], memory: { attempts: [partial] } }
    expect(runs({ ...situation, now: after(661) })).toEqual([])
    expect(runs({ ...situation, now: after(86_400) })).toMatchObject([{ whole: true, items: whole }])
  })

  it('is judged by its folder when nobody remembers it', () => {
    expect(runs({ sets: [yesterday, folder(['suspect'])], now: after(20_000) })).toEqual([])
    expect(runs({ sets: [yesterday, folder(['failed'])], now: after(610) })).toEqual([])
    expect(runs({ sets: [yesterday, folder(['failed'])], now: after(20_000) })).toHaveLength(1)
  })
})

describe('a request', () => {
  const request = { id: 'r1', at: after(100), actor: 'alex', wish: { backup: 'nightly' } }
  const done = summary(after(5), { slot })

  it('makes a run, whatever schedule and window say', () => {
    expect(runs({ sets: [done], memory: { requests: [request] }, now: after(101) })).toMatchObject([
      { cause: 'manual', slot: null, whole: true, request: { id: 'r1', actor: 'alex' }, reason: 'alex asked for it.' },
    ])
  })

  it('goes before a slot that is due, and waits for a run in flight without being refused', () => {
    expect(runs({ sets: [yesterday], memory: { requests: [request] }, now: after(101) })).toMatchObject([
      { cause: 'manual' },
    ])
    const [running] = runs({ now: slot })
    const known = memory({ inFlight: [running!], requests: [request] })
    const { actions, refused } = plan(desiredState(), world([yesterday]), known, after(101))
    expect(actions.filter(({ kind }) => kind === 'create-backup-set')).toEqual([])
    expect(refused).toEqual([])
  })

  it('is served oldest first, one at a time', () => {
    const later = { ...request, id: 'r0', at: after(200) }
    expect(runs({ sets: [done], memory: { requests: [later, request] }, now: after(300) })).toMatchObject([
      { request: { id: 'r1' } },
    ])
  })

  it('for a policy that does not exist is refused', () => {
    const requests = [{ ...request, wish: { backup: 'hourly' } }]
    const { refused } = plan(desiredState(), world([done]), memory({ requests }), after(101))
    expect(refused).toMatchObject([{ guard: 'unknown-policy', requests: ['r1'] }])
  })
})

it('takes the slot from the zone of the policy', () => {
  const nightly = policy('nightly', { schedule: schedule('30 2 * * *', 'Europe/Berlin') })
  expect(lastSlot(nightly, '2026-07-10T12:00:00.000Z')).toBe('2026-07-10T00:30:00.000Z')
  expect(lastSlot(nightly, '2026-01-10T12:00:00.000Z')).toBe('2026-01-10T01:30:00.000Z')
})

describe('a slot whose set was found damaged', () => {
  const lost: FlawedItem[] = [{ kind: 'user-data', subject: 'se01.contoso.com', outcome: 'damaged' }]
  const damaged = summary(after(5), { slot, state: 'damaged', ok: all.slice(0, 3), flawed: lost })
  const good = summary(before, { slot: before, ok: all })

  it('leads to a run at once when an item has no ok copy left, for no slot, and to one only', () => {
    const [run, ...others] = runs({ sets: [damaged], now: after(7200) })
    expect(others).toEqual([])
    expect(run).toMatchObject({
      cause: 'corrective',
      slot: null,
      whole: true,
      reason: expect.stringContaining('user-data of se01.contoso.com'),
    })
    expect(runs({ sets: [damaged, summary(after(7300), { ok: all })], now: after(8000) })).toEqual([])
  })

  it('leads to one also where every item has an older copy, or is not damaged at all: $Backup would name an older set', () => {
    const tagFile = summary(after(5), { slot, state: 'damaged', ok: all })
    for (const sets of [[good, damaged], [good, tagFile], [tagFile]])
      expect(runs({ sets, now: after(7200) })).toMatchObject([{ cause: 'corrective', slot: null }])
  })

  it('leads to none when the slot has a complete set as well', () => {
    expect(runs({ sets: [damaged, summary(after(60), { ok: all.slice(0, 3) })], now: after(7200) })).toEqual([])
  })

  it('is tried again after a while when that run fails, and not when what came is suspect', () => {
    const failed = attempt({ slot: null, endedAt: after(7200) })
    expect(runs({ sets: [damaged], memory: { attempts: [failed] }, now: after(7259) })).toEqual([])
    expect(runs({ sets: [damaged], memory: { attempts: [failed] }, now: after(7260) })).toHaveLength(1)
    const odd = summary(after(7000), { state: 'partial', ok: [], flawed: [{ ...lost[0]!, outcome: 'suspect' }] })
    const suspect = attempt({ slot: null, endedAt: after(7200), outcome: 'partial', set: odd.id })
    expect(runs({ sets: [odd, damaged], memory: { attempts: [suspect] }, now: after(80_000) })).toEqual([])
  })
})

describe('a first run', () => {
  const [now, name] = [after(60), 'main']
  const on = (identity: { id: string; deployment: string; owner: string } | null): string | undefined => {
    const known = world([], { location: new Map([[name, seen(name, readyLocation({ identity }))]]) })
    return plan(desiredState(), known, memory(), now).actions.find(({ kind }) => kind === 'create-backup-set')?.id
  }

  it('is another one on another share: what was done on the former does not stand in its way', () => {
    const ids = [null, 'location-1', 'location-2'].map((id) =>
      on(id === null ? null : { id, deployment: 'contoso', owner: 'owner-1' }),
    )
    expect(new Set(ids).size).toBe(3)
  })
})

it('a failure that a wrong clock dated into the future does not hide those of now', () => {
  const attempts = [attempt({ endedAt: after(60) }), attempt({ action: 'a2', endedAt: after(1e8) })]
  expect(runs({ sets: [yesterday], memory: { attempts }, now: after(100) })).toEqual([])
  expect(runs({ sets: [yesterday], memory: { attempts }, now: after(120) })).toHaveLength(1)
})
