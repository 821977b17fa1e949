import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BackupSet, ItemOutcome } from '../../src/domain/backup-set.ts'
import { itemKinds, itemStates, setStates } from '../../src/domain/words.ts'
import { summarise } from '../../src/sets/summary.ts'
import { DatabaseSync } from 'node:sqlite'
import { freshFile, opened } from './rooms.ts'
import { backupSet } from './samples.ts'

const [configuration, database] = backupSet('x').required

const time = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((date) => date.toISOString())
const text = fc.string({ unit: 'grapheme', maxLength: 12 })
const outcome: fc.Arbitrary<ItemOutcome> = fc.record(
  {
    kind: fc.constantFrom(...itemKinds),
    subject: text,
    path: text,
    outcome: fc.constantFrom(...itemStates),
    bytes: fc.nat(Number.MAX_SAFE_INTEGER),
    code: fc.constantFrom('host-unreachable', 'sql-permission'),
    message: text,
    counts: fc.dictionary(text, fc.nat()),
    database: fc.record(
      {
        recoveryModel: text,
        collation: fc.option(text),
        files: fc.array(fc.record({ name: text, type: text, path: text }, { noNullPrototype: true }), { maxLength: 3 }),
        encryptor: fc.option(text),
        logShipped: fc.boolean(),
      },
      { requiredKeys: ['recoveryModel', 'collation', 'files', 'encryptor'], noNullPrototype: true },
    ),
    notTaken: fc.dictionary(text, fc.record({ count: fc.nat(), names: fc.array(text, { maxLength: 5 }) })),
  },
  { requiredKeys: ['kind', 'subject', 'path', 'outcome', 'bytes'], noNullPrototype: true },
)
const anySet: fc.Arbitrary<BackupSet> = fc.record(
  {
    id: text.map((name) => `nightly/${name}`),
    policy: text,
    location: fc.constantFrom('main', 'second'),
    path: text,
    unc: text,
    revision: text,
    cause: fc.constantFrom('scheduled', 'intentional', 'corrective', 'manual'),
    slot: fc.option(time),
    whole: fc.boolean(),
    required: fc.array(fc.record({ kind: fc.constantFrom(...itemKinds), subject: text }, { noNullPrototype: true }), {
      maxLength: 4,
    }),
    items: fc.array(outcome, { maxLength: 4 }),
    state: fc.constantFrom(...setStates),
    startedAt: time,
    finishedAt: fc.option(time),
    bytes: fc.nat(Number.MAX_SAFE_INTEGER),
    files: fc.nat(),
    verifications: fc.constant([]),
  },
  { noNullPrototype: true },
)

