import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import type { SetSummary } from '../../src/domain/backup-set.ts'
import type { Observed, Unseen } from '../../src/domain/observation.ts'
import type { Plan } from '../../src/domain/plan.ts'
import type { Condition } from '../../src/domain/statement.ts'
import { notSeen, readyLocation, seen, summary, world } from '../support/observed.ts'
import { TestClock } from '../support/test-clock.ts'
import { freshFile, opened, tamper } from './rooms.ts'
import { noon, remember } from './samples.ts'

const applied = { revision: 'a1b2', subjects: 12 }

function condition(more: Partial<Condition> = {}): Condition {
  return {
    subject: 'nightly',
    type: 'BackupCurrent',
    status: 'true',
    reason: 'Current',
    message: 'The newest set is of today.',
    since: noon,
    revision: 'a1b2',
    ...more,
  }
}

function planned(more: Partial<Plan> = {}): Plan {
  return {
    revision: 'a1b2',
    at: noon,
    hash: 'f00',
    actions: [],
    refused: [],
    conditions: [condition()],
    findings: [],
    flags: [],
    runbooks: [],
    closed: [],
    ignored: [],
    classes: [],
    coverage: null,
    ...more,
  }
}

/** Changes whenever anybody else writes to the file. */
function versionOf(sqlite: DatabaseSync): unknown {
  return sqlite.prepare('PRAGMA data_version').get()?.['data_version']
}

