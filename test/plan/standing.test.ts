import { describe, expect, it } from 'vitest'
import type { Plan } from '../../src/domain/plan.ts'
import type { Condition, Finding, Flag, Standing } from '../../src/domain/statement.ts'
import { carry, changes } from '../../src/plan/standing.ts'

const condition: Condition = {
  subject: 'nightly',
  type: 'BackupCurrent',
  status: 'true',
  reason: 'Current',
  message: 'fine',
  since: 't1',
  revision: 'r1',
}
const finding: Finding = {
  code: 'item-failed',
  severity: 'error',
  subject: 'Pool01.contoso.com',
  desired: 'ok',
  observed: 'failed',
  since: 't1',
  message: 'bad',
}
const flag: Flag = {
  subject: 'fe01.contoso.com',
  scenario: 'member-server',
  reason: 'absent',
  since: 't1',
  evidence: [],
  seen: [],
}
const before: Standing = { conditions: [condition], findings: [finding], flags: [flag], runbooks: [] }
const with1 = (more: Partial<Condition>): Standing => ({ ...before, conditions: [{ ...condition, ...more }] })

describe('since', () => {
  it('stays while a statement says the same', () => {
    expect(carry(before, before, 't2')).toEqual(before)
    expect(carry(before, with1({ message: 'still fine', revision: 'r2' }), 't2').conditions[0]?.since).toBe('t1')
    const renamed = { ...before, findings: [{ ...finding, subject: 'pool01.contoso.com' }] }
    expect(carry(before, renamed, 't2').findings[0]?.since).toBe('t1')
  })

  it('is now when it is new or became another', () => {
    const nothing: Standing = { conditions: [], findings: [], flags: [], runbooks: [] }
    const fresh = carry(nothing, before, 't2')
    expect([...fresh.conditions, ...fresh.findings].map(({ since }) => since)).toEqual(['t2', 't2'])
    expect(carry(before, with1({ status: 'false' }), 't2').conditions[0]?.since).toBe('t2')
    expect(carry(before, with1({ reason: 'Other' }), 't2').conditions[0]?.since).toBe('t2')
  })

  it('is what a flag says, for the loss began before the flag rose', () => {
    const nothing: Standing = { conditions: [], findings: [], flags: [], runbooks: [] }
    expect(carry(nothing, before, 't2').flags).toEqual([flag])
  })
})

describe('changes', () => {
  it('are none between equal passes, also when revision, time or case of a name differ', () => {
    expect(changes(before, before)).toEqual([])
    expect(changes(before, with1({ revision: 'r2', since: 't9' }))).toEqual([])
    expect(changes(before, { ...before, findings: [{ ...finding, subject: 'POOL01.contoso.com' }] })).toEqual([])
  })

  it('tell what opened, changed and closed', () => {
    const nothing: Standing = { conditions: [], findings: [], flags: [], runbooks: [] }
    const types = (a: Standing, b: Standing) => changes(a, b).map(({ type, statement }) => [type, statement.subject])
    const all = ['nightly', 'Pool01.contoso.com', 'fe01.contoso.com']
    expect(types(nothing, before)).toEqual(all.map((subject) => ['opened', subject]))
    expect(types(before, nothing)).toEqual(all.map((subject) => ['closed', subject]))
    expect(types(before, with1({ message: 'worse' }))).toEqual([['changed', 'nightly']])
    expect(types(before, { ...before, findings: [{ ...finding, severity: 'warning' }] })).toEqual([
      ['changed', 'Pool01.contoso.com'],
    ])
    expect(types(before, { ...before, flags: [{ ...flag, reason: 'clean' }] })).toEqual([
      ['changed', 'fe01.contoso.com'],
    ])
  })

  const none: Standing = { conditions: [], findings: [], flags: [], runbooks: [] }
  const by = { suspension: 'move', reason: 'moved in May', until: '2026-05-01T00:00:00.000Z' }
  it.each<[string, string, Partial<Plan>, string]>([
    ['gone', finding.subject, {}, 'It is over; it was: failed'],
    [
      'ignored',
      finding.subject,
      { ignored: [{ finding: { ...finding, subject: 'pool01.contoso.com' }, ...by }] },
      'Suspension move ignores it until 2026-05-01T00:00:00.000Z: moved in May',
    ],
    ['flagged', 'FE01.contoso.com', { flags: [flag] }, 'The flag on fe01.contoso.com covers it now.'],
    ['flagged', 'fe01.contoso.com\\rtclocal/xds', { flags: [flag] }, 'The flag on fe01.contoso.com covers it now.'],
    ['flagged', '\\\\fe01.contoso.com\\Lync', { flags: [flag] }, 'The flag on fe01.contoso.com covers it now.'],
    ['gone', 'fe02.contoso.com', { flags: [flag] }, 'It is over; it was: failed'],
  ])('a finding that is %s says so: %s', (ending, subject, after, because) => {
    const open: Finding = { ...finding, subject }
    const found = changes({ ...none, findings: [open], flags: after.flags ?? [] }, { ...none, ...after })
    expect(found).toEqual([{ type: 'closed', statement: open, ending, because }])
  })
})
