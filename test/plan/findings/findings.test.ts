import { describe, expect, it } from 'vitest'
import type { BackupPolicy, Suspension } from '../../../src/domain/model.ts'
import type { FlawedItem, SetSummary } from '../../../src/domain/backup-set.ts'
import type { Item } from '../../../src/domain/words.ts'
import { digestOf } from '../../../src/plan/digest-of.ts'
import { findings as allFindings } from '../../../src/plan/findings/findings.ts'
import { plan } from '../../../src/plan/plan.ts'
import { desiredState, policy, schedule } from '../../support/desired.ts'
import { memory, summary, world } from '../../support/observed.ts'

const now = '2026-03-10T12:00:00.000Z'
const users = { kind: 'user-data', subject: 'pool01.contoso.com' } as const
const groups = { kind: 'response-groups', subject: 'pool01.contoso.com' } as const

function findings(sets: SetSummary[], more: Partial<BackupPolicy> = {}) {
  const include = { kinds: ['configuration'] as const, pools: [], stores: [] }
  const policies = [policy('nightly', { include, ...more })]
  return plan(desiredState({ policies }), world(sets), memory(), now).findings
}

const whole: readonly Item[] = [
  { kind: 'configuration', subject: 'contoso' },
  { kind: 'environment', subject: 'contoso' },
]

const partial = (day: number, flawed: FlawedItem[]): SetSummary =>
  summary(`2026-03-0${day}T02:00:00.000Z`, { state: 'partial', ok: [], flawed })

it('a healthy world has none', () => {
  expect(
    findings([summary('2026-03-10T02:00:00.000Z', { ok: whole })], { recoveryPointObjectiveSeconds: 86_400 }),
  ).toEqual([])
})

describe('an objective that the schedule cannot meet', () => {
  it.each([
    ['0 2 * * *', 86_400, 0],
    ['0 2 * * *', 43_200, 1],
    ['0 2 * * 1-5', 86_400, 1],
    ['0 */4 * * *', 21_600, 0],
  ])('%s with %i s', (cron, recoveryPointObjectiveSeconds, count) => {
    const rows = findings([], { schedule: schedule(cron), recoveryPointObjectiveSeconds })
    expect(rows).toHaveLength(count)
    if (count > 0)
      expect(rows[0]).toMatchObject({ code: 'objective-out-of-reach', severity: 'warning', subject: 'nightly' })
  })
})

describe('a flawed item', () => {
  it('is told as suspect or failed, all of one subject in one row', () => {
    const flawed: FlawedItem[] = [
      { ...users, outcome: 'suspect', code: 'item-suspect', message: 'users: 0; the newest ok copy holds 300.' },
      { ...groups, outcome: 'suspect', message: 'workflows: 1; the newest ok copy holds 12.' },
      {
        ...{ kind: 'sql-database', subject: 'sql01.contoso.com/mgc', outcome: 'failed' },
        ...{ code: 'sql-permission', message: 'The login may not back it up.' },
      },
    ]
    const rows = findings([partial(9, flawed)])
    expect(rows.map(({ code, severity, subject }) => [code, severity, subject])).toEqual([
      ['item-failed', 'error', 'sql01.contoso.com/mgc'],
      ['item-suspect', 'warning', 'pool01.contoso.com'],
    ])
    expect(rows.map(({ observed, message }) => [observed, message])).toEqual([
      [
        'failed: sql-database in nightly/2026-03-09T02:00:00.000Z',
        'It could not be taken. sql-database: The login may not back it up. [sql-permission]',
      ],
      [
        'suspect: response-groups in nightly/2026-03-09T02:00:00.000Z, user-data in nightly/2026-03-09T02:00:00.000Z',
        'It was taken, but does not count as a copy. response-groups: workflows: 1; the newest ok copy holds 12. user-data: users: 0; the newest ok copy holds 300. [item-suspect]',
      ],
    ])
  })

  it('that lacks files is told as incomplete, a warning apart from those that are no copy', () => {
    const missing = { count: 1, names: ['a.xml'] }
    const store = { kind: 'file-store', subject: '\\\\fs01.contoso.com\\LyncShare' } as const
    const rows = findings([partial(9, [{ ...store, outcome: 'suspect', code: 'item-incomplete', missing }])])
    expect(rows).toMatchObject([{ code: 'item-incomplete', severity: 'warning', subject: store.subject }])
  })

  it('that no set must hold is a warning also where it failed', () => {
    const record = { kind: 'directory-record', subject: 'contoso', outcome: 'failed' } as const
    expect(findings([partial(9, [record])])).toMatchObject([{ code: 'item-failed', severity: 'warning' }])
    const both = [record, { kind: 'configuration', subject: 'contoso', outcome: 'failed' } as const]
    expect(findings([partial(9, both)])).toMatchObject([{ code: 'item-failed', severity: 'error' }])
  })

  it('is over when a newer set holds it ok, and told by the newest set that has it', () => {
    const old = partial(7, [{ ...users, outcome: 'suspect' }])
    const failed = partial(8, [{ ...users, outcome: 'failed' }])
    expect(findings([old, failed])).toMatchObject([{ code: 'item-failed' }])
    expect(findings([failed, old])).toMatchObject([{ code: 'item-failed' }])
    expect(findings([old, failed, summary('2026-03-09T02:00:00.000Z', { ok: [users, ...whole] })])).toEqual([])
    expect(findings([summary('2026-03-06T02:00:00.000Z', { ok: [users, ...whole] }), failed])).toHaveLength(1)
  })
})