describe('memory', () => {
  test('writes what was seen again when the file did not take it', () => {
    const file = freshFile()
    const store = opened(file)
    const observed = world()
    tamper(file, `CREATE TRIGGER "full" BEFORE INSERT ON "observation" BEGIN SELECT RAISE(ABORT, 'disk is full'); END`)
    expect(() => store.remember(planned(), observed, applied, [])).toThrow()
    tamper(file, 'DROP TRIGGER "full"')
    store.remember(planned(), observed, applied, [])
    expect(opened(file, 'read').lastObserved()).toEqual(observed.facts)
  })

  test('of an empty store is empty and not settled', () => {
    const store = opened()
    expect(store.memory()).toEqual({
      inFlight: [],
      progress: {},
      ranSteps: [],
      pastRuns: {},
      restoreProofs: {},
      requests: [],
      attempts: [],
      doneLately: [],
      standing: { conditions: [], findings: [], flags: [], runbooks: [] },
      applied: null,
      settled: false,
      vanished: [],
      disputes: [],
      replaced: [],
    })
    expect(store.lastPlan()).toBeNull()
    expect(store.lastObserved()).toBeNull()
    expect(store.lastPassAt()).toBeNull()
  })

  test('a pass is remembered over a restart', () => {
    const file = freshFile()
    const refused = notSeen('sql01', 'Login failed.', { code: 'sql-login-failed', answered: true })
    const observed = world([], {
      dns: new Map([['pool01.contoso.com', notSeen('pool01.contoso.com', 'no answer', { code: 'dns-failed' })]]),
      sqlInstance: new Map([['sql01', refused]]),
    })
    remember(opened(file), planned(), observed, applied)
    const next = opened(file)
    expect(next.lastPlan()).toEqual(planned())
    expect(next.lastObserved()).toEqual(observed.facts)
    expect(next.memory()).toMatchObject({ applied, standing: { conditions: [condition()] } })
  })

  test('an observation that an older version wrote, without code and answer, proves nothing', () => {
    const file = freshFile()
    const lost = {
      sqlInstance: new Map([['sql01', notSeen('sql01', 'no', { code: 'sql-permission', answered: true })]]),
    }
    remember(opened(file), planned(), world([], lost), applied)
    tamper(
      file,
      `UPDATE observation SET content = '{"subject":"sql01","of":"no [sql-permission]"}' WHERE fact = 'sqlInstance'`,
    )
    expect(opened(file).lastObserved()?.sqlInstance.get('sql01')).toMatchObject({
      known: false,
      code: 'unexpected',
      answered: false,
      error: 'no [sql-permission]',
    })
  })

  test.each([{ code: 'sql-login-failed' as const }, { answered: true }])(
    'that something is unknown for another reason is written at once: %o',
    (more) => {
      const store = opened()
      const write = (why: Partial<Unseen>): void =>
        remember(
          store,
          planned(),
          world([], { sqlInstance: new Map([['sql01', notSeen('sql01', 'no', why)]]) }),
          applied,
        )
      write({ code: 'sql-timeout' })
      write({ code: 'sql-timeout', ...more })
      expect(store.lastObserved()?.sqlInstance.get('sql01')).toMatchObject(more)
    },
  )

  test('what opened, changed and closed is journalled, and a revision when it is first applied', () => {
    const store = opened()
    const finding = {
      code: 'objective-out-of-reach' as const,
      severity: 'warning' as const,
      subject: 'nightly',
      desired: '4h',
      observed: '24h',
      since: noon,
      message: 'The schedule cannot meet the objective.',
    }
    const flag = {
      subject: 'fe01.contoso.com',
      scenario: 'member-server' as const,
      reason: 'absent',
      since: noon,
      evidence: [],
      seen: [],
    }
    const commit = { author: 'Ada Smith', subject: 'Back up fe02', at: noon }
    const source = { head: 'a1b2', lastGood: 'a1b2', commit, fetchedAt: noon, unreachable: null, invalid: [] }
    const observed = world([], { source: new Map([['contoso', seen('contoso', source)]]) })
    remember(store, planned({ findings: [finding], flags: [flag] }), observed, applied)
    const missed = condition({ status: 'false', reason: 'Missed', message: 'Too old.' })
    remember(store, planned({ revision: 'c3d4', conditions: [missed] }), world(), { revision: 'c3d4', subjects: 13 })
    expect(
      store.journal.list().map(({ type, subject, revision, message }) => [type, subject, revision, message]),
    ).toEqual([
      ['revision-applied', 'git', 'a1b2', 'a1b2 "Back up fe02" by Ada Smith, 12 subjects'],
      ['condition-opened', 'nightly', 'a1b2', 'BackupCurrent true (Current): The newest set is of today.'],
      ['finding-opened', 'nightly', 'a1b2', 'objective-out-of-reach: The schedule cannot meet the objective.'],
      ['flag-opened', 'fe01.contoso.com', 'a1b2', 'member-server: absent'],
      ['revision-applied', 'git', 'c3d4', 'c3d4, 13 subjects, after a1b2'],
      ['condition-changed', 'nightly', 'c3d4', 'BackupCurrent false (Missed): Too old.'],
      ['finding-closed', 'nightly', 'c3d4', 'objective-out-of-reach: It is over; it was: 24h'],
      ['flag-closed', 'fe01.contoso.com', 'c3d4', `member-server: It is no longer flagged; it was since ${noon}.`],
    ])
  })

  test('a pass over an unchanged world writes nothing at all', async () => {
    const file = freshFile()
    const clock = new TestClock(noon)
    const store = opened(file, 'act', clock)
    const at = (time: string): Observed =>
      world([], { location: new Map([['main', seen('main', readyLocation(), time)]]) })
    const evidence = { fact: 'sql', value: 'no answer', source: 'SQL Server', observedAt: noon, ageSeconds: 1 }
    const flag = {
      subject: 'fe01.contoso.com',
      scenario: 'member-server' as const,
      reason: 'absent',
      since: noon,
      seen: [],
    }
    remember(store, planned({ flags: [{ ...flag, evidence: [evidence] }] }), at(noon), applied)
    const watcher = new DatabaseSync(file)
    const before = versionOf(watcher)
    for (let pass = 0; pass < 4; pass++) {
      await clock.advance(60)
      const later = { ...at(clock.now()).facts.location.get('main')!, since: noon }
      const observed = world([], { location: new Map([['main', later]]) })
      const aged = { ...evidence, observedAt: clock.now(), ageSeconds: pass + 2 }
      remember(store, planned({ at: clock.now(), flags: [{ ...flag, evidence: [aged] }] }), observed, applied)
    }
    expect(versionOf(watcher)).toBe(before)
    watcher.close()
  })

  test('that an observation still holds is written down every five minutes', async () => {
    const clock = new TestClock(noon)
    const store = opened(freshFile(), 'act', clock)
    const still = (): Observed =>
      world([], { location: new Map([['main', { ...seen('main', readyLocation(), noon), at: clock.now() }]]) })
    remember(store, planned(), still(), applied)
    await clock.advance(299)
    remember(store, planned(), still(), applied)
    expect(store.lastObserved()?.location.get('main')?.at).toBe(noon)
    await clock.advance(1)
    remember(store, planned(), still(), applied)
    expect(store.lastObserved()?.location.get('main')).toMatchObject({ at: '2026-07-29T12:05:00.000Z', since: noon })
  })

  test('what is new brings up the times of all others, at most every half minute, for it is judged beside them', async () => {
    const clock = new TestClock(noon)
    const store = opened(freshFile(), 'act', clock)
    const write = (error: string): void => {
      const lost = { ...notSeen('fe01.contoso.com', error), at: clock.now() }
      const location = new Map([['main', { ...seen('main', readyLocation(), noon), at: clock.now() }]])
      remember(store, planned(), world([], { location, dns: new Map([['fe01.contoso.com', lost]]) }), applied)
    }
    const told = () => store.lastObserved()?.location.get('main')?.at
    write('no answer')
    await clock.advance(60)
    write('no answer')
    expect(told()).toBe(noon)
    write('refused')
    expect(told()).toBe('2026-07-29T12:01:00.000Z')
    await clock.advance(20)
    write('no answer')
    expect(told()).toBe('2026-07-29T12:01:00.000Z')
    await clock.advance(10)
    write('no answer')
    expect(told()).toBe('2026-07-29T12:01:30.000Z')
  })

  test('observations of what is no longer looked at are dropped', () => {
    const store = opened()
    const dns = new Map([['pool01.contoso.com', seen('pool01.contoso.com', { answers: ['10.0.0.1'] })]])
    remember(store, planned(), world([], { dns }), applied)
    remember(store, planned(), world(), applied)
    expect(store.lastObserved()?.dns.size).toBe(0)
    expect(store.lastObserved()?.location.size).toBe(1)
  })

  test('the last pass is told to others with the renewal of the lease', async () => {
    const file = freshFile()
    const clock = new TestClock(noon)
    const daemon = opened(file, 'act', clock)
    const reader = opened(file, 'read', clock)
    daemon.lease.take()
    remember(daemon, planned(), world(), applied)
    await clock.advance(60)
    remember(daemon, planned(), world(), applied)
    expect(reader.lastPassAt()).toBeNull()
    daemon.lease.renew()
    expect(reader.lastPassAt()).toBe('2026-07-29T12:01:00.000Z')
    expect(reader.lastPlan()?.at).toBe('2026-07-29T12:01:00.000Z')
    await clock.advance(60)
    remember(daemon, planned(), world(), applied)
    daemon[Symbol.dispose]()
    expect(reader.lastPassAt()).toBe('2026-07-29T12:02:00.000Z')
    expect(reader.lease.holder()).toBeNull()
  })

  const unverified = summary('2026-07-28T02:00:00.000Z')
  const verified = summary('2026-07-28T02:00:00.000Z', { verified: { checksum: noon } })
  const partial = summary('2026-07-27T02:00:00.000Z', { state: 'partial' })
  const interrupted = summary('2026-07-26T02:00:00.000Z', { state: 'interrupted' })
  const away = { location: new Map([['main', notSeen('main', 'no answer')]]) }

  test.each<[string, boolean, SetSummary[], Parameters<typeof world>[1]?]>([
    ['with an empty share', true, []],
    ['when every set was verified', true, [verified, interrupted]],
    ['not while one is unverified', false, [verified, unverified]],
    ['not while a partial one is unverified', false, [verified, partial]],
    ['not before the share was seen', false, [], away],
    ['not without any location', false, [], { location: new Map() }],
  ])('a new store is settled %s', (_, settled, sets, facts) => {
    const store = opened()
    remember(store, planned(), world(sets, facts), applied)
    expect(store.memory().settled).toBe(settled)
  })

  test('a store that was settled stays so', () => {
    const store = opened()
    remember(store, planned(), world(), applied)
    remember(store, planned(), world([unverified]), applied)
    expect(store.memory().settled).toBe(true)
  })
})
