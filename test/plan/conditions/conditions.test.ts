import { describe, expect, it } from 'vitest'
import { addSeconds, type Time } from '../../../src/base/time.ts'
import type { Facts } from '../../../src/domain/facts.ts'
import type { BackupPolicy, Desired, RestoreTest } from '../../../src/domain/model.ts'
import type { Attempt } from '../../../src/domain/action.ts'
import type { SetSummary } from '../../../src/domain/backup-set.ts'
import type { Observed } from '../../../src/domain/observation.ts'
import type { Memory } from '../../../src/domain/plan.ts'
import type { PolicyProofs } from '../../../src/domain/restore-proofs.ts'
import type { Condition } from '../../../src/domain/statement.ts'
import type { ConditionType, Item } from '../../../src/domain/words.ts'
import { plan } from '../../../src/plan/plan.ts'
import { desiredState, fileStore, location, policy, pool, schedule, sqlStore } from '../../support/desired.ts'
import { memory, notSeen, readyLocation, seen, summary, world } from '../../support/observed.ts'

const now = '2026-03-10T12:00:00.000Z'
const slot = '2026-03-10T02:00:00.000Z'
const everything: Item[] = [
  { kind: 'configuration', subject: 'contoso' },
  { kind: 'location-information', subject: 'contoso' },
  { kind: 'environment', subject: 'contoso' },
  { kind: 'user-data', subject: 'se01.contoso.com' },
]
const good = (startedAt: Time, more: Partial<SetSummary> = {}): SetSummary =>
  summary(startedAt, { ok: everything, verified: { structure: startedAt }, ...more })

function condition(
  type: ConditionType,
  observed: Observed,
  options: { policy?: Partial<BackupPolicy>; memory?: Partial<Memory>; at?: Time; desired?: Partial<Desired> } = {},
): Condition {
  const policies = [policy('nightly', options.policy)]
  const desired = desiredState({ policies, locations: [location('main', { minimumFree: 1024 })], ...options.desired })
  const { conditions } = plan(desired, observed, memory(options.memory), options.at ?? now)
  return conditions.find((row) => row.type === type)!
}

describe('every promise has a row for every subject, also when nothing was seen', () => {
  it('', () => {
    const desired = desiredState({ policies: [policy('a'), policy('b')] })
    const { conditions } = plan(desired, world([], { source: new Map(), location: new Map() }), memory(), now)
    expect(conditions.map(({ type, subject, status }) => `${type} ${subject} ${status}`)).toEqual([
      'SourceFresh contoso unknown',
      'SourceValid contoso unknown',
      'SourceVerified contoso unknown',
      'LocationReady main unknown',
      'BackupCurrent a unknown',
      'Verified a unknown',
      'Restorable a unknown',
      'BackupCurrent b unknown',
      'Verified b unknown',
      'Restorable b unknown',
    ])
  })
})

