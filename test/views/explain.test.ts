import { describe, expect, test } from 'vitest'
import type { Attempt } from '../../src/domain/action.ts'
import type { SetSummary } from '../../src/domain/backup-set.ts'
import type { Desired } from '../../src/domain/model.ts'
import type { Memory } from '../../src/domain/plan.ts'
import type { Finding, Flag, Standing } from '../../src/domain/statement.ts'
import type { Item } from '../../src/domain/words.ts'
import { plan } from '../../src/plan/plan.ts'
import { explainView, type ExplainView } from '../../src/views/explain/explain.ts'
import { contoso } from '../support/contoso.ts'
import { memory, notSeen, readyLocation, seen, summary, world } from '../support/observed.ts'

const now = '2026-03-10T12:00:00.000Z'
const justNow = '2026-03-10T11:59:30.000Z'
const madeAt = '2026-03-10T02:00:00.000Z'
const set = `nightly/${madeAt}`
const sample = await contoso()
const users: Item = { kind: 'user-data', subject: 'se01.contoso.com' }

interface Given {
  desired?: Desired
  facts?: Parameters<typeof world>[1]
  standing?: Partial<Standing>
  sets?: readonly SetSummary[]
  attempts?: readonly Attempt[]
  vanished?: Memory['vanished']
}

function ask(
  subject: string,
  { desired = sample, facts = {}, standing = {}, sets = [], attempts = [], vanished = [] }: Given = {},
) {
  const copy = summary(madeAt, { ok: [users], verified: { checksum: madeAt }, location: 'backup01' })
  const location = new Map([['backup01', seen('backup01', readyLocation(), justNow)]])
  const observed = world([...sets, copy], { location, ...facts })
  const known = memory({ attempts, vanished })
  const planned = { ...plan(desired, observed, known, now), ...standing }
  return explainView({ desired, observed, memory: known, plan: planned, now }, subject)
}

function verdicts(subject: string, given: Given = {}): ExplainView['verdicts'] {
  const view = ask(subject, given)
  if ('candidates' in view) throw new Error(`${subject} is unknown`)
  return view.verdicts
}
const said = (subject: string, given: Given = {}): string =>
  verdicts(subject, given)
    .map(({ verdict }) => verdict)
    .join('\n')

test('a copy that nobody can see now is told as last seen', () => {
  const gone = { ...notSeen('backup01', 'The share does not answer.'), since: justNow }
  const [copy] = verdicts('se01.contoso.com', { facts: { location: new Map([['backup01', gone]]) } }).filter(
    ({ verdict }) => verdict.startsWith('user-data'),
  )
  expect(copy?.verdict).toBe(
    'user-data of se01.contoso.com was copied at 2026-03-10T02:00:00.000Z, to backup01, which cannot be seen now',
  )
  expect(copy?.because.at(-1)).toMatchObject({ observedAt: justNow, value: expect.stringMatching(/^as last seen: /) })
})

test('a set that vanished has an answer, though no set of that name is there', () => {
  const unc = String.raw`\\backup01.contoso.com\LyncBackup\nightly\gone`
  const gone = {
    id: 'nightly/gone',
    location: 'backup01',
    unc,
    state: 'complete',
    startedAt: madeAt,
    bytes: 0,
  } as const
  expect(said('Nightly/gone', { vanished: [{ ...gone, vanishedAt: justNow }] })).toMatch(
    /^error set-vanished since .*: It is gone from .*LyncBackup.nightly.gone, and Holdfast did not remove it/,
  )
})

describe('every kind of subject has an answer', () => {
  test.each([
    ['contoso', /SourceFresh is .*\n[^]*configuration of contoso has no ok copy/],
    ['nightly', /BackupCurrent is false[^]*The next run starts at/],
    ['backup01', /LocationReady is/],
    ['pool01.contoso.com', /fe02\.contoso\.com is unknown/],
    ['fe01.contoso.com', /fe01\.contoso\.com is unknown/],
    ['se01.contoso.com', /user-data of se01\.contoso\.com would come back as of 2026-03-10T02:00:00/],
    [String.raw`sql04.contoso.com\chat`, /mgc is unknown/],
    [String.raw`sql04.contoso.com\chat/mgc`, /sql-database of .* has no ok copy/],
    [String.raw`\\fs01.contoso.com\LyncShare`, /file-store of .* has no ok copy/],
    [set, /It is complete[^]*newest ok copy of user-data of se01\.contoso\.com/],
  ])('%s', (subject, answer) => {
    expect(said(subject)).toMatch(answer)
    expect(said(subject.toUpperCase())).toBe(said(subject))
  })

  test('and any other name gets what there is to choose from', () => {
    const view = ask('fe99.contoso.com')
    expect('candidates' in view && view.candidates).toEqual(
      expect.arrayContaining(['fe01.contoso.com', 'nightly', set, String.raw`sql01.contoso.com\rtc`]),
    )
  })
})

