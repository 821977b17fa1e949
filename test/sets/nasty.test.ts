/** File systems that break their word: none of it makes a set count that should not, or harms an older one. */
import { mkdir, readFile, readdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import type { BackupSet } from '../../src/domain/backup-set.ts'
import { writeDurably } from '../../src/drivers/files/durable.ts'
import { readCatalogue } from '../../src/sets/catalogue.ts'
import { checkSet } from '../../src/sets/check.ts'
import { readLocation } from '../../src/sets/location.ts'
import { pointTo, readPointer } from '../../src/sets/pointer.ts'
import { faultyFiles, isTemporary, type Rule } from '../support/faulty-files.ts'
import { until } from '../support/until.ts'
import {
  begin,
  configuration,
  location,
  makeSet,
  makeWorld,
  memoryCache,
  ok,
  put,
  userData,
  type World,
} from './world.ts'

const signal = new AbortController().signal
const users = 'data/pools/pool01.contoso.com/user-data.zip'
const config = 'data/configuration/Config.zip'

let world: World
let older: BackupSet
beforeEach(async () => {
  world = await makeWorld()
  older = await makeSet(world)
  await pointTo(location, 'nightly', older, world.drivers)
  world.clock.jump(60)
})

/** What a run comes to while files behave by the rule: the state of its set, or the code of its problem. */
async function runUnder(rule: Rule): Promise<string> {
  using _faults = faultyFiles(rule)
  return await makeSet(world).then(
    ({ state }) => state,
    (thrown: unknown) => (thrown as { code: string }).code,
  )
}

/** What came of it is in the catalogue as expected, the older set is whole, and the next run makes one. */
async function expectHealed(state: BackupSet['state'] | null): Promise<void> {
  const states = async (): Promise<BackupSet['state'][]> =>
    (await readCatalogue(location, memoryCache(), new Set(), world.drivers)).sets.map((set) => set.state)
  const before = [...(state === null ? [] : [state]), 'complete']
  expect(await states()).toEqual(before)
  expect((await checkSet(older, 'checksum', signal)).problems).toEqual([])
  expect(await readPointer(location, 'nightly', world.drivers)).toBe(older.id)
  world.clock.jump(60)
  const next = await makeSet(world)
  expect(await states()).toEqual(['complete', ...before])
  expect((await checkSet(next, 'checksum', signal)).problems).toEqual([])
}

/** What the work comes to while its time passes. */
async function passing<T>(work: Promise<T>): Promise<T | Error> {
  let result: T | Error | undefined
  work.then(
    (made) => (result = made),
    (thrown: unknown) => (result = thrown as Error),
  )
  return until(async () => {
    await world.clock.advance(10)
    return result
  })
}

describe('fault 28: an I/O error', () => {
  test('in the flush of a file of an item fails that item', async () => {
    expect(await runUnder((call, path) => (call === 'handle.datasync' && path.endsWith(users) ? 'EIO' : null))).toBe(
      'partial',
    )
    await expectHealed('partial')
  })

  test.each(['RESTORE.md', 'backup-set.json', 'manifest-sha256.txt', 'tagmanifest-sha256.txt'])(
    'in the flush of %s leaves no commit record, and the flush is not simply asked for again',
    async (file) => {
      let flushes = 0
      const state = await runUnder((call, path) => {
        if (call !== 'handle.sync' || !isTemporary(path, file)) return null
        return ++flushes === 1 && file === 'backup-set.json' ? null : 'EIO' // the record of the start is not meant
      })
      expect(state).toBe('file-failed')
      expect(flushes).toBe(file === 'backup-set.json' ? 2 : 1)
      await expectHealed('interrupted')
    },
  )
})

describe('fault 4: a share that vanishes', () => {
  test.each(['ESTALE', 'ENOTCONN', 'EHOSTDOWN', 'EIO'])('at the end of a run with %s: no set counts', async (code) => {
    let gone = false
    const state = await runUnder((_call, path) => {
      gone ||= isTemporary(path, 'bag-info.txt')
      return gone ? code : null
    })
    expect(state).toMatch(/^(share-unreachable|file-failed)$/)
    await expectHealed('interrupted')
  })

  test('before the first look is told, and takes no set from the cache', async () => {
    const cache = memoryCache()
    await readCatalogue(location, cache, new Set(), world.drivers)
    using _faults = faultyFiles(() => 'ESTALE')
    await expect(readLocation(location, 'x', world.drivers)).rejects.toMatchObject({ code: 'location-unreachable' })
    await expect(readCatalogue(location, cache, new Set(), world.drivers)).rejects.toMatchObject({
      code: 'location-unreachable',
    })
    expect(cache.ids(location.name)).toEqual([older.id])
  })

  test('and comes back empty in the middle of a run gets nothing written', async () => {
    const set = await begin(world)
    await set.add(ok(configuration, config), [await put(set, config, 'the configuration')])
    const away = `${world.share}.away`
    await rename(world.share, away)
    await mkdir(world.share)
    await expect(put(set, users, 'the users')).rejects.toMatchObject({ code: 'file-gone' })
    await expect(set.commit()).rejects.toMatchObject({ code: 'file-gone' })
    expect(await readdir(world.share)).toEqual([])
    await rm(world.share, { recursive: true })
    await rename(away, world.share)
    await expectHealed('interrupted')
  })
})

describe('fault 29: a replacement that is refused', () => {
  const pointer = (): string => join(world.share, 'current', 'nightly.txt')

  test.each(['EPERM', 'EACCES', 'EBUSY'])(
    'for a moment (%s) is tried again, and the old pointer stands',
    async (code) => {
      const next = await makeSet(world)
      let refusals = 0
      const removed: string[] = []
      using _faults = faultyFiles((call, path) => {
        if (call === 'rm') removed.push(path)
        return call === 'rename' && isTemporary(path, pointer()) && ++refusals <= 2 ? code : null
      })
      const moved = pointTo(location, 'nightly', next, world.drivers).then(() => 'moved')
      await until(() => Promise.resolve(refusals > 0 || undefined))
      expect(await readFile(pointer(), 'utf8')).toBe(`${older.unc}\n`)
      expect(await passing(moved)).toBe('moved')
      expect(await readFile(pointer(), 'utf8')).toBe(`${next.unc}\n`)
      expect(removed).not.toContain(pointer())
    },
  )

  test('for good leaves the old pointer, and says what to look at', async () => {
    const next = await makeSet(world)
    using _faults = faultyFiles((call, path) => (call === 'rename' && isTemporary(path, pointer()) ? 'EPERM' : null))
    expect(await passing(pointTo(location, 'nightly', next, world.drivers))).toMatchObject({
      code: 'file-not-replaced',
      hint: expect.stringContaining('has it open') as string,
    })
    expect(await readFile(pointer(), 'utf8')).toBe(`${older.unc}\n`)
    expect(await readdir(join(world.share, 'current'))).toEqual(['nightly.txt'])
  })

  test('while a set is closed is tried again: a virus scanner costs no set', async () => {
    let refusals = 0
    const running = runUnder((call, path) =>
      call === 'rename' && path.includes('manifest-sha256.txt.') && ++refusals <= 2 ? 'EPERM' : null,
    )
    expect(await passing(running)).toBe('complete')
    await expectHealed('complete')
  })
})

describe('fault 30: a share that lies', () => {
  const cut = async (path: string): Promise<null> => {
    await truncate(path, 3)
    return null
  }

  test('a file that was flushed and lost its end is told at once', async () => {
    const file = join(world.share, 'file')
    using _faults = faultyFiles((call, path) => (call === 'rename' && isTemporary(path, file) ? cut(path) : null))
    await expect(writeDurably(file, 'acknowledged')).rejects.toMatchObject({ code: 'file-not-kept' })
  })

  test('a file of an item that lost its end after its flush fails the item', async () => {
    let done = false
    const state = await runUnder((call, path) => {
      if (call !== 'handle.close' || !path.endsWith(users) || done) return null
      done = true
      return cut(path)
    })
    expect(state).toBe('partial')
    await expectHealed('partial')
  })

  test.each(['backup-set.json', 'manifest-sha256.txt', 'tagmanifest-sha256.txt'])(
    'a %s that was acknowledged and not kept makes no set',
    async (file) => {
      let writes = 0
      const state = await runUnder((call, path) => {
        if (call !== 'rename' || !isTemporary(path, file)) return null
        return file === 'backup-set.json' && ++writes === 1 ? null : cut(path)
      })
      expect(state).toBe('file-not-kept')
      await expectHealed(file === 'tagmanifest-sha256.txt' ? 'damaged' : 'interrupted')
    },
  )

  test('what may be written and not deleted is listed, so that the bag stays valid', async () => {
    const set = await begin(world)
    await put(set, `${config}.1`, 'half of it')
    await set.add(ok(configuration, config), [await put(set, config, 'all of it')])
    await set.add(ok(userData, users), [await put(set, users, 'the users')])
    using _faults = faultyFiles((call) => (call === 'rm' ? 'EPERM' : null))
    const made = await set.commit()
    expect(made).toMatchObject({ state: 'complete', files: 3 })
    expect((await checkSet(made, 'checksum', signal)).problems).toEqual([])
  })
})

describe('fault 20: a link in the folder of a set', () => {
  test('is deleted as a link when a failed item left it; what it leads to stays', async () => {
    const outside = await makeWorld()
    await writeFile(join(outside.share, 'precious'), 'not ours')
    const set = await begin(world)
    await set.add(ok(configuration, config), [await put(set, config, 'the configuration')])
    await set.add(ok(userData, users), [await put(set, users, 'the users')])
    await symlink(outside.share, join(set.folder, 'data/pools/leads-out'))
    await symlink(join(outside.share, 'precious'), join(set.folder, 'data/pools/leads-to-a-file'))
    expect(await set.commit()).toMatchObject({ state: 'complete', files: 2 })
    expect(await readdir(join(set.folder, 'data/pools'))).toEqual(['pool01.contoso.com'])
    expect(await readFile(join(outside.share, 'precious'), 'utf8')).toBe('not ours')
  })
})

test('fault 7: the manifest, or all records, of another set are no records of this one', async () => {
  const set = await makeSet(world)
  const take = async (...files: string[]): Promise<unknown> => {
    for (const file of files) await writeFile(join(set.path, file), await readFile(join(older.path, file)))
    return (await checkSet(set, 'structure', signal)).damaged
  }
  await writeFile(join(older.path, 'manifest-sha256.txt'), `${'0'.repeat(64)}  data/other\n`)
  expect(await take('manifest-sha256.txt')).toEqual([configuration, userData])
  expect(await take('backup-set.json', 'tagmanifest-sha256.txt')).toEqual([configuration, userData])
  expect((await readCatalogue(location, memoryCache(), new Set(), world.drivers)).sets[0]).toMatchObject({
    id: set.id,
    state: 'damaged',
  })
})
