import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { addSeconds } from '../../src/base/time.ts'
import type { ProblemCode } from '../../src/base/problem-codes.ts'
import type { BackupSet } from '../../src/domain/backup-set.ts'
import { readCatalogue, summarise } from '../../src/sets/catalogue.ts'
import { begin, configuration, location, makeSet, makeWorld, memoryCache, userData, type World } from './world.ts'

const nobody = new Set<string>()

function read(world: World, cache = memoryCache()): Promise<BackupSet[]> {
  return readCatalogue(location, cache, nobody, world.drivers).then(({ sets }) => sets)
}

describe('the catalogue', () => {
  test('lists the sets of all policies, newest first, with what was recorded', async () => {
    const world = await makeWorld()
    const first = await makeSet(world)
    world.clock.jump(3600)
    const second = await makeSet(world, { policy: 'weekly', whole: false, cause: 'intentional', slot: null })
    const sets = await read(world)
    expect(sets).toEqual([second, first])
  })

  test('keeps the code of an item that failed, and the words of one whose code it does not know', async () => {
    const world = await makeWorld()
    const set = await begin(world)
    const failed = { path: 'data', outcome: 'failed', bytes: 0, message: 'It is gone.' } as const
    await set.add({ ...configuration, ...failed, code: 'host-unreachable' }, [])
    await set.add({ ...userData, ...failed, code: 'of-a-later-version' as ProblemCode }, [])
    await set.commit()
    const [known] = await read(world)
    expect(known!.items).toEqual([
      { ...configuration, ...failed, code: 'host-unreachable' },
      { ...userData, ...failed },
    ])
  })

  test('reads a closed set once, and an open one again', async () => {
    const world = await makeWorld()
    const closed = await makeSet(world)
    world.clock.jump(60)
    const open = await begin(world)
    const cache = memoryCache()
    await read(world, cache)
    expect(cache.puts.toSorted()).toEqual([closed.id, open.id])
    await rm(join(closed.path, 'backup-set.json'))
    expect((await read(world, cache)).map(({ state }) => state)).toEqual(['interrupted', 'complete'])
    expect(cache.puts).toHaveLength(2)
    await open.commit()
    expect((await read(world, cache)).map(({ state }) => state)).toEqual(['partial', 'complete'])
    expect(cache.puts).toHaveLength(3)
  })

  test('fault S24: after a lost store many sets are remembered together, and not one by one', async () => {
    const world = await makeWorld()
    await makeSet(world)
    for (let n = 0; n < 300; n++) {
      const time = addSeconds('2026-06-01T00:00:00.000Z', n).replaceAll(/[-:]|\.\d+/g, '')
      await mkdir(join(world.share, 'nightly', `${time}-aaaa`))
    }
    const cache = memoryCache()
    let calls = 0
    const counting = {
      ...cache,
      put(...sets: BackupSet[]) {
        calls++
        cache.put(...sets)
      },
    }
    const sets = await read(world, counting)
    expect(new Set(cache.puts).size).toBe(301)
    expect(sets).toHaveLength(301)
    expect(calls).toBeLessThan(60)
  })

  test('forgets what is gone, and finds it again on an empty cache', async () => {
    const world = await makeWorld()
    const gone = await makeSet(world)
    world.clock.jump(60)
    const kept = await makeSet(world)
    const cache = memoryCache()
    await read(world, cache)
    await rm(gone.path, { recursive: true })
    expect(await read(world, cache)).toEqual([kept])
    expect(cache.ids('main')).toEqual([kept.id])
    expect(await read(world)).toEqual([kept])
  })

  test('misses a committed set that was removed, and no folder that never became a set', async () => {
    const world = await makeWorld()
    const gone = await makeSet(world)
    world.clock.jump(60)
    const open = await begin(world)
    const cache = memoryCache()
    await read(world, cache)
    await rm(join(world.share, 'nightly'), { recursive: true })
    world.clock.jump(60)
    expect(await read(world, cache)).toEqual([])
    expect(cache.vanished()).toEqual([
      {
        id: gone.id,
        location: 'main',
        unc: gone.unc,
        state: 'complete',
        startedAt: '2026-07-29T02:00:00.000Z',
        bytes: gone.bytes,
        vanishedAt: '2026-07-29T02:02:00.000Z',
      },
    ])
    expect(cache.get(open.id)).toBeNull()
  })

  test('misses nothing when it is the share that goes away', async () => {
    const world = await makeWorld()
    const set = await makeSet(world)
    const cache = memoryCache()
    await read(world, cache)
    await rm(join(world.share, 'nightly'), { recursive: true })
    await rm(join(world.share, 'holdfast-location.json'))
    await expect(read(world, cache)).rejects.toMatchObject({ code: 'location-unclaimed', subject: 'main' })
    expect(cache.vanished()).toEqual([])
    expect(cache.ids('main')).toEqual([set.id])
  })

  test('misses nothing of the share that the location had before a commit', async () => {
    const world = await makeWorld()
    const set = await makeSet(world)
    const cache = memoryCache()
    cache.put({ ...set, unc: String.raw`\\backup02.contoso.com\LyncBackup\nightly\x` })
    await rm(set.path, { recursive: true })
    await read(world, cache)
    expect([cache.vanished(), cache.ids('main')]).toEqual([[], []])
  })

  test('leaves everything foreign alone and does not count it', async () => {
    const world = await makeWorld()
    const set = await makeSet(world)
    await writeFile(join(world.share, 'Thumbs.db'), '')
    await mkdir(join(world.share, 'somebody', '20260729T020000Z-copy2'), { recursive: true })
    await mkdir(join(world.share, 'nightly', 'old'))
    await writeFile(join(world.share, 'nightly', 'notes.txt'), '')
    const before = await readdir(world.share, { recursive: true })
    expect(await read(world)).toEqual([set])
    expect(await readdir(world.share, { recursive: true })).toEqual(before)
  })

  test('ignores the sets of another deployment', async () => {
    const world = await makeWorld()
    const set = await makeSet(world)
    const record = await readFile(join(set.path, 'backup-set.json'), 'utf8')
    await writeFile(
      join(set.path, 'backup-set.json'),
      record.replace('"deployment": "contoso"', '"deployment": "fabrikam"'),
    )
    expect(await read(world)).toEqual([])
  })

  test.each([
    ['of other bytes', (text: string) => text.replace('"ok"', '"ok" ')],
    ['that is cut', (text: string) => text.slice(0, 100)],
    ['of another set', (text: string) => text.replaceAll('20260729T020000Z', '20250729T020000Z')],
    ['of an open run', (text: string) => text.replace(/"finishedAt": "[^"]*"/, '"finishedAt": null')],
  ])('takes a set with a record %s for damaged, with no item', async (_name, change) => {
    const world = await makeWorld()
    const set = await makeSet(world)
    const file = join(set.path, 'backup-set.json')
    await writeFile(file, change(await readFile(file, 'utf8')))
    expect(await read(world)).toMatchObject([{ id: set.id, state: 'damaged', items: [] }])
  })

  test('takes a set that says complete, but lacks a required item, for partial', async () => {
    const world = await makeWorld()
    const set = await makeSet(world)
    const file = join(set.path, 'backup-set.json')
    const record = JSON.parse(await readFile(file, 'utf8')) as { items: unknown[] }
    const text = JSON.stringify({ ...record, state: 'complete', items: record.items.slice(0, 1) })
    await writeFile(file, text)
    const tags = join(set.path, 'tagmanifest-sha256.txt')
    const sum = createHash('sha256').update(text).digest('hex')
    await writeFile(tags, (await readFile(tags, 'utf8')).replace(/^\w{64}(?= {2}backup-set)/m, sum))
    expect(await read(world)).toMatchObject([{ state: 'partial' }])
  })

  test('tells a share that does not answer', async () => {
    const world = await makeWorld()
    await rm(world.share, { recursive: true })
    await expect(read(world)).rejects.toMatchObject({ code: 'location-unreachable', subject: 'main' })
  })
})

describe('summaries', () => {
  test('share their lists between sets of the same content', async () => {
    const world = await makeWorld()
    const one = await makeSet(world)
    world.clock.jump(60)
    const two = await makeSet(world)
    const [first, second] = summarise([one, two])
    expect(first).toMatchObject({ id: one.id, state: 'complete', ok: [configuration, userData], verified: {} })
    expect(second!.ok).toBe(first!.ok)
  })

  test('say why an item is not ok, each with its own words', async () => {
    const world = await makeWorld()
    const set = await makeSet(world)
    const failing = (message: string): BackupSet => ({
      ...set,
      items: set.items.map((item) => ({ ...item, outcome: 'failed', code: 'host-unreachable', message })),
    })
    const [first, second, third] = summarise([failing('gone'), failing('gone'), failing('late')])
    expect(first!.flawed).toEqual([
      { ...configuration, outcome: 'failed', code: 'host-unreachable', message: 'gone' },
      { ...userData, outcome: 'failed', code: 'host-unreachable', message: 'gone' },
    ])
    expect(second!.flawed).toBe(first!.flawed)
    expect(third!.flawed).toMatchObject([{ message: 'late' }, { message: 'late' }])
  })

  test('count nothing of a set without commit record, and name what is not ok', async () => {
    const world = await makeWorld()
    const set = await makeSet(world)
    const damaged: BackupSet = { ...set, items: set.items.map((item) => ({ ...item, outcome: 'damaged' })) }
    const open: BackupSet = { ...set, state: 'interrupted', finishedAt: null }
    expect(summarise([damaged, open])).toMatchObject([
      {
        ok: [],
        flawed: [
          { ...configuration, outcome: 'damaged' },
          { ...userData, outcome: 'damaged' },
        ],
      },
      { ok: [] },
    ])
  })

  test('take a level for passed where a higher file level was', async () => {
    const set = await makeSet(await makeWorld())
    const verifications = [
      { level: 'checksum', at: '2026-07-30T00:00:00.000Z', outcome: 'ok' },
      { level: 'structure', at: '2026-08-01T00:00:00.000Z', outcome: 'ok' },
      { level: 'content', at: '2026-07-01T00:00:00.000Z', outcome: 'damaged' },
      { level: 'sql', at: '2026-07-02T00:00:00.000Z', outcome: 'ok' },
    ] as const
    expect(summarise([{ ...set, verifications }])[0]!.verified).toEqual({
      structure: '2026-08-01T00:00:00.000Z',
      checksum: '2026-07-30T00:00:00.000Z',
      sql: '2026-07-02T00:00:00.000Z',
    })
  })
})
