import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addSeconds } from '../../../src/base/time.ts'
import type { Row } from '../../../src/domain/procedures/row.ts'
import type { Step, StepRun } from '../../../src/domain/runbook.ts'
import type { Sighting } from '../../../src/plan/recovery/evidence/sighting.ts'
import { stepsOf, type Said } from '../../../src/plan/recovery/steps.ts'

// The state of each step (design, section 7): from what is seen and said, and from how it stood.
const lost = '2026-03-10T12:00:00.000Z'
const at = (minutes: number): string => addSeconds(lost, minutes * 60)

function row(id: string, needs: string[] = [], more: Partial<Row> = {}): Row {
  return {
    ...{ id, subject: 's', title: id, why: '', actor: 'operator', proves: '', source: 'derived', minutes: 1 },
    ...{ needs: needs.map((need) => ({ id: need, subject: 's' })), restores: [], in: [], ...more },
  }
}

const fork = (id: string, needs: string[], ...ways: string[]): Row =>
  row(id, needs, { branches: ways.map((name) => ({ name, when: name })) })
const onlyOn = (way: string): Partial<Row> => ({ in: [{ fork: { id: 'fork', subject: 's' }, branch: way }] })

const word = (step: string, minute: number, more = {}) => ({
  ...{ step, subject: null, by: 'Jane', at: at(minute), note: null, ...more },
})

interface Pass {
  minute: number
  seen?: Record<string, Sighting['seen'] | `yes/${string}`>
  /** Of that what is lost with what it holds. */
  things?: Record<string, Sighting['seen']>
  said?: Partial<Said>
}

/** Passes one after the other; what is seen was looked at in that minute. */
function after(rows: readonly Row[], ...passes: Pass[]): Step[] {
  return passes.reduce<Step[]>((before, { minute, seen = {}, things = {}, said = {} }) => {
    const look = ({ id }: Row): Sighting | null => {
      const [kind, branch] = (seen[id] ?? '').split('/')
      if (kind === '') return null
      const fact = { seen: kind as Sighting['seen'], fact: `${id} ${kind ?? ''}.`, at: at(minute) }
      return { ...fact, ...(branch && { branch }), ...(things[id] && { thing: things[id] }) }
    }
    return stepsOf(rows, {
      ...{ since: lost, lostAgainAt: null, now: at(minute), before, look, runOf: () => null, runs: false },
      said: { acknowledge: [], choose: [], committedBy: null, ...said },
    })
  }, [])
}

const states = (steps: readonly Step[]): Record<string, string> =>
  Object.fromEntries(steps.map(({ id, state }) => [id, state]))

