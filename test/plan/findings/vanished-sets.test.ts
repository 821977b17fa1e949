import { describe, expect, test } from 'vitest'
import type { Suspension } from '../../../src/domain/model.ts'
import type { VanishedSet } from '../../../src/domain/vanished-set.ts'
import { acknowledged } from '../../../src/plan/findings/vanished-sets.ts'
import { plan } from '../../../src/plan/plan.ts'
import { verdictOf } from '../../../src/plan/verdict/verdict.ts'
import { desiredState } from '../../support/desired.ts'
import { memory, world } from '../../support/observed.ts'

const now = '2026-03-10T12:00:00.000Z'

function gone(name: string, more: Partial<VanishedSet> = {}): VanishedSet {
  return {
    id: `nightly/${name}`,
    location: 'main',
    unc: String.raw`\\backup01.contoso.com\LyncBackup\nightly` + `\\${name}`,
    state: 'complete',
    startedAt: '2026-03-10T02:00:00.000Z',
    bytes: 3 * 1024 ** 3,
    vanishedAt: '2026-03-10T11:59:00.000Z',
    ...more,
  }
}

function acknowledging(...subjects: string[]): Suspension {
  const until = '2026-03-11T00:00:00.000Z'
  return { name: 'meant', subjects, actions: [], findings: ['set-vanished'], reason: 'Room was needed', until }
}

/** Everything that is said of these vanished sets. */
function told(vanished: readonly VanishedSet[], ...suspensions: Suspension[]) {
  const [desired, observed, known] = [desiredState({ suspensions }), world(), memory({ vanished })]
  const snapshot = { desired, observed, memory: known, plan: plan(desired, observed, known, now), now }
  const { state, reasons } = verdictOf(snapshot, { running: true, lastPassAt: now })
  return {
    findings: snapshot.plan.findings.filter(({ code }) => code === 'set-vanished'),
    reasons: reasons.filter(({ code }) => code === 'set-vanished'),
    first: reasons[0]?.code,
    state,
    acknowledged: acknowledged(snapshot),
  }
}

/** `20260310T020000Z-0000`, ... */
function many(count: number, more: Partial<VanishedSet> = {}): VanishedSet[] {
  return Array.from({ length: count }, (_, index) => gone(`set-${String(index).padStart(4, '0')}`, more))
}

describe('a set that vanished', () => {
  test('is an error that says what it was, and comes first in the verdict', () => {
    const { findings, reasons, first, state } = told([gone('a')])
    expect(findings).toEqual([
      {
        code: 'set-vanished',
        severity: 'error',
        subject: 'nightly/a',
        desired: 'on its share',
        observed: 'gone; first missed at 2026-03-10T11:59:00.000Z',
        message: String.raw`It is gone from \\backup01.contoso.com\LyncBackup\nightly\a, and Holdfast did not remove it: complete, 3.0 GiB, started at 2026-03-10T02:00:00.000Z.`,
        since: now,
      },
    ])
    expect(reasons.map(({ subject, message }) => [subject, message])).toEqual([['nightly/a', findings[0]?.message]])
    expect([first, state]).toEqual(['set-vanished', 'not-ok'])
  })

  test('is left out, and forgotten, once a Suspension names it; the others are not', () => {
    const { findings, reasons, acknowledged: forgotten } = told([gone('a'), gone('b')], acknowledging('NIGHTLY/a'))
    expect(findings.map(({ subject }) => subject)).toEqual(['nightly/b'])
    expect(reasons.map(({ subject }) => subject)).toEqual(['nightly/b'])
    expect(forgotten).toEqual(['nightly/a'])
  })

  test('is not acknowledged by a Suspension of its location or its policy', () => {
    const { findings, acknowledged: forgotten } = told([gone('a')], acknowledging('main', 'nightly'))
    expect(findings.map(({ subject }) => subject)).toEqual(['nightly/a'])
    expect(forgotten).toEqual([])
  })
})

describe('many vanished sets', () => {
  test('are one loud reason for each location', () => {
    const other = gone('x', { id: 'weekly/x', location: 'second' })
    const late = gone('z', { vanishedAt: '2026-03-10T12:00:00.000Z' })
    const { findings, reasons } = told([...many(36), late, other])
    expect(findings).toHaveLength(38)
    expect(reasons.map(({ subject }) => subject)).toEqual(['main', 'weekly/x'])
    expect(reasons[0]?.message).toBe(
      '37 BACKUP SETS VANISHED, and Holdfast removed none of them: somebody deletes backups, or the storage lost them. First missed between 2026-03-10T11:59:00.000Z and 2026-03-10T12:00:00.000Z: nightly/set-0000, nightly/set-0001, nightly/set-0002 and 34 more.',
    )
    expect(told(many(2)).reasons[0]?.message).toBe(
      '2 BACKUP SETS VANISHED, and Holdfast removed none of them: somebody deletes backups, or the storage lost them. First missed by the look at 2026-03-10T11:59:00.000Z: nightly/set-0000, nightly/set-0001.',
    )
  })

  test('are named up to a bound, those missed first before others and the newest of one look before older ones', () => {
    const early = gone('early', { startedAt: '2025-01-01T00:00:00.000Z', vanishedAt: '2026-03-10T11:00:00.000Z' })
    const newest = gone('newest', { startedAt: '2026-03-10T08:00:00.000Z' })
    const { findings, reasons } = told([...many(249), newest, early])
    const subjects = findings.map(({ subject }) => subject)
    expect(findings).toHaveLength(201)
    expect(subjects).toEqual(expect.arrayContaining(['nightly/early', 'nightly/newest', 'nightly/set-0197', 'main']))
    expect(subjects).not.toContain('nightly/set-0198')
    expect(findings.find(({ subject }) => subject === 'main')?.message).toBe(
      'Besides the 200 sets that are named, 51 more are gone from it, and Holdfast did not remove them.',
    )
    expect(reasons.map(({ message }) => message)).toEqual([expect.stringMatching(/^251 BACKUP SETS VANISHED, /)])
  })

  test('beyond the bound are acknowledged with the location', () => {
    const { findings, reasons, acknowledged: forgotten } = told(many(203), acknowledging('main'))
    expect(findings).toHaveLength(200)
    expect(forgotten).toEqual(['nightly/set-0200', 'nightly/set-0201', 'nightly/set-0202'])
    expect(reasons[0]?.message).toMatch(/^200 BACKUP SETS VANISHED/)
  })
})
