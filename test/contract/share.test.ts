/** What Holdfast expects of any share: of a folder and of a Samba share always, and of the real one that the environment names. */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeDurably } from '../../src/drivers/files/durable.ts'
import { hashFiles } from '../../src/drivers/files/hash.ts'
import { settleFiles } from '../../src/drivers/files/settle.ts'
import { readCatalogue } from '../../src/sets/catalogue.ts'
import { checkSet } from '../../src/sets/check.ts'
import { escapeNames } from '../../src/sets/escape.ts'
import { claimLocation, readLocation } from '../../src/sets/location.ts'
import { pointTo, readPointer } from '../../src/sets/pointer.ts'
import { copyTree } from '../support/copied-tree.ts'
import { location, makeSet, makeWorld, memoryCache, us, type World } from '../sets/world.ts'
import { sambaNeeds, startSamba } from '../support/samba.ts'

interface Share extends AsyncDisposable {
  /** As this machine reaches it. */
  folder: string
}

const signal = new AbortController().signal

describe('a folder', () => {
  contract(async () => {
    const folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'holdfast-contract-'))
    return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
  })
})

const needs = sambaNeeds()
if (needs === null)
  describe('a Samba share', () => {
    contract(async () => {
      const samba = await startSamba()
      return { folder: samba.mount, [Symbol.asyncDispose]: () => samba[Symbol.asyncDispose]() }
    })
  })
else test.skip(`share: a Samba share (${needs})`, () => {})

const real = process.env['HOLDFAST_TEST_SHARE'] ?? ''
if (real === '') test.skip('share: needs a real share (HOLDFAST_TEST_SHARE)', () => {})
else
  describe('a real share', () =>
    contract(() => Promise.resolve({ folder: real, [Symbol.asyncDispose]: () => Promise.resolve() })))

