import { beforeAll, describe, expect, it } from 'vitest'
import type { Skew } from '../../../src/domain/clock-skew.ts'
import type { Desired } from '../../../src/domain/model.ts'
import type { Row } from '../../../src/domain/procedures/row.ts'
import type { Step } from '../../../src/domain/runbook.ts'
import { stepRun } from '../../../src/plan/recovery/step-runs.ts'
import { contoso } from '../../support/contoso.ts'

// A database is lost once more after user data were imported: whether the import goes back (design, section 7).
const pool = 'se01.contoso.com'
const [since, importedAt, lostAgainAt] = [
  '2026-03-10T12:00:00.000Z',
  '2026-03-10T13:00:00.000Z',
  '2026-03-10T14:00:00.000Z',
]
const operation = { kind: 'restore-item', item: { kind: 'user-data', subject: pool } } as const

let desired: Desired
beforeAll(async () => {
  desired = await contoso()
})

type Seen = { createdAt: string | null; clock?: Skew } | 'missing' | 'hidden'

const done = { at: importedAt, message: null }
const imported = { action: 'before', operation, set: null, isRunning: false, refused: [], done }

function isDone(seen: Seen, former: Partial<Step> = {}): boolean {
  return runAfter(seen, former)?.done !== undefined
}

function runAfter(seen: Seen, former: Partial<Step> = {}) {
  const row = { id: 'import-user-data', subject: pool, operation } as unknown as Row
  const before = { run: imported, ...former } as unknown as Step
  const databases = typeof seen === 'string' ? [] : [{ name: 'rtcxds', createdAt: seen.createdAt }]
  const clock = typeof seen === 'string' ? undefined : seen.clock
  const sight = seen === 'hidden' ? { state: 'silent' } : { state: 'seen', value: { databases, clock } }
  const classes = { scene: { sights: { of: () => sight } } } as never
  const memory = { ranSteps: [], attempts: [], inFlight: [] } as never
  return stepRun(row, { since, lostAgainAt, copies: new Map() }, before, { memory, desired, classes })
}

describe('what was brought back before another loss', () => {
  it('is there as long as its database is the one that was filled', () => {
    expect(isDone({ createdAt: '2026-03-10T12:30:00.000Z' })).toBe(true)
  })

  it.each<[string, Seen]>([
    ['was made anew since', { createdAt: '2026-03-10T14:30:00.000Z' }],
    ['is missing', 'missing'],
    ['cannot be seen at the loss', 'hidden'],
    ['does not tell its age', { createdAt: null }],
    ['tells an age by a clock that is wrong', { createdAt: '2026-03-10T12:30:00.000Z', clock: 'behind' }],
  ])('is gone where its database %s', (_, seen) => {
    expect(isDone(seen)).toBe(false)
  })

  it('counts again once its database is seen that could not be seen at the loss, and is the one that was filled', () => {
    const away = runAfter('hidden')!
    expect(away).toMatchObject({ earlier: { action: 'before', done } })
    expect(away.done).toBeUndefined()
    const former = { lostAgainAt, run: { ...away, refused: [] } }
    expect(runAfter('hidden', former)).toEqual(away)
    expect(runAfter({ createdAt: '2026-03-10T12:30:00.000Z' }, former)).toMatchObject({ action: 'before', done })
    const anew = runAfter({ createdAt: '2026-03-10T14:30:00.000Z' }, former)
    expect([anew?.action, anew?.done, anew?.earlier]).toEqual([away.action, undefined, undefined])
  })

  it('stays as it was judged at the loss while nothing can be seen', () => {
    expect(isDone('hidden', { lostAgainAt })).toBe(true)
    expect(isDone('hidden', { lostAgainAt: '2026-03-10T13:30:00.000Z' })).toBe(false)
  })
})
