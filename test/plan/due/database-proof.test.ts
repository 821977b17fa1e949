import { describe, expect, it } from 'vitest'
import type { Attempt } from '../../../src/domain/action.ts'
import type { SetSummary } from '../../../src/domain/backup-set.ts'
import type { Level } from '../../../src/domain/words.ts'
import { plan } from '../../../src/plan/plan.ts'
import { desiredState, policy, sqlStore } from '../../support/desired.ts'
import { memory, readyLocation, seen, summary, world } from '../../support/observed.ts'

const now = '2026-03-10T14:00:00.000Z'
const ok = [{ kind: 'sql-database' as const, subject: 'sql05.contoso.com/LcsCDR' }]
/** A set whose files were proved a moment ago: only SQL Server has not seen it. */
const made = (startedAt: string, verified: SetSummary['verified'] = {}, more: Partial<SetSummary> = {}): SetSummary =>
  summary(startedAt, { ok, verified: { checksum: now, ...verified }, ...more })

const first = made('2026-03-02T02:00:00.000Z')
const last = made('2026-03-10T02:00:00.000Z')

function due(
  sets: SetSummary[],
  more: { restoreTest?: boolean; everyDays?: number | null; failedAt?: string; restoredAt?: string } = {},
): [string, Level][] {
  const { everyDays = 7 } = more
  const databases = { sqlStore: sqlStore('test.contoso.com'), folder: 'D:\\Test' }
  const restoreTest = more.restoreTest
    ? { databases, files: null, imports: false, everyDays: null, validDays: null }
    : null
  const verification = { onCreate: 'checksum' as const, everyDays, restoreTest }
  const desired = desiredState({ policies: [policy('nightly', { verification })] })
  const location = new Map([['main', seen('main', readyLocation({ pointers: { nightly: last.id } }))]])
  const attempts = more.failedAt === undefined ? [] : [failed(more.failedAt)]
  const { restoredAt: at } = more
  const proof = at === undefined ? {} : { 'sql-database': { set: first.id, at, items: 1 } }
  const known = memory({ attempts, restoreProofs: { nightly: { kinds: proof, turns: {} } } })
  const { actions } = plan(desired, world(sets, { location }), known, now)
  return actions.flatMap((action) => (action.kind === 'verify-backup-set' ? [[action.set, action.level]] : []))
}

function failed(endedAt: string): Attempt {
  return {
    ...{ action: 'a', kind: 'verify-backup-set', subject: last.id, slot: null, startedAt: endedAt, endedAt },
    ...{ outcome: 'failed', message: 'no answer', set: last.id, request: null },
  }
}

describe('SQL Server proves the database backups', () => {
  it('of the newest set, once the first set is older than the policy allows', () => {
    expect(due([first, last])).toEqual([[last.id, 'sql']])
    expect(due([last])).toEqual([])
  })

  it('not by itself where the policy has restore tests of them, which have their own turns', () => {
    expect(due([first, last], { restoreTest: true })).toEqual([])
  })

  it('by age, not each night: one proof of any set of the policy holds for all its days', () => {
    expect(due([first, made('2026-03-04T02:00:00.000Z', { sql: '2026-03-04T04:00:00.000Z' }), last])).toEqual([])
    const old = made('2026-03-02T02:00:00.000Z', { sql: '2026-03-02T04:00:00.000Z' })
    expect(due([old, last])).toEqual([[last.id, 'sql']])
  })

  it('a restore test of a database counts for it', () => {
    expect(due([first, last], { restoredAt: '2026-03-04T04:00:00.000Z' })).toEqual([])
    expect(due([first, last], { restoredAt: '2026-03-01T04:00:00.000Z' })).toEqual([[last.id, 'sql']])
  })

  it('never by itself without everyDays, of a damaged set, or of one without databases', () => {
    expect(due([first, last], { everyDays: null })).toEqual([])
    expect(due([first, made(last.startedAt, {}, { state: 'damaged' })])).toEqual([[first.id, 'sql']])
    expect(
      due([
        { ...first, ok: [] },
        { ...last, ok: [] },
      ]),
    ).toEqual([])
  })

  it('again only a while after it failed, but a failure that a wrong clock dated ahead holds nothing back', () => {
    expect(due([first, last], { failedAt: '2026-03-10T13:59:50.000Z' })).toEqual([])
    expect(due([first, last], { failedAt: '2026-03-10T13:58:00.000Z' })).toEqual([[last.id, 'sql']])
    expect(due([first, last], { failedAt: '2027-03-10T14:00:00.000Z' })).toEqual([[last.id, 'sql']])
  })
})