describe('the source', () => {
  const fact: Facts['source'] = {
    head: 'abcdef0123456789',
    lastGood: 'abcdef0123456789',
    fetchedAt: now,
    unreachable: null,
    invalid: [],
  }
  const fault = (message: string) => ({ code: 'unknown-field' as const, message })
  const source = (more: Partial<Facts['source']>, name = 'contoso') =>
    world([], { source: new Map([[name, seen(name, { ...fact, ...more })]]) })

  it('is fresh when the repository answers', () => {
    expect(condition('SourceFresh', source({}))).toMatchObject({ status: 'true', reason: 'Fetched' })
    expect(condition('SourceFresh', source({}, 'git'))).toMatchObject({ status: 'true' })
    expect(
      condition('SourceFresh', source({ unreachable: { code: 'source-timeout', message: 'No answer.', hint: null } })),
    ).toMatchObject({
      status: 'false',
      reason: 'Unreachable',
      message: 'No answer. [source-timeout]',
    })
    const broken = world([], { source: new Map([['contoso', notSeen('contoso', 'broken')]]) })
    expect(condition('SourceFresh', broken)).toMatchObject({ status: 'false', message: 'broken' })
    expect(condition('SourceValid', broken)).toMatchObject({ status: 'unknown', reason: 'NotRead' })
  })

  it('is valid, or not with the place of each fault', () => {
    expect(condition('SourceValid', source({}))).toMatchObject({ status: 'true', reason: 'Valid' })
    expect(condition('SourceValid', source({ head: null }))).toMatchObject({ status: 'unknown' })
    const row = condition('SourceValid', source({ invalid: [fault('pools/pool01.yaml:7:3: unknown field "sit"')] }))
    expect(row).toMatchObject({ status: 'false', reason: 'Invalid' })
    expect(row.message).toContain('pools/pool01.yaml:7:3: unknown field "sit"')
    const many = condition('SourceValid', source({ invalid: Array.from({ length: 12 }, (_, n) => fault(`f${n}`)) }))
    expect(many.message).toMatch(/f9 \(and 2 more\)$/)
  })

  it('is never said to be verified', () => {
    expect(condition('SourceVerified', source({}))).toMatchObject({ status: 'unknown', reason: 'NotChecked' })
  })
})

describe('a location', () => {
  it('is not ready when its sets are known and its identity is gone', () => {
    const nobodys = { location: new Map([['main', seen('main', readyLocation({ identity: null }))]]) }
    const observed = world([good('2026-03-09T02:00:00.000Z')], nobodys)
    expect(condition('LocationReady', observed)).toMatchObject({ status: 'false', reason: 'NotTheSameShare' })
    const first = good('2026-03-09T02:00:00.000Z', { state: 'in-progress', finishedAt: null, ok: [] })
    const claimedSince = world([first], nobodys)
    expect(condition('LocationReady', claimedSince)).toMatchObject({ status: 'true', reason: 'Unclaimed' })
  })

  it.each([
    ['is ready', seen('main', readyLocation()), 'true', 'Ready'],
    ['is ready before anybody claimed it', seen('main', readyLocation({ identity: null })), 'true', 'Unclaimed'],
    ['does not answer', notSeen('main', 'gone'), 'false', 'Unreachable'],
    ['is full', seen('main', readyLocation({ freeBytes: 1023 })), 'false', 'NotEnoughSpace'],
    [
      'belongs to others',
      seen('main', readyLocation({ identity: { id: 'l', deployment: 'fabrikam', owner: 'owner-1' } })),
      'false',
      'ForeignDeployment',
    ],
    [
      'is owned by another daemon',
      seen('main', readyLocation({ identity: { id: 'l', deployment: 'contoso', owner: 'owner-2' } })),
      'false',
      'ForeignOwner',
    ],
  ])('that %s', (_name, fact, status, reason) => {
    const observed = world([], { location: new Map([['main', fact]]) })
    expect(condition('LocationReady', observed)).toMatchObject({ subject: 'main', status, reason })
  })
})

