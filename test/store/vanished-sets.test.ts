import { describe, expect, test } from 'vitest'
import { overlayCache } from '../../src/sets/overlay-cache.ts'
import { freshFile, opened, tamper } from './rooms.ts'
import { backupSet, noon } from './samples.ts'

const [a, b] = [backupSet('a'), backupSet('b')]
const missedA = {
  id: 'nightly/a',
  location: 'main',
  unc: String.raw`\\backup01.contoso.com\LyncBackup\nightly\a`,
  state: 'complete',
  startedAt: '2026-07-29T02:00:00.000Z',
  bytes: 5_000_001_234,
  vanishedAt: noon,
}

describe('sets that vanished', () => {
  test('are missed, by this process and by the next, and are sets no more', () => {
    const file = freshFile()
    const store = opened(file)
    const { sets } = store
    sets.put(a, b)
    sets.vanish([a], noon)
    expect([sets.get(a.id), sets.ids('main')]).toEqual([null, [b.id]])
    expect(store.memory().vanished).toEqual([missedA])
    expect(opened(file, 'read').memory().vanished).toEqual([missedA])
  })

  test('are sets again once they are back', () => {
    const store = opened()
    const { sets } = store
    sets.put(a, b)
    sets.vanish([a], noon)
    sets.put(a)
    expect(store.memory().vanished).toEqual([])
    expect(sets.get(a.id)).toEqual(a)
  })

  test('are missed no more once they are acknowledged, others still are', () => {
    const store = opened()
    store.sets.put(a, b)
    store.sets.vanish([a, b], noon)
    store.acknowledge([b.id])
    expect(store.memory().vanished).toEqual([missedA])
  })

  test('keep the damage that was found in them', () => {
    const store = opened()
    const { sets } = store
    sets.put(a)
    sets.prove(a.id, { level: 'checksum', at: noon, outcome: 'damaged', damagedItems: [] })
    sets.vanish([sets.get(a.id)!], noon)
    expect(store.memory().vanished).toEqual([{ ...missedA, state: 'damaged' }])
  })

  test('are not those that Holdfast forgets itself', () => {
    const store = opened()
    const { sets } = store
    sets.put(a)
    sets.forget(a.id)
    expect(store.memory().vanished).toEqual([])
  })

  test('are the same list for as long as nobody changes it', () => {
    const store = opened()
    const { sets } = store
    sets.put(a, b)
    sets.vanish([a], noon)
    const before = store.memory().vanished
    sets.put(b)
    expect(store.memory().vanished).toBe(before)
  })
})

test('a store of the first version gets the table, and keeps its sets', () => {
  const file = freshFile()
  const old = opened(file)
  old.sets.put(a)
  old[Symbol.dispose]()
  tamper(
    file,
    'DROP TABLE "vanishedSet"',
    'DROP TABLE "commitRecord"',
    'ALTER TABLE "backupSet" DROP COLUMN "commitSha256"',
    'DROP TABLE "heartbeat"',
    'ALTER TABLE "lease" DROP COLUMN "namespace"',
    'ALTER TABLE "intent" DROP COLUMN "percent"',
    'ALTER TABLE "intent" DROP COLUMN "reading"',
    'ALTER TABLE "attempt" DROP COLUMN "code"',
    'DELETE FROM "migration" WHERE "version" > 1',
  )
  const store = opened(file)
  const { sets } = store
  expect([sets.ids('main'), store.memory().vanished]).toEqual([[a.id], []])
  sets.vanish([a], noon)
  expect(store.memory().vanished).toEqual([missedA])
})

test('a command that only reads misses them in memory alone', () => {
  const store = opened()
  store.sets.put(a, b)
  store.sets.vanish([b], noon)
  const cache = overlayCache(store.sets)
  cache.vanish([a], noon)
  expect(cache.vanished().map(({ id }) => id)).toEqual([b.id, a.id])
  expect([cache.get(a.id), cache.ids('main')]).toEqual([null, []])
  cache.put(b)
  expect(cache.vanished()).toEqual([missedA])
  expect(store.memory().vanished.map(({ id }) => id)).toEqual([b.id])
  expect(store.sets.ids('main')).toEqual([a.id])
})
