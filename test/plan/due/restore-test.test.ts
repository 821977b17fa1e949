import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addSeconds } from '../../../src/base/time.ts'
import type { Attempt } from '../../../src/domain/action.ts'
import type { SetSummary } from '../../../src/domain/backup-set.ts'
import type { RestoreTest } from '../../../src/domain/model.ts'
import type { PolicyProofs } from '../../../src/domain/restore-proofs.ts'
import { pick } from '../../../src/plan/due/restore-test.ts'
import { plan } from '../../../src/plan/plan.ts'
import { desiredState, policy, sqlStore } from '../../support/desired.ts'
import { memory, readyLocation, seen, summary, world } from '../../support/observed.ts'

const now = '2026-03-10T14:00:00.000Z'
const ok = [{ kind: 'sql-database' as const, subject: 'sql05.contoso.com/LcsCDR' }]
const files = [{ kind: 'file-store' as const, subject: '\\\\fs01.contoso.com\\Lync' }]
const made = (startedAt: string, more: Partial<SetSummary> = {}): SetSummary =>
  summary(startedAt, { ok, verified: { checksum: now }, ...more })

const oldest = made('2026-03-08T02:00:00.000Z')
const middle = made('2026-03-09T02:00:00.000Z')
const last = made('2026-03-10T02:00:00.000Z')
const databases = { sqlStore: sqlStore('test.contoso.com'), folder: 'D:\\Test' }
const monthly: RestoreTest = { databases, files: null, imports: false, everyDays: 30, validDays: null }

function due(
  sets: SetSummary[],
  more: { test?: RestoreTest; turns?: PolicyProofs['turns']; attempts?: Attempt[] } = {},
): string[] {
  const { test = monthly, turns = {}, attempts = [] } = more
  const verification = { onCreate: 'checksum' as const, everyDays: null, restoreTest: test }
  const desired = desiredState({ policies: [policy('Nightly', { verification })] })
  const location = new Map([['main', seen('main', readyLocation({ pointers: { nightly: last.id } }))]])
  const known = memory({ attempts, restoreProofs: { nightly: { kinds: {}, turns } } })
  const { actions } = plan(desired, world(sets, { location }), known, now)
  return actions.flatMap((action) =>
    action.kind === 'verify-backup-set' && action.level === 'restore' ? [`${action.turn} ${action.set}`] : [],
  )
}

function failed(set: string, endedAt: string): Attempt {
  return {
    ...{ action: 'a', kind: 'verify-backup-set', subject: set, slot: null, startedAt: endedAt, endedAt },
    ...{ outcome: 'failed', message: 'no answer', set, request: null },
  }
}

describe('restore tests', () => {
  it('are made of the newest set and of an older one, once the first set is a day old', () => {
    expect(due([middle, last])).toEqual([`older ${middle.id}`, `newest ${last.id}`])
    expect(due([last])).toEqual([])
    expect(due([oldest])).toEqual([`newest ${oldest.id}`])
  })

  it('come again by age, each turn by its own', () => {
    const recent = '2026-03-01T00:00:00.000Z'
    const long = '2026-02-01T00:00:00.000Z'
    expect(due([middle, last], { turns: { newest: recent, older: recent } })).toEqual([])
    expect(due([middle, last], { turns: { newest: long, older: recent } })).toEqual([`newest ${last.id}`])
    expect(due([middle, last], { turns: { newest: recent, older: long } })).toEqual([`older ${middle.id}`])
    expect(due([middle, last], { turns: { newest: recent } })).toEqual([`older ${middle.id}`])
  })

  it('never by themselves without everyDays; of no set that holds nothing of what is tested, or is not complete', () => {
    expect(due([middle, last], { test: { ...monthly, everyDays: null } })).toEqual([])
    const onlyFiles = { ...monthly, databases: null, files: '\\\\scratch01.contoso.com\\Restore' }
    expect(due([middle, last], { test: onlyFiles })).toEqual([])
    expect(due([{ ...middle, ok: files }, last], { test: onlyFiles })).toEqual([`newest ${middle.id}`])
    expect(due([{ ...middle, state: 'damaged' }, last])).toEqual([])
  })

  it('pick another older set where the one that was picked is damaged', () => {
    const [first] = due([oldest, middle, last]).filter((one) => one.startsWith('older'))
    const sets = [oldest, middle, last].map((set) =>
      first === `older ${set.id}` ? { ...set, state: 'damaged' as const } : set,
    )
    const [next] = due(sets, { turns: { newest: now } }).filter((one) => one.startsWith('older'))
    expect([`older ${oldest.id}`, `older ${middle.id}`].filter((one) => one !== first)).toEqual([next])
  })

  it('wait a while after one failed, and go on with the same set', () => {
    const [first = ''] = due([oldest, middle, last]).filter((one) => one.startsWith('older'))
    const set = first.replace('older ', '')
    expect(due([oldest, middle, last], { attempts: [failed(set, addSeconds(now, -5))] })).toEqual([`newest ${last.id}`])
    expect(due([oldest, middle, last], { attempts: [failed(set, addSeconds(now, -600))] })).toContain(first)
  })
})

describe('what chance picks', () => {
  const ids = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 20 })
  const setsOf = (names: readonly string[]) => names.map((id) => ({ id }))

  it('is one of the sets, in whatever order they come, and stays so while others come and go', () => {
    fc.assert(
      fc.property(ids, fc.string(), fc.integer({ min: 0 }), (names, seed, at) => {
        const picked = pick(setsOf(names), seed)?.id
        expect(names).toContain(picked)
        expect(pick(setsOf([...names].reverse()), seed)?.id).toBe(picked)
        const gone = names[at % names.length]
        const left = names.filter((name) => name !== gone)
        if (gone !== picked) expect(pick(setsOf(left), seed)?.id).toBe(picked)
      }),
    )
  })

  it('is each of them for some seed, about as often as any other', () => {
    const names = Array.from({ length: 5 }, (_, n) => `set ${n}`)
    const times = Map.groupBy(
      Array.from({ length: 1000 }, (_, seed) => pick(setsOf(names), String(seed))?.id),
      (id) => id,
    )
    for (const name of names) expect(times.get(name)?.length).toBeGreaterThan(140)
  })

  it('is nothing of nothing', () => {
    expect(pick([], 'seed')).toBeNull()
  })
})