describe('why an item failed', () => {
  const failed = summary('2026-03-10T03:00:00.000Z', {
    ...{ state: 'partial', ok: [], location: 'backup01' },
    flawed: [{ ...users, outcome: 'failed', code: 'host-unreachable', message: 'se01 does not answer.' }],
  })
  const reason = 'se01 does not answer. [host-unreachable]'

  test.each([
    ['its subject', 'se01.contoso.com'],
    ['its policy', 'nightly'],
    ['the set', failed.id],
  ])('is told with its code of %s', (_of, subject) => {
    expect(JSON.stringify(verdicts(subject, { sets: [failed] }))).toContain(reason)
  })

  test('stands beside the copy that it would come back from', () => {
    const copy = verdicts('se01.contoso.com', { sets: [failed] }).find(({ verdict }) => verdict.startsWith('user-data'))
    expect(copy?.verdict).toBe('user-data of se01.contoso.com would come back as of 2026-03-10T02:00:00.000Z')
    expect(copy?.because.at(-1)).toMatchObject({ fact: `user-data in set ${failed.id}`, value: `failed: ${reason}` })
  })

  test('of a run that made no set is told of its policy', () => {
    const attempt: Attempt = {
      ...{ action: 'a', kind: 'create-backup-set', subject: 'nightly', slot: null, set: null, request: null },
      ...{ startedAt: madeAt, endedAt: justNow, outcome: 'failed' },
      message: 'The share does not answer. [location-unreachable]',
    }
    const run = verdicts('nightly', { attempts: [attempt] }).find(({ verdict }) => verdict.includes('next run'))
    expect(run?.because.at(-1)).toEqual({
      ...{ fact: 'last run', value: 'failed: The share does not answer. [location-unreachable]' },
      ...{ source: 'state store', observedAt: justNow, ageSeconds: 30 },
    })
  })
})

describe('each verdict rests on facts', () => {
  test('with source, time and age', () => {
    const ports = new Map([['fe01.contoso.com', seen('fe01.contoso.com', { open: [445], closed: [5061] }, justNow)]])
    const grounds = verdicts('fe01.contoso.com', { facts: { ports } }).flatMap(({ because }) => because)
    expect(grounds).toContainEqual({
      ...{ fact: 'ports fe01.contoso.com', value: 'open: 445; closed: 5061', source: 'test' },
      ...{ observedAt: justNow, ageSeconds: 30 },
    })
    expect(said('fe01.contoso.com', { facts: { ports } })).not.toContain('What else')
  })

  test('and what could not be seen says why', () => {
    const dns = new Map([['fe01.contoso.com', notSeen('fe01.contoso.com', 'nobody answered')]])
    const grounds = verdicts('fe01.contoso.com', { facts: { dns } }).flatMap(({ because }) => because)
    expect(grounds).toContainEqual(expect.objectContaining({ value: 'unknown: nobody answered' }))
  })

  test('a recovery point on the set, and on the policy that wants it', () => {
    const copy = verdicts('se01.contoso.com').find(({ verdict }) => verdict.startsWith('user-data'))
    expect(copy?.because.map(({ fact, value }) => [fact, value])).toEqual([
      ['item of policy nightly', 'required, wanted at most every 26h'],
      [`set ${set}`, `complete, 1 items ok, verified: checksum ${madeAt}`],
    ])
  })

  test('the next run on its schedule', () => {
    const next = verdicts('file-stores').find(({ verdict }) => verdict.startsWith('The next run'))
    expect(next?.because).toMatchObject([{ fact: 'schedule', value: '30 */4 * * * in Europe/Berlin' }])
  })
})

const flag: Flag = {
  ...{ subject: String.raw`sql04.contoso.com\chat/mgc`, scenario: 'persistent-chat', reason: 'not listed', since: now },
  evidence: [{ fact: 'sqlInstance x', value: 'v', source: 's', observedAt: now, ageSeconds: 0 }],
  seen: ['absent'],
}

test('a flag is told of its subject, of the host that holds it and of a member of its pool, with its evidence', () => {
  const flags = [flag, { ...flag, subject: 'pool02.contoso.com', scenario: 'pool' as const }]
  const told = (subject: string) =>
    verdicts(subject, { standing: { flags } }).filter(({ verdict }) => /must be rebuilt/.test(verdict))
  expect(told(flag.subject)).toEqual([
    { verdict: `${flag.subject} must be rebuilt (persistent-chat) since ${now}: not listed`, because: flag.evidence },
  ])
  expect(told('sql04.contoso.com')).toHaveLength(1)
  expect(told('fe12.contoso.com')).toHaveLength(1)
  expect(told('fe01.contoso.com')).toEqual([])
})

describe('findings', () => {
  const finding: Finding = {
    ...{ code: 'name-lost', severity: 'error', subject: 'fe01.contoso.com', since: now },
    ...{ desired: 'a name', observed: 'none', message: 'It is gone.' },
  }

  test('are told with what is wanted and what is there', () => {
    expect(said('fe01.contoso.com', { standing: { findings: [finding] } })).toContain(
      `error name-lost since ${now}: It is gone. Desired: a name. Observed: none.`,
    )
  })

  test('that Git ignores are told with the rule', () => {
    const keptElsewhere = sample.deployment.keptElsewhere.map((one) => ({ ...one, checkedOn: '2025-01-01' }))
    const rule = { name: 'later', subjects: ['contoso'], actions: [], findings: ['kept-elsewhere-stale'] }
    const desired = {
      ...sample,
      deployment: { ...sample.deployment, keptElsewhere },
      suspensions: [{ ...rule, reason: 'moving house', until: '2026-04-01T00:00:00.000Z' }],
    }
    const told = verdicts('contoso', { desired }).find(({ verdict }) => verdict.includes('is ignored'))
    expect(told?.verdict).toBe('kept-elsewhere-stale is ignored until 2026-04-01T00:00:00.000Z: moving house')
    expect(told?.because).toMatchObject([{ fact: 'Suspension later', source: 'revision 111111111111' }])
  })
})