describe('a step', () => {
  const chain = [row('one'), row('two', ['one']), row('three', ['two'])]

  it('is ready when all that it needs is done, and waits until then, even if it is seen already', () => {
    expect(states(after(chain, { minute: 1, seen: { one: 'no', two: 'yes' } }))).toEqual({
      ...{ one: 'ready', two: 'waiting', three: 'waiting' },
    })
    expect(states(after(chain, { minute: 1, seen: { one: 'yes', two: 'yes' } }))).toEqual({
      ...{ one: 'done', two: 'done', three: 'ready' },
    })
  })

  it('that nothing can see is done by a word from after the loss, and not by one from before it or from ahead', () => {
    const saying = (minute: number) =>
      states(after([row('one')], { minute: 5, said: { acknowledge: [word('one', minute)] } }))
    expect([-1, 0, 5, 6].map((minute) => saying(minute)['one'])).toEqual(['ready', 'done', 'done', 'ready'])
  })

  it('stays done by its word when the clock goes back, also to before the loss', () => {
    const said = { acknowledge: [word('one', 1)] }
    const steps = (minute: number) => states(after([row('one')], { minute: 5, said }, { minute, said }))
    expect([0, -60].map((minute) => steps(minute)['one'])).toEqual(['done', 'done'])
    const another = { acknowledge: [word('one', 2)] }
    expect(states(after([row('one')], { minute: 5, said }, { minute: 0, said: another }))).toEqual({ one: 'ready' })
  })

  it('goes back when its word is taken out, where nothing was ever seen of it', () => {
    const said = { acknowledge: [word('one', 1)] }
    const unseen = { one: 'unknown' } as const
    const passes: Pass[] = [{ minute: 5, seen: unseen, said }]
    expect(states(after([row('one')], ...passes))).toEqual({ one: 'done' })
    expect(states(after([row('one')], ...passes, { minute: 6, seen: unseen }))).toEqual({ one: 'ready' })
  })

  it('that was seen once rests on that, and not on the word', () => {
    const said = { acknowledge: [word('one', 1)] }
    const [step] = after(
      [row('one')],
      ...[
        { minute: 5, seen: { one: 'yes' } as const, said },
        { minute: 6, seen: { one: 'unknown' } as const, said },
      ],
    )
    expect(step).toMatchObject({ state: 'done', proof: { how: 'seen' }, lastSeenAt: at(6) })
  })

  it('is not done by a word about another subject', () => {
    const said = { acknowledge: [word('one', 1, { subject: 't' })] }
    expect(states(after([row('one')], { minute: 5, said }))).toEqual({ one: 'ready' })
  })

  it('is blocked where a word stands against what is seen', () => {
    const [step] = after([row('one')], { minute: 5, seen: { one: 'no' }, said: { acknowledge: [word('one', 4)] } })
    expect(step).toMatchObject({ state: 'blocked', isAcknowledgeable: false })
    expect(step?.evidence).toBe('Jane says that it was done, as of 2026-03-10T12:04:00.000Z. But one no.')
  })

  it('that is over when the next ones are done is done by a word, also where it is seen not to be so any more', () => {
    const rows = [row('stop-services'), row('import', ['stop-services'])]
    const said = { acknowledge: [word('stop-services', 4)] }
    const seen = { 'stop-services': 'no' } as const
    const [silent] = after(rows, { minute: 5, seen })
    expect(silent).toMatchObject({ state: 'ready', isAcknowledgeable: true, evidence: 'stop-services no.' })
    expect(states(after(rows, { minute: 5, seen, said }))).toEqual({ 'stop-services': 'done', import: 'ready' })
  })

  it('that somebody else committed says so', () => {
    const evidence = (committedBy: string) =>
      after([row('one')], { minute: 5, said: { acknowledge: [word('one', 4)], committedBy } })[0]?.evidence
    const said = 'Jane says that it was done, as of 2026-03-10T12:04:00.000Z.'
    expect(evidence('jane')).toBe(said)
    expect(evidence('Ada Smith')).toBe(`${said} The file was last changed by Ada Smith.`)
  })

  it('goes back when it is undone, with all that needs it', () => {
    const done = { one: 'yes', two: 'yes', three: 'yes' } as const
    expect(states(after(chain, { minute: 1, seen: done }, { minute: 2, seen: { ...done, one: 'no' } }))).toEqual({
      ...{ one: 'ready', two: 'waiting', three: 'waiting' },
    })
  })

  it('whose evidence cannot be seen stays as it was last seen, with the time', () => {
    const [step] = after(
      [row('one')],
      { minute: 1, seen: { one: 'yes' } },
      { minute: 2, seen: { one: 'unknown' } },
      { minute: 3, seen: { one: 'unknown' } },
    )
    expect(step).toMatchObject({ state: 'done', evidence: 'one yes.', since: at(1), lastSeenAt: at(2) })
    expect(states(after([row('one')], { minute: 2, seen: { one: 'unknown' } }))).toEqual({ one: 'ready' })
  })

  it('is not proved by what was looked at before Holdfast ran what it needs', () => {
    const rows = [row('stop-services'), row('start-services', ['stop-services'])]
    const lookedAt = (minute: number) =>
      stepsOf(rows, {
        ...{
          since: lost,
          lostAgainAt: null,
          now: at(6),
          before: [],
          runs: true,
          said: { acknowledge: [], choose: [], committedBy: null },
        },
        look: ({ id }) => (id === 'start-services' ? { seen: 'yes', fact: 'All run.', at: at(minute) } : null),
        runOf: ({ id }) => ({
          ...{ action: id, operation: { kind: 'stop-services', servers: [] }, set: null, isRunning: false },
          ...(id === 'stop-services' ? { done: { at: at(4), message: null } } : {}),
        }),
      })
    expect(states(lookedAt(3))).toEqual({ 'stop-services': 'done', 'start-services': 'ready' })
    expect(states(lookedAt(5))).toEqual({ 'stop-services': 'done', 'start-services': 'done' })
  })

  it('that starts services is not proved by services that run, until Holdfast has counted what came back', () => {
    const started = (more: Partial<StepRun>, runs = true) => {
      const [step] = stepsOf([row('start-services')], {
        ...{ since: lost, lostAgainAt: null, now: at(6), before: [], runs },
        said: { acknowledge: [], choose: [], committedBy: null },
        look: () => ({ seen: 'yes', fact: 'All run.', at: at(5) }),
        runOf: () => ({
          ...{ action: 'a', set: '20260310T020000Z-abcd', isRunning: false },
          operation: { kind: 'start-services', pool: 's', servers: [], how: 'pool' },
          ...more,
        }),
      })
      return step
    }
    const failed = { at: at(4), outcome: 'failed' as const, message: null, code: 'services-not-settled' }
    for (const more of [{}, { tried: failed }])
      expect(started(more)).toMatchObject({
        state: 'ready',
        evidence: 'All run. But what came back was not counted against the set.',
      })
    expect(started({ done: { at: at(4), message: null } })).toMatchObject({ state: 'done' })
    // Nothing of it is in the set; nobody asked Holdfast to run it.
    expect(started({ set: null })).toMatchObject({ state: 'done' })
    expect(started({ tried: failed }, false)).toMatchObject({ state: 'done' })
  })

  it('is not proved by a look where Holdfast itself did not find it as it should be; another failure, or refusal, is no such word', () => {
    const tried = (code: string, outcome: 'failed' | 'refused' = 'failed', runs = true) => {
      const [step] = stepsOf([row('restore-databases')], {
        ...{ since: lost, lostAgainAt: null, now: at(6), before: [], runs },
        said: { acknowledge: [], choose: [], committedBy: null },
        look: () => ({ seen: 'yes', fact: 'LcsCDR is restored.', at: at(5) }),
        runOf: () => ({
          ...{ action: 'a', set: '20260310T020000Z-abcd', isRunning: false },
          operation: { kind: 'restore-item', item: { kind: 'sql-database', subject: 's' } },
          tried: { at: at(4), outcome, message: 'It says so.', code },
        }),
      })
      return step
    }
    expect(tried('sql-single-user')).toMatchObject({
      state: 'ready',
      evidence: 'LcsCDR is restored. But Holdfast could not prove it: It says so.',
    })
    // A pool that is Active says nothing of what came back to it.
    expect(tried('failback-came-short')).toMatchObject({ state: 'ready' })
    expect(tried('pair-not-settled')).toMatchObject({ state: 'ready' })
    expect(tried('sql-single-user', 'failed', false)).toMatchObject({ state: 'done' })
    expect(tried('sql-unreachable')).toMatchObject({ state: 'done' })
    expect(tried('rows-since-rebuild', 'refused')).toMatchObject({ state: 'done' })
  })

  it('is not proved by what was looked at before the loss', () => {
    expect(states(after([row('one')], { minute: -5, seen: { one: 'yes' } }))).toEqual({ one: 'ready' })
  })
})