/** Works in a folder of its own on the share, which is deleted at the end. */
function contract(start: () => Promise<Share>): void {
  const stack = new AsyncDisposableStack()
  let own: string
  let world: World

  beforeAll(async () => {
    const { folder } = stack.use(await start())
    own = join(folder, `holdfast-contract-${randomUUID().slice(0, 8)}`)
    await mkdir(own)
    stack.defer(() => rm(own, { recursive: true, maxRetries: 3 }))
    await mkdir(join(own, 'location'))
    world = await makeWorld(join(own, 'location'))
  })
  afterAll(() => stack.disposeAsync())

  test('tells how much room it has', async () => {
    const { bavail, bsize } = await statfs(own)
    expect(bavail * bsize).toBeGreaterThan(0)
  })

  test('keeps what was written, and replaces it as a whole', async () => {
    const file = join(own, 'replaced')
    await writeDurably(file, 'first')
    await writeDurably(file, 'second and longer')
    expect(await readFile(file, 'utf8')).toBe('second and longer')
    expect((await readdir(own)).filter((name) => name.startsWith('replaced'))).toEqual(['replaced'])
  })

  test('replaces a file that somebody reads, or leaves the old one and says so', async () => {
    const file = join(own, 'read')
    await writeDurably(file, 'first')
    {
      await using reader = await open(file, 'r')
      await reader.read(Buffer.alloc(1), 0, 1, 0)
      const refusal = await writeDurably(file, 'second').then(
        () => null,
        (thrown: unknown) => (thrown as { code: string }).code,
      )
      expect([null, 'file-not-replaced']).toContain(refusal)
      expect(await readFile(file, 'utf8')).toBe(refusal === null ? 'second' : 'first')
    }
    await writeDurably(file, 'third')
    expect(await readFile(file, 'utf8')).toBe('third')
  })

  test('makes a folder and a file only once', async () => {
    const [folder, file] = [join(own, 'folder'), join(own, 'file')]
    await mkdir(folder)
    await expect(mkdir(folder)).rejects.toMatchObject({ code: 'EEXIST' })
    await (await open(file, 'wx')).close()
    await expect(open(file, 'wx')).rejects.toMatchObject({ code: 'EEXIST' })
  })

  test('renames and deletes, and lists neither name afterwards', async () => {
    const [first, second] = [join(own, 'a'), join(own, 'b')]
    await writeFile(first, 'x')
    await rename(first, second)
    await expect(stat(first)).rejects.toMatchObject({ code: 'ENOENT' })
    await rm(second)
    expect((await readdir(own)).filter((name) => name === 'a' || name === 'b')).toEqual([])
  })

  test('has a clock that agrees with ours to five minutes', async () => {
    await writeFile(join(own, 'clock'), 'x')
    const { mtimeMs } = await stat(join(own, 'clock'))
    expect(Math.abs(mtimeMs - Date.now())).toBeLessThan(300_000)
  })

  test('takes long paths, odd names and names that differ by case, escaped', async () => {
    const from = await makeWorld()
    const part = 'long-name-of-a-folder-'.repeat(8)
    const odd = [
      'Report.txt',
      'report.TXT',
      'CON',
      'ends in dots..',
      'a:b?',
      'caf\u00e9',
      'cafe\u0301',
      'n'.repeat(250),
    ]
    await mkdir(join(from.share, part, part), { recursive: true })
    for (const name of odd) await writeFile(join(from.share, part, part, name), name)

    const tree = await copyTree(from.share, join(own, 'odd'), { skip: () => null, escape: escapeNames, signal })

    expect(tree).toMatchObject({ skipped: [] })
    expect(tree.files).toHaveLength(odd.length)
    for (const { name, path } of tree.files)
      expect(await readFile(join(own, 'odd', path), 'utf8')).toBe(name.split('/').at(-1))
  })

  test('takes many small files and a large one, which read back with their checksums', async () => {
    const from = await makeWorld()
    for (let n = 0; n < 100; n++) await writeFile(join(from.share, `small${n}`), `content ${n}`)
    await writeFile(join(from.share, 'empty'), '')
    await writeFile(join(from.share, 'large'), Buffer.alloc(5 * 1024 ** 2 + 3, 'large'))
    const to = join(own, 'many')
    const { files } = await copyTree(from.share, to, { skip: () => null, escape: escapeNames, signal })
    const expected = files.map(({ path, bytes }) => ({ path: join(to, path), bytes }))
    expect(files).toHaveLength(102)
    expect(await Array.fromAsync(settleFiles(expected, signal))).toEqual([])
    const sums = new Map(files.map(({ path, sha256, bytes }) => [join(to, path), { sha256, bytes }]))
    const paths = [...sums.keys()].map((path) => ({ path }))
    for await (const { path, result } of hashFiles(paths, signal)) expect(result).toEqual(sums.get(path))
  })

  test('is claimed by one of two that ask at the same time', async () => {
    const ends = await Promise.allSettled(
      [us.owner, 'daemon-2'].map((owner) => claimLocation(location, { ...us, owner }, world.drivers)),
    )
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await rm(join(world.share, 'holdfast-location.json'))
  })

  test('holds a backup set: made, verified, pointed to, listed', async () => {
    const older = await makeSet(world)
    await pointTo(location, 'nightly', older, world.drivers)
    world.clock.jump(60)
    const set = await makeSet(world)
    await pointTo(location, 'nightly', set, world.drivers)
    expect((await checkSet(set, 'checksum', signal)).problems).toEqual([])
    expect(await readPointer(location, 'nightly', world.drivers)).toBe(set.id)
    const { sets } = await readCatalogue(location, memoryCache(), new Set(), world.drivers)
    expect(sets.map(({ id, state }) => [id, state])).toEqual([
      [set.id, 'complete'],
      [older.id, 'complete'],
    ])
    expect((await readLocation(location, us.owner, world.drivers)).identity?.owner).toBe(us.owner)
  })
}
