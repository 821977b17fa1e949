import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { BackupSet } from '../../src/domain/backup-set.ts'
import type { ItemKind } from '../../src/domain/words.ts'
import { desiredState, location } from '../support/desired.ts'
import { backupSet } from '../store/samples.ts'
import { bench, memoryCache } from './bench.ts'

const share = location().share
const desired = desiredState({ pools: [], sqlStores: [], fileStores: [] })
const record = { 'fe01.contoso.com': { dns: '10.0.0.1' } }

/** A complete set of these items, each ok, in a folder of the share. */
function setOf(root: string, name: string, kinds: readonly ItemKind[], more: Partial<BackupSet> = {}): BackupSet {
  const time = name.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z.*/, '$1-$2-$3T$4:$5:$6.000Z')
  return backupSet(name, {
    path: join(root, 'nightly', name),
    required: kinds.map((kind) => ({ kind, subject: 'contoso' })),
    items: kinds.map((kind) => {
      const path = kind === 'environment' ? 'data/environment' : `data/${kind}/x`
      return { kind, subject: 'contoso', path, outcome: 'ok' as const, bytes: 1 }
    }),
    startedAt: time,
    finishedAt: time,
    commitSha256: '0'.repeat(64),
    ...more,
  })
}

/** A share with these sets, whose folders are there. */
function stand(make: (root: string) => BackupSet[]) {
  const cache = memoryCache()
  const built = bench(null, cache)
  const root = built.share(share)
  const identity = { format: 'holdfast/location/v1', id: 'l1', deployment: 'contoso', owner: 'owner-1' }
  const claimed = { ...identity, claimedAt: '2026-07-01T00:00:00.000Z' }
  writeFileSync(join(root, 'holdfast-location.json'), JSON.stringify(claimed))
  const put = (...sets: BackupSet[]): void => {
    for (const set of sets) {
      mkdirSync(join(set.path, 'data', 'environment'), { recursive: true })
      writeFileSync(join(set.path, 'data', 'environment', 'environment.json'), JSON.stringify(record))
    }
    cache.put(...sets)
  }
  put(...make(root))
  built.observer.follow(desired)
  const records = () => built.observer.snapshot().facts.environmentRecord
  return { ...built, root, put, records, look: () => built.observer.look(['main']) }
}

const older = '20260727T020000Z-aaaa'
const newer = '20260728T020000Z-bbbb'

describe('the records of sets', () => {
  test('are those of the sets that hold a newest ok copy, and of no other', async () => {
    const { look, records } = stand((root) => [
      setOf(root, '20260726T020000Z-cccc', ['environment', 'configuration']),
      setOf(root, older, ['environment', 'configuration', 'user-data']),
      setOf(root, newer, ['environment', 'configuration']),
    ])
    await look()
    expect([...records().keys()].sort()).toEqual([`nightly/${older}`, `nightly/${newer}`])
    expect(records().get(`nightly/${newer}`)).toMatchObject({ known: true, source: 'backup set', value: { record } })
  })

  test('are read once, follow the sets, and survive a restart', async () => {
    const { look, records, put, root, observer } = stand((root) => [setOf(root, older, ['environment'])])
    await look()
    rmSync(join(root, 'nightly', older, 'data'), { recursive: true })
    await look()
    expect(records().get(`nightly/${older}`)?.known).toBe(true)
    const again = bench(observer.snapshot().facts, memoryCache())
    again.observer.follow(desired)
    expect(again.observer.snapshot().facts.environmentRecord.get(`nightly/${older}`)?.known).toBe(true)
    put(setOf(root, newer, ['environment']))
    await look()
    expect([...records().keys()]).toEqual([`nightly/${newer}`])
  })

  test.each([
    ['is not there', null],
    ['is no JSON', '{ "fe01'],
    ['has another shape', '{ "fe01.contoso.com": "10.0.0.1" }'],
    ['is a list', '[]'],
    ['holds numbers', '{ "fe01.contoso.com": { "dns": 10 } }'],
  ])('one that %s is unknown, and is tried again', async (_, text) => {
    const { look, records, root } = stand((root) => [setOf(root, older, ['environment'])])
    const file = join(root, 'nightly', older, 'data', 'environment', 'environment.json')
    if (text === null) rmSync(file)
    else writeFileSync(file, text)
    await look()
    expect(records().get(`nightly/${older}`)).toMatchObject({ known: false })
    writeFileSync(file, JSON.stringify(record))
    await look()
    expect(records().get(`nightly/${older}`)).toMatchObject({ known: true, value: { record } })
  })

  const broken = { 'fe01.contoso.com': { dns: 'none' } }
  const recordIn = (root: string, name: string, text: object): void =>
    writeFileSync(join(root, 'nightly', name, 'data', 'environment', 'environment.json'), JSON.stringify(text))

  test('of what a set recorded nothing, the newest set before it tells, for as long as that lasts', async () => {
    const { look, records, put, root } = stand((at) => [setOf(at, older, ['environment'])])
    await look()
    for (const name of [newer, '20260729T020000Z-cccc']) {
      put(setOf(root, name, ['environment']))
      recordIn(root, name, broken)
      await look()
      expect([...records().keys()]).toEqual([`nightly/${name}`])
      expect(records().get(`nightly/${name}`)).toMatchObject({ value: { record: broken, earlier: record } })
    }
  })

  test('so it is after a lost store too, when older sets have to be read', async () => {
    const names = ['20260725T020000Z-cccc', older, newer]
    const { look, records, root } = stand((at) => names.map((name) => setOf(at, name, ['environment'])))
    for (const name of names.slice(1)) recordIn(root, name, broken)
    await look()
    expect([...records().keys()]).toEqual([`nightly/${newer}`])
    expect(records().get(`nightly/${newer}`)).toMatchObject({ value: { record: broken, earlier: record } })
  })

  test('one whose item failed is unknown', async () => {
    const { look, records } = stand((root) => [setOf(root, older, ['configuration'], { state: 'partial' })])
    await look()
    expect(records().get(`nightly/${older}`)).toMatchObject({
      known: false,
      error: 'The set holds no environment record that is ok.',
    })
  })
})