describe('when a machine is lost once more', () => {
  const rows = [row('rebuild-machine'), row('take-image', ['rebuild-machine']), row('other')]
  const said = { acknowledge: [word('take-image', 2), word('other', 2)] }

  it('what was said of the steps that stand on it is void, until it is said again', () => {
    const passes: Pass[] = [
      { minute: 3, seen: { 'rebuild-machine': 'yes' }, said },
      { minute: 4, seen: { 'rebuild-machine': 'no' }, said },
      { minute: 5, seen: { 'rebuild-machine': 'yes' }, said },
    ]
    expect(states(after(rows, passes[0]!))).toEqual({ 'rebuild-machine': 'done', 'take-image': 'done', other: 'done' })
    expect(states(after(rows, ...passes))).toEqual({ 'rebuild-machine': 'done', 'take-image': 'ready', other: 'done' })
    const again: Pass = {
      minute: 7,
      seen: { 'rebuild-machine': 'yes' },
      said: { acknowledge: [word('take-image', 6)] },
    }
    expect(states(after(rows, ...passes, again))).toMatchObject({ 'take-image': 'done' })
  })

  it('a look that tells nothing for a while makes nothing void', () => {
    const steps = after(
      rows,
      { minute: 3, seen: { 'rebuild-machine': 'yes' }, said },
      { minute: 4, seen: { 'rebuild-machine': 'unknown' }, said },
      { minute: 5, seen: { 'rebuild-machine': 'yes' }, said },
    )
    expect(states(steps)).toEqual({ 'rebuild-machine': 'done', 'take-image': 'done', other: 'done' })
  })
})