describe('backups are current', () => {
  const objective = { recoveryPointObjectiveSeconds: 86_400 }
  const failure = (outcome: Attempt['outcome']): Attempt => ({
    action: 'a1',
    kind: 'create-backup-set',
    subject: 'nightly',
    slot,
    startedAt: slot,
    endedAt: addSeconds(slot, 60),
    outcome,
    message: null,
    set: null,
    request: null,
  })
  const yesterday = good('2026-03-09T02:00:00.000Z')

  it('when every item has a copy that is new enough', () => {
    const observed = world([good(slot, { slot })])
    expect(condition('BackupCurrent', observed, { policy: objective })).toMatchObject({
      status: 'true',
      reason: 'Current',
    })
    expect(condition('BackupCurrent', observed)).toMatchObject({ status: 'true' })
  })

  it('not before the first set', () => {
    expect(condition('BackupCurrent', world())).toMatchObject({ status: 'false', reason: 'NeverBackedUp' })
  })

  it('not while an item has no copy at all, which is named', () => {
    const row = condition('BackupCurrent', world([good(slot, { slot, ok: everything.slice(0, 3) })]))
    expect(row).toMatchObject({ status: 'false', reason: 'ItemsMissing' })
    expect(row.message).toBe('Without any ok copy: user-data of se01.contoso.com.')
  })

  it('not when a copy became older than the objective', () => {
    const row = condition('BackupCurrent', world([yesterday]), { policy: objective })
    expect(row).toMatchObject({ status: 'false', reason: 'ObjectiveMissed' })
    expect(row.message).toContain('older than 1d')
  })

  it.each([
    ['failed', 'LastRunFailed'],
    ['interrupted', 'LastRunFailed'],
  ] as const)('not when the run of the newest slot %s', (outcome, reason) => {
    const options = { memory: { attempts: [failure(outcome)] } }
    expect(condition('BackupCurrent', world([yesterday]), options)).toMatchObject({ status: 'false', reason })
  })

  it('not when the newest set is suspect', () => {
    const suspect = good(slot, {
      slot,
      state: 'partial',
      flawed: [{ kind: 'user-data', subject: 'se01.contoso.com', outcome: 'suspect' }],
    })
    expect(condition('BackupCurrent', world([yesterday, suspect]))).toMatchObject({ reason: 'LastRunSuspect' })
  })

  it('not when the window of a slot went by, unless it will be made up for', () => {
    const late = (catchUp: boolean) => ({
      policy: { schedule: schedule('0 2 * * *', 'UTC', { windowSeconds: 3600, catchUp }) },
    })
    expect(condition('BackupCurrent', world([yesterday]), late(false))).toMatchObject({ reason: 'SlotMissed' })
    expect(condition('BackupCurrent', world([yesterday]), late(true))).toMatchObject({ status: 'true' })
  })
})

describe('sets are verified', () => {
  const verification = { onCreate: 'checksum' as const, everyDays: 7, restoreTest: null }

  it.each([
    ['there is none', [], 'unknown', 'NoCompleteSet'],
    ['the newest was found damaged', [good(slot, { state: 'damaged' })], 'false', 'Damaged'],
    ['the newest was not checked deep enough', [good(slot)], 'unknown', 'NotVerified'],
    ['the newest was proved', [good(slot, { verified: { checksum: slot } })], 'true', 'Verified'],
    ['a deeper level proved it', [good(slot, { verified: { content: slot } })], 'true', 'Verified'],
    [
      'the proof is too old',
      [good('2026-02-01T00:00:00.000Z', { verified: { checksum: '2026-03-01T00:00:00.000Z' } })],
      'false',
      'Overdue',
    ],
  ])('when %s: %s', (_name, sets, status, reason) => {
    expect(condition('Verified', world(sets), { policy: { verification } })).toMatchObject({ status, reason })
  })
})