it('a damaged set is told while it stands', () => {
  const damaged = summary('2026-03-09T02:00:00.000Z', { state: 'damaged', flawed: [{ ...users, outcome: 'damaged' }] })
  expect(findings([damaged])).toMatchObject([{ code: 'set-damaged', severity: 'error', subject: damaged.id }])
})

describe('an ignore rule', () => {
  const damaged = summary('2026-03-09T02:00:00.000Z', { state: 'damaged' })
  const late = policy('nightly', { include: null, recoveryPointObjectiveSeconds: 3600 })
  const rule = (more: Partial<Suspension>): Suspension => ({
    name: 'known-gap',
    subjects: ['nightly'],
    actions: [],
    findings: ['objective-out-of-reach'],
    reason: 'the new schedule comes in April',
    until: '2026-03-11T00:00:00.000Z',
    ...more,
  })
  const told = (...suspensions: Suspension[]) => {
    const all = allFindings(digestOf(desiredState({ policies: [late], suspensions }), world([damaged]), memory(), now))
    return {
      told: all.told.map(({ code }) => code),
      ignored: all.ignored.map(({ finding, suspension }) => `${finding.code} by ${suspension}`),
    }
  }
  const both = ['objective-out-of-reach', 'set-damaged']

  it('stands in the plan beside what it leaves out', () => {
    const desired = desiredState({ policies: [late], suspensions: [rule({})] })
    expect(plan(desired, world([damaged]), memory(), now).ignored).toMatchObject([
      { finding: { code: 'objective-out-of-reach', subject: 'nightly' }, suspension: 'known-gap' },
    ])
  })

  it.each<[string, Suspension[], string[], string[]]>([
    ['none', [], both, []],
    ['of its code and subject', [rule({})], ['set-damaged'], ['objective-out-of-reach by known-gap']],
    ['of any code', [rule({ findings: ['*'] })], ['set-damaged'], ['objective-out-of-reach by known-gap']],
    ['in another case', [rule({ subjects: ['NIGHTLY'] })], ['set-damaged'], ['objective-out-of-reach by known-gap']],
    ['of another code', [rule({ findings: ['set-damaged'] })], both, []],
    ['of another subject', [rule({ subjects: ['weekly'] })], both, []],
    ['that ended', [rule({ until: now })], both, []],
    ['that ends in more than a year', [rule({ until: '2027-03-11T00:00:00.000Z' })], [...both, 'suspension-unfit'], []],
    ['that freezes actions', [rule({ findings: [], actions: ['create-backup-set'] })], both, []],
    [
      'that lasts longer than another',
      [rule({}), rule({ name: 'longer', until: '2026-04-01T00:00:00.000Z' })],
      ['set-damaged'],
      ['objective-out-of-reach by longer'],
    ],
  ])('%s', (_, suspensions, findings, ignored) => {
    expect(told(...suspensions)).toEqual({ told: findings, ignored })
  })
})