describe('what was said of the steps that stand on databases is void once these were there and are gone', () => {
  const rows = [row('first'), row('install-components', ['first']), row('update-databases', ['install-components'])]
  const said = { acknowledge: [word('update-databases', 2)] }
  const updated = (...passes: Pass[]) => after(rows, ...passes).at(-1)?.state
  const setUp = (
    minute: number,
    kind: Sighting['seen'],
    things: Sighting['seen'],
    first: 'yes' | 'no' = 'yes',
  ): Pass => ({
    ...{ minute, said, seen: { first, 'install-components': kind }, things: { 'install-components': things } },
  })
  const whole = setUp(9, 'yes', 'yes')

  it('also where the step that makes them was never done, for something else of it is missing', () => {
    expect(updated(setUp(3, 'no', 'no'), whole)).toBe('done')
    expect(updated(setUp(3, 'no', 'yes'), whole)).toBe('done')
    expect(updated(setUp(3, 'no', 'yes'), setUp(4, 'no', 'no'), whole)).toBe('ready')
    expect(updated(setUp(3, 'no', 'yes'), setUp(4, 'unknown', 'unknown'), setUp(5, 'no', 'no'), whole)).toBe('ready')
  })

  it('also where it was not its turn', () => {
    expect(updated(setUp(3, 'yes', 'yes', 'no'), setUp(4, 'no', 'no', 'no'), whole)).toBe('ready')
  })

  it('also where it stays done, for what it made beside them is still seen', () => {
    expect(updated(setUp(3, 'yes', 'yes'), setUp(4, 'yes', 'no'), whole)).toBe('ready')
  })

  it('and is not where only what it made beside them is gone', () => {
    expect(updated(setUp(3, 'no', 'yes'), setUp(4, 'no', 'yes'), whole)).toBe('done')
  })
})

describe('a fork', () => {
  const rows = [
    row('first'),
    fork('fork', ['first'], 'live', 'set'),
    row('by-live', ['fork'], onlyOn('live')),
    row('by-set', ['fork'], onlyOn('set')),
    row('last', ['by-live', 'by-set']),
  ]
  const first = { first: 'yes' } as const

  it('leaves all ways open until one is seen or chosen', () => {
    expect(states(after(rows, { minute: 1, seen: first }))).toEqual({
      ...{ first: 'done', fork: 'ready', 'by-live': 'waiting', 'by-set': 'waiting', last: 'waiting' },
    })
  })

  it('ends the other ways, by what is seen or by choice; what needed them goes on without them', () => {
    const seen = after(rows, { minute: 1, seen: { ...first, fork: 'yes/live', 'by-live': 'yes' } })
    expect(states(seen)).toEqual({
      ...{ first: 'done', fork: 'done', 'by-live': 'done', 'by-set': 'ended', last: 'ready' },
    })
    expect(seen[3]).toMatchObject({ endedBy: { id: 'fork', subject: 's' }, isAcknowledgeable: false })
    const choose = [word('fork', 1, { branch: 'set' }) as Said['choose'][number]]
    expect(states(after(rows, { minute: 1, seen: first, said: { choose } }))).toEqual({
      ...{ first: 'done', fork: 'done', 'by-live': 'ended', 'by-set': 'ready', last: 'waiting' },
    })
  })

  it('of which no way is known is open, whatever is seen of it', () => {
    expect(states(after(rows, { minute: 1, seen: { ...first, fork: 'yes' } }))).toMatchObject({
      ...{ fork: 'ready', 'by-live': 'waiting', 'by-set': 'waiting' },
    })
  })

  it('is blocked where the choice is not the way that is seen', () => {
    const choose = [word('fork', 1, { branch: 'set' }) as Said['choose'][number]]
    expect(states(after(rows, { minute: 1, seen: { ...first, fork: 'yes/live' }, said: { choose } }))).toEqual({
      ...{ first: 'done', fork: 'blocked', 'by-live': 'waiting', 'by-set': 'waiting', last: 'waiting' },
    })
  })
})