describe('restorable', () => {
  it.each([
    ['is unknown without a complete set', [], 'unknown', 'NoCompleteSet'],
    ['is not when the only complete set was found damaged', [good(slot, { state: 'damaged' })], 'false', 'Damaged'],
    ['is unknown without a restore test', [good(slot)], 'unknown', 'NotTested'],
  ])('%s', (_name, sets, status, reason) => {
    expect(condition('Restorable', world(sets))).toMatchObject({ status, reason })
  })

  const test = (more: Partial<RestoreTest>): Partial<BackupPolicy> => ({
    include: { kinds: ['sql-database', 'file-store', 'user-data'], pools: [], stores: [] },
    verification: {
      ...{ onCreate: 'structure', everyDays: null },
      restoreTest: {
        databases: { sqlStore: sqlStore('test.contoso.com'), folder: 'D:\\Test' },
        ...{ files: null, imports: false, everyDays: 30, validDays: 45, ...more },
      },
    },
  })
  const stores = {
    pools: [pool('se01.contoso.com', 'standard-edition', { stores: { monitoring: sqlStore('sql05.contoso.com') } })],
    fileStores: [fileStore('\\\\fs01.contoso.com\\Lync')],
  }
  const proof = (at: Time) => ({ set: `nightly/of-${at}`, at, items: 2 })
  const files = '\\\\scratch01.contoso.com\\Restore'
  const [recent, old] = ['2026-03-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z']

  it.each<[string, Partial<RestoreTest>, PolicyProofs['kinds'], string, string]>([
    [
      'is true with a proof of each kind',
      { files },
      { 'sql-database': proof(recent), 'file-store': proof(recent) },
      'true',
      'RestoreTested',
    ],
    [
      'is unknown while one kind was never proved',
      { files },
      { 'sql-database': proof(recent) },
      'unknown',
      'NotTested',
    ],
    ['does not ask for a kind that has no place', {}, { 'sql-database': proof(recent) }, 'true', 'RestoreTested'],
    [
      'is false once one proof is too old',
      { files },
      { 'sql-database': proof(recent), 'file-store': proof(old) },
      'false',
      'Overdue',
    ],
    [
      'lets proofs hold for ever without validDays',
      { validDays: null },
      { 'sql-database': proof(old) },
      'true',
      'RestoreTested',
    ],
  ])('%s', (_name, more, kinds, status, reason) => {
    const restoreProofs = { nightly: { kinds, turns: {} } }
    const options = { policy: test(more), memory: { restoreProofs }, desired: stores }
    expect(condition('Restorable', world([good(slot)]), options)).toMatchObject({ status, reason })
  })

  it('says what was proved, when and how, and what never was', () => {
    const restoreProofs = { nightly: { kinds: { 'sql-database': proof(recent) }, turns: {} } }
    const options = { policy: test({}), memory: { restoreProofs }, desired: stores }
    expect(condition('Restorable', world([good(slot)]), options).message).toBe(
      `Restore test passed by 2 sql-database of nightly/of-${recent} at ${recent} (by RESTORE and DBCC CHECKDB). Never restored for a test: file-store, user-data.`,
    )
  })

  it('says what was only tried, which changes nothing of what is proved', () => {
    const kinds = { 'sql-database': proof(recent) }
    const imports = [
      { pool: 'pool01.contoso.com', outcome: 'passed', message: null },
      { pool: 'pool02.contoso.com', outcome: 'complained', message: 'Item 7 is wrong.' },
      { pool: 'se01.contoso.com', outcome: 'not-there', message: null },
    ] as const
    const restoreProofs = { nightly: { kinds, turns: {}, trials: [{ set: 'nightly/x', at: recent, imports }] } }
    const options = { policy: test({}), memory: { restoreProofs }, desired: stores }
    const { status, message } = condition('Restorable', world([good(slot)]), options)
    expect(status).toBe('true')
    expect(message).toMatch(
      /Never restored for a test: file-store, user-data\. Tried only, of nightly\/x at \S+: Update-CsUserData -TestMode passed 1 of 2 exports of user data; pool02\.contoso\.com: Item 7 is wrong\.; Lync Server 2013 has no -TestMode \(se01\.contoso\.com\)\.$/,
    )
  })
})

it('a damaged set is told as what it was: once complete, and perhaps not the newest', () => {
  const damaged = good(slot, { state: 'damaged' })
  const sets = [damaged, good('2026-03-10T03:00:00.000Z', { state: 'partial' })]
  expect(condition('Verified', world(sets)).message).toBe(
    `${damaged.id}, the newest set that was complete, was found damaged.`,
  )
  expect(condition('Restorable', world(sets)).message).toBe(`No complete set is left: ${damaged.id} was found damaged.`)
})

it('says the same at every pass over an unchanged world', () => {
  const observed = world([good(slot, { slot })])
  const before = plan(desiredState(), observed, memory(), now)
  const later = plan(desiredState(), observed, memory({ standing: before }), addSeconds(now, 3600))
  expect(later.conditions).toEqual(before.conditions)
})
