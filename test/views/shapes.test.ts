import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import type { BackupSet, SetSummary } from '../../src/domain/backup-set.ts'
import { difference } from '../../src/plan/difference/difference.ts'
import { plan } from '../../src/plan/plan.ts'
import { driftView } from '../../src/views/drift.ts'
import { explainView } from '../../src/views/explain/explain.ts'
import { planView } from '../../src/views/plan.ts'
import { recoverabilityView } from '../../src/views/recoverability.ts'
import { runOnceView } from '../../src/views/run-once.ts'
import { runbookView } from '../../src/views/runbook.ts'
import { setsView, setView } from '../../src/views/sets.ts'
import { setsDiffView } from '../../src/views/sets-diff.ts'
import { statusView } from '../../src/views/status.ts'
import { verifyView } from '../../src/views/verify.ts'
import { desiredState, policy, pool, schedule, sqlStore } from '../support/desired.ts'
import { memory, summary, world } from '../support/observed.ts'
import { generate } from '../tools/generators/cli.ts'

const now = '2026-03-10T12:00:00.000Z'
const schemas = generate()
const heart = { running: true, lastPassAt: now }

/** What speaks against `value` by the published schema of `name`; empty when it fits. */
function faults(name: string, value: unknown): unknown[] {
  const ajv = new Ajv2020({ allErrors: true })
  addFormats.default(ajv)
  const check = ajv.compile(JSON.parse(schemas.get(`docs/schemas/cli/${name}.json`)!) as object)
  check(JSON.parse(JSON.stringify(value)))
  return check.errors ?? []
}

const users = { kind: 'user-data', subject: 'se01.contoso.com' } as const
const set: BackupSet = {
  id: 'nightly/20260310T020000Z-abcd',
  policy: 'nightly',
  location: 'main',
  path: '/mnt/backup/nightly/20260310T020000Z-abcd',
  unc: '\\\\backup01.contoso.com\\LyncBackup\\nightly\\20260310T020000Z-abcd',
  revision: 'r1',
  cause: 'scheduled',
  slot: '2026-03-10T02:00:00.000Z',
  whole: true,
  required: [users],
  items: [
    { ...users, path: 'data/pools/se01.contoso.com/user-data.zip', outcome: 'ok', bytes: 10, counts: { users: 3 } },
    { kind: 'call-park', subject: 'se01.contoso.com', path: 'data/x', outcome: 'failed', bytes: 0, message: 'no' },
  ],
  state: 'partial',
  startedAt: '2026-03-10T02:00:00.000Z',
  finishedAt: '2026-03-10T02:10:00.000Z',
  bytes: 10,
  files: 1,
  verifications: [{ level: 'checksum', at: now, outcome: 'ok' }],
}
const damaged = summary('2026-03-09T02:00:00.000Z', { state: 'damaged', verified: { checksum: now } })

function snapshot(sets: SetSummary[] = [], known = memory()) {
  const desired = desiredState({
    pools: [pool('se01.contoso.com', 'standard-edition')],
    sqlStores: [sqlStore('sql01.contoso.com')],
    policies: [policy('nightly', { recoveryPointObjectiveSeconds: 86_400, schedule: schedule('0 2 * * 1-5') })],
  })
  const observed = world(sets)
  return { desired, observed, memory: known, plan: plan(desired, observed, known, now), now }
}

describe('each shape fits its published schema', () => {
  it.each([
    ['plan', planView(snapshot([damaged]).plan, null)],
    ['plan', planView(snapshot().plan, difference(desiredState(), snapshot().desired, world([damaged]), now))],
    ['status', statusView(snapshot([damaged]), heart)],
    ['status', statusView(snapshot(), heart)],
    ['drift', driftView(snapshot([damaged]))],
    ['explain', explainView(snapshot([damaged]), 'se01.contoso.com')],
    ['recoverability', recoverabilityView({ ...snapshot([damaged]), sets: [set] }, null)],
    ['runbook', runbookView({ ...snapshot([damaged]), sets: [set] }, ['se01.contoso.com'])],
    ['sets', setsView([set], null)],
    ['sets-diff', setsDiffView('a', 'b', [{ kind: 'configuration', subject: 's', name: 'n', change: 'changed' }])],
    ['backup', { request: 'r1', set: setView(set) }],
    [
      'verify',
      verifyView([{ set: set.id, level: 'checksum', problems: [{ file: 'data/x', kind: 'size', message: 'm' }] }]),
    ],
    ['error', { error: { code: 'usage', message: 'm' } }],
  ])('%s', (name, value) => {
    expect(faults(name, value)).toEqual([])
  })

  it('and the schemas refuse what lacks a field, but not one more', () => {
    expect(faults('verify', { results: [{ set: 's', level: 'checksum', outcome: 'ok' }] })).not.toEqual([])
    expect(faults('verify', { results: [], more: 1 })).toEqual([])
  })
})