describe('cache of sets', () => {
  test('gives back every set as it was put', () => {
    const store = opened()
    const { sets } = store
    fc.assert(
      fc.property(fc.array(anySet, { minLength: 1, maxLength: 5 }), (put) => {
        for (const set of put) sets.put(set)
        const newest = new Map(put.map((set) => [set.id, set]))
        for (const [id, set] of newest) expect(sets.get(id)).toEqual(set)
        for (const location of ['main', 'second']) {
          const known = store.knownSets(location)
          expect(known.map(({ id }) => id)).toEqual(sets.ids(location))
          for (const set of known) if (newest.has(set.id)) expect(set).toEqual(newest.get(set.id))
        }
      }),
      { numRuns: 60 },
    )
  })

  test('takes many sets at once, all or none', () => {
    using store = opened()
    const names = ['a', 'b', 'c']
    store.sets.put(...names.map((name) => backupSet(name)))
    expect(names.map((name) => store.sets.get(backupSet(name).id)?.id)).toEqual(names.map((n) => backupSet(n).id))
    const broken = { ...backupSet('e'), startedAt: null as unknown as string }
    expect(() => {
      store.sets.put(backupSet('d'), broken)
    }).toThrow()
    expect(store.sets.get(backupSet('d').id)).toBeNull()
  })

  test('lists the sets of a location newest first, and of no other', () => {
    const store = opened()
    const { sets } = store
    sets.put(backupSet('b', { startedAt: '2026-07-28T02:00:00.000Z' }))
    sets.put(backupSet('c', { startedAt: '2026-07-29T02:00:00.000Z' }))
    sets.put(backupSet('a', { startedAt: '2026-07-27T02:00:00.000Z' }))
    sets.put(backupSet('d', { location: 'second' }))
    expect(sets.ids('main')).toEqual(['nightly/c', 'nightly/b', 'nightly/a'])
    expect(store.knownSets('main').map(({ id }) => id)).toEqual(['nightly/c', 'nightly/b', 'nightly/a'])
    sets.forget('nightly/b')
    expect(sets.ids('main')).toEqual(['nightly/c', 'nightly/a'])
    expect(sets.get('nightly/b')).toBeNull()
  })

  test('can be copied, changed and written as JSON like any object', () => {
    const { sets } = opened()
    sets.put(backupSet('a'))
    const set = sets.get('nightly/a')!
    expect({ ...set, state: 'partial' }.items).toEqual(backupSet('a').items)
    expect(JSON.parse(JSON.stringify(set))).toEqual(backupSet('a'))
  })

  test('stores what sets have in common once, and drops it with the last of them', () => {
    const file = freshFile()
    const { sets } = opened(file)
    const sqlite = new DatabaseSync(file)
    const shapes = (): unknown => sqlite.prepare('SELECT count(*) AS "count" FROM "setShape"').get()?.['count']
    for (let index = 0; index < 20; index++) sets.put(backupSet(String(index), { bytes: index }))
    expect(shapes()).toBe(1)
    sets.put(backupSet('0', { items: [] }))
    expect(shapes()).toBe(2)
    for (let index = 1; index < 20; index++) sets.forget(`nightly/${index}`)
    expect(shapes()).toBe(1)
    sqlite.close()
  })

  test('sets with nothing but ok items share one list of them; damage, and a set of another hand, have none', () => {
    const { sets } = opened()
    sets.put(backupSet('a'), backupSet('b', { bytes: 5 }))
    const [a, b] = [sets.get('nightly/a')!, sets.get('nightly/b')!]
    expect(sets.allOk(a)).toEqual([configuration, database])
    expect(sets.allOk(b)).toBe(sets.allOk(a))
    expect(sets.allOk({ ...a, items: [] })).toBeNull()
    expect(summarise([a, b], sets).map(({ ok }) => ok)).toEqual([sets.allOk(a), sets.allOk(a)])
    const at = '2026-07-29T03:00:00.000Z'
    sets.prove('nightly/a', { level: 'checksum', at, outcome: 'damaged', damagedItems: [database!] })
    expect(sets.allOk(sets.get('nightly/a')!)).toBeNull()
    expect(sets.allOk(sets.get('nightly/b')!)).toEqual([configuration, database])
    const flawed = backupSet('c').items.map((item) => ({ ...item, outcome: 'suspect' as const }))
    sets.put(backupSet('c', { items: flawed }), backupSet('d', { finishedAt: null, state: 'interrupted' }))
    expect(sets.allOk(sets.get('nightly/c')!)).toBeNull()
    expect(summarise([sets.get('nightly/d')!], sets)[0]!.ok).toEqual([])
  })

  test('proofs are the verifications of a set: of each level the newest', () => {
    const store = opened()
    const { sets } = store
    sets.put(backupSet('a'))
    const prove = (level: 'structure' | 'checksum', at: string): void =>
      sets.prove('nightly/a', { level, at, outcome: 'ok', damagedItems: [] })
    prove('checksum', '2026-07-29T03:00:00.000Z')
    prove('structure', '2026-07-29T02:10:00.000Z')
    prove('checksum', '2026-07-30T03:00:00.000Z')
    const expected = [
      { level: 'structure', at: '2026-07-29T02:10:00.000Z', outcome: 'ok' },
      { level: 'checksum', at: '2026-07-30T03:00:00.000Z', outcome: 'ok' },
    ]
    expect(sets.get('nightly/a')?.verifications).toEqual(expected)
    expect(store.knownSets('main')[0]?.verifications).toEqual(expected)
    expect(sets.proofs('nightly/a')).toHaveLength(2)
    expect(sets.get('nightly/a')?.state).toBe('complete')
  })

  test('damage is final, and falls on the items that it was found in', () => {
    const store = opened()
    const { sets } = store
    sets.put(backupSet('a'))
    const proof = { level: 'checksum' as const, at: '2026-07-30T03:00:00.000Z' }
    sets.prove('nightly/a', {
      ...proof,
      outcome: 'damaged',
      damagedItems: [{ ...database!, subject: 'SQL01.contoso.com\\rtc/lcscdr' }],
    })
    sets.prove('nightly/a', { ...proof, outcome: 'ok', damagedItems: [] })
    sets.put(backupSet('a'))
    for (const set of [sets.get('nightly/a'), store.knownSets('main')[0]]) {
      expect(set?.state).toBe('damaged')
      expect(set?.items.map((item) => item.outcome)).toEqual(['ok', 'damaged'])
    }
    sets.prove('nightly/a', { ...proof, outcome: 'damaged', damagedItems: [configuration!] })
    expect(sets.get('nightly/a')?.items.map((item) => item.outcome)).toEqual(['damaged', 'damaged'])
  })

  test('damage that belongs to no item makes the set damaged, and spoils none of its items', () => {
    const { sets } = opened()
    const [first, second] = backupSet('a').items
    sets.put(backupSet('a', { items: [first!, { ...second!, outcome: 'failed' }], state: 'partial' }))
    sets.prove('nightly/a', {
      level: 'structure',
      at: '2026-07-30T03:00:00.000Z',
      outcome: 'damaged',
      damagedItems: [],
    })
    expect(sets.get('nightly/a')).toMatchObject({ state: 'damaged' })
    expect(sets.get('nightly/a')?.items.map((item) => item.outcome)).toEqual(['ok', 'failed'])
  })

  test('proofs outlive a listing that missed the set for a while', () => {
    const { sets } = opened()
    sets.put(backupSet('a'))
    sets.prove('nightly/a', { level: 'checksum', at: '2026-07-30T03:00:00.000Z', outcome: 'ok', damagedItems: [] })
    sets.forget('nightly/a')
    sets.put(backupSet('a'))
    expect(sets.get('nightly/a')?.verifications).toHaveLength(1)
  })
})

test('what a first listing found is known and not vouched, and stays so until the location is listed anew', () => {
  const file = freshFile()
  const { sets } = opened(file)
  const [made, found] = ['a', 'b'].map((name) => ({ id: `nightly/${name}`, commitSha256: name.repeat(64) }))
  if (!made || !found) throw new Error('there are two')
  sets.vouch([made])
  sets.find('main', [{ ...made, commitSha256: 'f'.repeat(64) }, found], new Set(['weekly']))

  const again = opened(file).sets
  expect(again.neverListed('main')).toEqual(new Set(['weekly']))
  expect([made, found].map(({ id, commitSha256 }) => again.isFormer(id, commitSha256))).toEqual([true, true])
  expect([made, found].map(({ id, commitSha256 }) => again.isVouched(id, commitSha256))).toEqual([true, false])

  again.listAnew('main')
  expect(again.neverListed('main')).toBe(null)
})