describe('the way of a fork that was seen', () => {
  const rows = [row('first'), fork('fork', ['first'], 'live', 'set')]
  const choose = [word('fork', 1, { branch: 'set' }) as Said['choose'][number]]
  const forkAfter = (...passes: Pass[]) => after(rows, ...passes)[1]
  const went: Pass = { minute: 1, seen: { first: 'yes', fork: 'yes/live' } }

  it('is remembered while a word speaks against it, and while a step before it is undone', () => {
    expect(forkAfter({ ...went, said: { choose } })).toMatchObject({ state: 'blocked', seenBranch: 'live' })
    const later: Pass[] = [
      { minute: 2, seen: { first: 'no' } },
      { minute: 3, seen: { first: 'yes', fork: 'unknown' } },
    ]
    expect(forkAfter(went, ...later)).toMatchObject({ seenBranch: 'live' })
    expect(forkAfter(went)?.seenBranch).toBeUndefined()
  })

  it('is not one that somebody only said', () => {
    const said: Pass = { minute: 1, seen: { first: 'yes' }, said: { choose } }
    expect(forkAfter(said)).toMatchObject({ state: 'done', branch: 'set' })
    expect(forkAfter(said, { minute: 2, seen: { first: 'no' } })?.seenBranch).toBeUndefined()
  })
})

describe('whatever is seen and said, pass after pass', () => {
  const names = ['a', 'b', 'rebuild-machine', 'd', 'e', 'f', 'g']
  const anyRows = fc
    .tuple(...names.map((_, index) => fc.subarray(names.slice(0, index))))
    .map((needs) => [
      fork('fork', [], 'x', 'y'),
      ...names.map((id, index) =>
        row(id, needs[index], index % 3 === 1 ? { ...onlyOn('x'), needs: [{ id: 'fork', subject: 's' }] } : {}),
      ),
    ])
  const anyPass = fc.record({
    seen: fc.dictionary(fc.constantFrom(...names), fc.constantFrom('yes' as const, 'no' as const, 'unknown' as const)),
    fork: fc.constantFrom('yes/x' as const, 'yes/y' as const, null),
    words: fc.array(fc.tuple(fc.constantFrom(...names), fc.integer({ min: -2, max: 8 }))),
  })

  it('no step is done that needs an undone one, or is seen not to be so; no ended one is done', () => {
    fc.assert(
      fc.property(anyRows, fc.array(anyPass, { minLength: 1, maxLength: 8 }), (rows, passes) => {
        const all = passes.map(({ seen, fork: way, words }, minute): Pass => ({
          minute: minute + 1,
          seen: { ...seen, ...(way && { fork: way }) },
          said: { acknowledge: words.map(([step, when]) => word(step, when)) },
        }))
        const steps = after(rows, ...all)
        const of = (id: string): Step => steps.find((step) => step.id === id)!
        const isThrough = (id: string): boolean =>
          of(id).state === 'done' ||
          (of(id).state === 'ended' && rows.find((one) => one.id === id)!.needs.every((need) => isThrough(need.id)))
        const last = all.at(-1)!
        for (const one of rows) {
          const { state } = of(one.id)
          if (state === 'done' || state === 'ready' || state === 'blocked')
            expect(one.needs.every(({ id }) => isThrough(id))).toBe(true)
          if (last.seen?.[one.id] === 'no') expect(state).not.toBe('done')
          if (one.in.length > 0 && of('fork').branch === 'y') expect(state).toBe('ended')
        }
      }),
      { numRuns: 2000 },
    )
  })
})