describe('status', () => {
  it('tells the recovery point, age and objective of every item', () => {
    const { items } = statusView(snapshot([summary('2026-03-10T02:00:00.000Z', { ok: [users] })]), heart)
    expect(items.map(({ kind }) => kind)).toEqual(['configuration', 'location-information', 'environment', 'user-data'])
    expect(items[0]).toMatchObject({ recoveryPoint: null, ageSeconds: null, objectiveSeconds: 86_400 })
    expect(items[3]).toMatchObject({
      recoveryPoint: { set: 'nightly/2026-03-10T02:00:00.000Z', at: '2026-03-10T02:00:00.000Z' },
      ageSeconds: 36_000,
    })
  })

  it('claims nothing of servers that no probe has seen', () => {
    expect(statusView(snapshot(), heart).servers).toEqual([
      {
        fqdn: 'se01.contoso.com',
        pool: 'se01.contoso.com',
        roles: ['standard-edition'],
        class: 'unknown',
        reason: 'Nobody has looked at it lately, or could.',
        flag: null,
      },
      {
        fqdn: 'sql01.contoso.com',
        roles: ['sql-server'],
        class: 'unknown',
        reason: 'Nobody has looked at it lately, or could.',
        flag: null,
      },
    ])
  })

  it('tells the flag on a host, on what it holds, and on its whole pool', () => {
    const known = snapshot()
    const servers = ['fe01.contoso.com', 'fe02.contoso.com']
    const desired = { ...known.desired, pools: [pool('pool01.contoso.com', 'front-end', { servers })] }
    const flag = { scenario: 'pool', reason: 'gone', since: now, evidence: [], seen: ['absent'] } as const
    const of = (...subjects: string[]) => {
      const flags = subjects.map((subject) => ({ ...flag, subject }))
      const view = statusView({ ...known, desired, plan: { ...known.plan, flags } }, heart)
      return view.servers.flatMap((server) => (server.flag ? [server.fqdn] : []))
    }
    expect(of('pool01.contoso.com')).toEqual(servers)
    expect(of('FE01.contoso.com')).toEqual(['fe01.contoso.com'])
    expect(of(String.raw`sql01.contoso.com\rtc/rtcxds`)).toEqual(['sql01.contoso.com'])
    expect(of(String.raw`\\fs01.contoso.com\Lync`)).toEqual([])
  })

  const [run] = snapshot().plan.actions
  const failed = {
    action: 'a1',
    kind: 'create-backup-set',
    subject: 'nightly',
    slot: '2026-03-10T02:00:00.000Z',
    startedAt: now,
    endedAt: now,
    outcome: 'failed',
    message: null,
    set: null,
    request: null,
  } as const
  const done = summary('2026-03-10T02:00:01.000Z', { slot: '2026-03-10T02:00:00.000Z' })
  const next = '2026-03-11T02:00:00.000Z'

  it.each([
    ['before the first set', [], memory(), { lastSet: null, lastOutcome: null, nextRunAt: now, running: false }],
    ['while it runs', [], memory({ inFlight: [run!] }), { lastSet: null, nextRunAt: next, running: true }],
    ['after a good run', [done], memory(), { lastSet: done.id, lastOutcome: 'done', nextRunAt: next, running: false }],
    [
      'after a failure',
      [],
      memory({ attempts: [failed] }),
      { lastSet: null, lastOutcome: 'failed', nextRunAt: '2026-03-10T12:01:00.000Z' },
    ],
    [
      'with an interrupted folder',
      [summary('2026-03-10T02:00:01.000Z', { state: 'interrupted', slot: '2026-03-10T02:00:00.000Z' })],
      memory(),
      { lastOutcome: 'interrupted', nextRunAt: now },
    ],
    [
      'with only a set in progress',
      [summary(now, { state: 'in-progress' })],
      memory(),
      { lastSet: null, lastOutcome: null },
    ],
  ])('tells of a policy %s', (_name, sets, known, row) => {
    expect(statusView(snapshot(sets, known), heart).policies[0]).toMatchObject({ name: 'nightly', ...row })
  })
})

it('run --once lists what was done, without empty fields', () => {
  const attempt = {
    action: 'a1',
    kind: 'point-backup',
    subject: 'nightly',
    slot: null,
    startedAt: now,
    endedAt: now,
    outcome: 'done',
    message: null,
    set: 'nightly/x',
    request: null,
  } as const
  const refusal = { guard: 'location-full', actions: ['a2'], requests: [], message: 'm', override: 'o' }
  const actions = [attempt, { ...attempt, set: null, message: 'm' }]
  const view = runOnceView({ revision: 'r1', passes: 2, actions, refused: [refusal] })
  expect(view.actions).toEqual([
    { id: 'a1', kind: 'point-backup', subject: 'nightly', outcome: 'done', set: 'nightly/x' },
    { id: 'a1', kind: 'point-backup', subject: 'nightly', outcome: 'done', message: 'm' },
  ])
  expect(view.refused).toEqual([{ guard: 'location-full', actions: ['a2'], message: 'm', override: 'o' }])
  expect(faults('run-once', view)).toEqual([])
})

it('sets stand newest first', () => {
  const older = { ...set, id: 'nightly/older', startedAt: '2026-03-01T02:00:00.000Z' }
  expect(setsView([older, set], null).sets.map(({ id }) => id)).toEqual([set.id, 'nightly/older'])
  expect(setsView([set], null).sets[0]?.items[0]).toEqual({
    ...users,
    path: 'data/pools/se01.contoso.com/user-data.zip',
    outcome: 'ok',
    bytes: 10,
  })
})

it('a set with any problem is damaged', () => {
  const view = verifyView([
    { set: 'a', level: 'structure', problems: [] },
    { set: 'b', level: 'structure', problems: [{ file: 'f', kind: 'missing', message: 'm' }] },
  ])
  expect(view.results.map(({ outcome }) => outcome)).toEqual(['ok', 'damaged'])
})
