import { execFile } from 'node:child_process'
import { renameSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { restoreFileStore } from '../../../src/act/restore/file-store.ts'
import type { Restored } from '../../../src/act/restore/restorer.ts'
import { Problem } from '../../../src/base/problem.ts'
import type { BackupSet } from '../../../src/domain/backup-set.ts'
import type { Item } from '../../../src/domain/words.ts'
import { fakeWorld, type FakeWorld } from '../../support/fake-drivers.ts'
import { faultyFiles } from '../../support/faulty-files.ts'
import { runSet } from '../run-set.ts'

const store: Item = { kind: 'file-store', subject: '\\\\fs01.contoso.com\\LyncShare' }
const payload = 'data/file-stores/fs01.contoso.com_lyncshare'

let world: FakeWorld
let root: string
beforeEach(async () => {
  world = await fakeWorld()
  root = join(world.sources, 'fs01.contoso.com', 'lyncshare')
  await mkdir(root, { recursive: true })
})
afterEach(() => world[Symbol.asyncDispose]())

async function put(name: string | Buffer, content: string): Promise<void> {
  const file = Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name)])
  await mkdir(file.subarray(0, file.lastIndexOf('/')), { recursive: true })
  await writeFile(file, content)
}

/** The store as it is, in a set; then the share is empty. */
async function lose(): Promise<BackupSet> {
  const set = await runSet(world, [store])
  await rename(root, `${root}.lost`)
  await mkdir(root)
  return set
}

async function restore(
  set: BackupSet,
  signal = new AbortController().signal,
  onFirst = (): void => {},
  tools = world.tools(),
): Promise<Restored & { percents: number[] }> {
  const [copy] = set.items
  if (!copy) throw new Error('the set holds no file store')
  const percents: number[] = []
  const onPercent = (percent: number): void => {
    if (percents.push(percent) === 1) onFirst()
  }
  const context = {
    set,
    copy,
    tools,
    accepts: () => false,
    lostSince: '2000-01-01T00:00:00.000Z',
    signal,
    onPercent,
  }
  const restored = await restoreFileStore.restore(store, context)
  return { ...restored, percents }
}

/** Everything below a folder: names as bytes, kind, content, time of the last change in seconds, and whether it is read-only. */
async function treeOf(folder: string): Promise<string> {
  const line =
    "find . -mindepth 1 ! -type l -printf '%p %y %T@ %m\\n' | LC_ALL=C sort; find . -type f -exec sha256sum {} + | LC_ALL=C sort"
  const { stdout } = await promisify(execFile)('sh', ['-c', line], { cwd: folder, encoding: 'latin1' })
  return stdout
}

describe('a file store that was lost', () => {
  test('is back under its original names, with times, flags and empty folders', async () => {
    for (const name of ['1-WebServices-1/a.xml', '100%.txt', 'a=b/what?.doc', 'b/Same', 'b/same', 'aux.txt', 'a-b'])
      await put(name, `content of ${name}`)
    await put(Buffer.from('c\xe4/f\xe4', 'latin1'), 'not UTF-8')
    await put('n'.repeat(239) + '%', 'a long name')
    await put('large.bin', 'x'.repeat(3_000_000))
    await mkdir(join(root, 'empty/deep'), { recursive: true })
    await chmod(join(root, 'a-b'), 0o444)
    await promisify(execFile)('find', ['.', '-exec', 'touch', '-d', '@1000000000', '{}', '+'], { cwd: root })
    const set = await lose()
    const { message, counts, percents } = await restore(set)
    expect(await treeOf(root)).toBe(await treeOf(`${root}.lost`))
    expect(counts).toMatchObject({ files: 10, there: 0, beyond: 0 })
    expect(message).toBe('10 files with 2.9 MiB are back, each proved against the manifest')
    expect(percents.at(-1)).toBe(100)
  })

  test('is proved once more when it is there already, and nothing of it is written anew', async () => {
    await put('a/b.txt', 'one')
    await put('c.txt', 'two')
    const set = await lose()
    await restore(set)
    const before = await stat(join(root, 'c.txt'))
    const { message, counts } = await restore(set)
    expect(await stat(join(root, 'c.txt'))).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs })
    expect(counts).toMatchObject({ files: 0, there: 2, beyond: 0 })
    expect(message).toContain('2 were there already')
  })

  test.each(['file.txt', 'folder/file.txt'])('where another daemon has the location by now: no %s', async (name) => {
    await put(name, 'content')
    const set = await lose()
    const inUse = new Problem('location-in-use', { message: 'Another daemon works there.' })
    const tools = { ...world.tools(), expectOurs: () => Promise.reject(inUse) }
    await expect(restore(set, undefined, undefined, tools)).rejects.toMatchObject({ code: 'location-in-use' })
    expect(await readdir(root)).toEqual([])
  })

  test('what setup has made there stays, and is told', async () => {
    await put('a/b.txt', 'one')
    const set = await lose()
    await put('1-WebServices-1/new.txt', 'of setup')
    await put('a/more.txt', 'of setup')
    await mkdir(join(root, 'System Volume Information'))
    const { message } = await restore(set)
    expect(message).toContain('1 folder and 2 files that the set does not know are there too')
    expect(await readFile(join(root, 'a/more.txt'), 'utf8')).toBe('of setup')
  })

  test('goes on where it was broken off: what was half written is removed', async () => {
    await put('a/b.txt', 'one')
    const set = await lose()
    await put(`a/.holdfast-${'0'.repeat(32)}.part`, 'o')
    await put('a/.holdfast-mine.part', 'not ours')
    await restore(set)
    expect(await readdir(join(root, 'a'))).toEqual(['.holdfast-mine.part', 'b.txt'])
  })

  test('whose set goes away in the middle: it is told, and goes on with the rest when the share is back', async () => {
    for (let file = 0; file < 1500; file++) await put(`folder ${file % 10}/${file}.txt`, `content of ${file}`)
    await promisify(execFile)('find', ['.', '-exec', 'touch', '-d', '@1000000000', '{}', '+'], { cwd: root })
    const set = await lose()
    const gone = restore(set, undefined, () => renameSync(set.path, `${set.path}.away`))
    await expect(gone).rejects.toMatchObject({ code: 'file-store-not-restored' })
    await rename(`${set.path}.away`, set.path)
    const { files = 0, there = 0 } = (await restore(set)).counts ?? {}
    expect(files).toBeGreaterThan(0)
    expect(there).toBeGreaterThan(0)
    expect(files + there).toBe(1500)
    expect(await treeOf(root)).toBe(await treeOf(`${root}.lost`))
  })

  test('what the set lacks itself is told', async () => {
    await put('a.txt', 'one')
    const set = await lose()
    await forge(set, (lines) => [...lines, '{"type":"skipped","name":"z","notTaken":"denied","reason":"denied"}'])
    await reseal(set)
    expect((await restore(set)).message).toContain('1 could not be read when the set was made, and is not in it')
  })
})

describe('nothing that is there is touched', () => {
  const inPlace: [string, () => Promise<unknown>, string][] = [
    ['a file of the same size', () => put('a/b.txt', 'two'), 'is there with other content'],
    ['a longer file', () => put('a/b.txt', 'another one'), 'is there with other content'],
    [
      'a folder',
      () => mkdir(join(root, 'a/b.txt'), { recursive: true }),
      'something that is not a file is in its place',
    ],
    [
      'a link to the same content',
      async () => {
        await put('elsewhere', 'one')
        await mkdir(join(root, 'a'))
        await symlink(join(root, 'elsewhere'), join(root, 'a/b.txt'))
      },
      'a link is in its place',
    ],
  ]
  test.each(inPlace)('%s in the place of a file', async (_what, occupy, why) => {
    await put('a/b.txt', 'one')
    await put('c.txt', 'three')
    const set = await lose()
    await occupy()
    const before = await treeOf(join(root, 'a'))
    await expect(restore(set)).rejects.toMatchObject({
      code: 'file-store-not-restored',
      message: `1 of it is not back: a/b.txt ${why}. 1 file is there, each proved against the manifest.`,
    })
    expect(await treeOf(join(root, 'a'))).toBe(before)
    expect(await readFile(join(root, 'c.txt'), 'utf8')).toBe('three')
  })

  test('a link in the place of a folder is not followed', async () => {
    await put('a/b.txt', 'one')
    await put('a/c/d.txt', 'two')
    const set = await lose()
    const outside = join(world.sources, 'outside')
    await mkdir(outside)
    await symlink(outside, join(root, 'a'))
    await expect(restore(set)).rejects.toMatchObject({
      code: 'file-store-not-restored',
      message: expect.stringContaining('is a link or a file in the place of a folder') as string,
    })
    expect(await readdir(outside)).toEqual([])
  })
})

describe('a set that is not what it was', () => {
  test('a damaged file is not put in its place, and the others are', async () => {
    await put('a.txt', 'one')
    await put('b.txt', 'two')
    const set = await lose()
    await writeFile(join(set.path, payload, 'a.txt'), 'ONE')
    await expect(restore(set)).rejects.toMatchObject({
      code: 'file-store-not-restored',
      message: expect.stringContaining('a.txt its SHA-256 is not the one in the manifest') as string,
    })
    expect(await readdir(root)).toEqual(['b.txt'])
  })

  test('a missing file is told', async () => {
    await put('a.txt', 'one')
    const set = await lose()
    await rm(join(set.path, payload, 'a.txt'))
    await expect(restore(set)).rejects.toMatchObject({ code: 'file-store-not-restored' })
    expect(await readdir(root)).toEqual([])
  })

  const forged = (name: string): string =>
    `{"type":"file","name":${JSON.stringify(name)},"path":"a.txt","bytes":3,"sha256":"7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed","modifiedAt":null,"createdAt":null,"readOnly":false}`

  test.each(['../out.txt', '/out.txt', 'b/../../out.txt', ''])('a forged listing with %j is refused', async (name) => {
    await put('a.txt', 'one')
    const set = await lose()
    await forge(set, ([head = '']) => [head, forged(name)])
    await expect(restore(set)).rejects.toMatchObject({ code: 'set-damaged' })
    expect(await readdir(root)).toEqual([])
  })

  test.each(['../out.txt', '/out.txt', 'b/../../out.txt', 'b\0c', ''])(
    'a name that leads out, %j, fails alone even where manifest and commit record were forged too',
    async (name) => {
      await put('a.txt', 'one')
      const set = await lose()
      await forge(set, (lines) => [...lines, forged(name)])
      await reseal(set)
      await expect(restore(set)).rejects.toMatchObject({
        code: 'file-store-not-restored',
        message: expect.stringContaining('is not a name below the file store') as string,
      })
      expect(await readdir(root)).toEqual(['a.txt'])
      expect(await readdir(dirname(root))).toEqual(['lyncshare', 'lyncshare.lost'])
    },
  )

  test.each(['a pipe', 'a link'])(
    '%s in the place of a file of the set is not followed, and nothing waits for it',
    async (what) => {
      await put('a.txt', 'one')
      await put('b.txt', 'two')
      const set = await lose()
      const file = join(set.path, payload, 'a.txt')
      await rm(file)
      if (what === 'a pipe') await promisify(execFile)('mkfifo', [file])
      else await symlink('/etc/passwd', file)
      await expect(restore(set)).rejects.toMatchObject({
        code: 'file-store-not-restored',
        message: expect.stringContaining('a.txt is not a plain file in the set') as string,
      })
      expect(await readdir(root)).toEqual(['b.txt'])
    },
  )

  test.each(['manifest-sha256.txt', 'tagmanifest-sha256.txt'])('a changed %s is refused', async (file) => {
    await put('a.txt', 'one')
    const set = await lose()
    const text = await readFile(join(set.path, file), 'utf8')
    await writeFile(
      join(set.path, file),
      text.replace(/^[0-9a-f]/gm, (digit) => (digit === '0' ? '1' : '0')),
    )
    await expect(restore(set)).rejects.toMatchObject({ code: 'set-damaged' })
    expect(await readdir(root)).toEqual([])
  })
})

describe('a share that does not serve', () => {
  test('one that is not there is not made', async () => {
    await put('a.txt', 'one')
    const set = await lose()
    await rm(root, { recursive: true })
    await expect(restore(set)).rejects.toMatchObject({ code: 'file-gone' })
    await expect(stat(root)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test.each([
    ['ENOSPC', 'file-no-space'],
    ['EHOSTDOWN', 'share-unreachable'],
    ['EACCES', 'file-store-not-restored'],
  ])('%s in the middle is %s; the next try brings all of it', async (error, code) => {
    await put('a/b.txt', 'one')
    await put('c/d.txt', 'two')
    const set = await lose()
    {
      using _faults = faultyFiles((call, path) => (call === 'mkdir' && path.endsWith('/c') ? error : null))
      await expect(restore(set)).rejects.toMatchObject({ code })
    }
    const { counts } = await restore(set)
    expect(await readFile(join(root, 'c/d.txt'), 'utf8')).toBe('two')
    expect((counts?.['files'] ?? 0) + (counts?.['there'] ?? 0)).toBe(2)
  })

  test('nothing is left by one that was aborted', async () => {
    await put('a.txt', 'one')
    const set = await lose()
    await expect(restore(set, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop')
    expect(await readdir(root)).toEqual([])
  })
})

/** Other lines in the listing. */
async function forge(set: BackupSet, lines: (lines: string[]) => string[]): Promise<void> {
  const file = join(set.path, `${payload}.listing.jsonl`)
  const text = (await readFile(file, 'utf8')).trimEnd().split('\n')
  await writeFile(file, `${lines(text).join('\n')}\n`)
}

/** Manifest and commit record that fit what is there, as whoever can write to the share could make them. */
async function reseal(set: BackupSet): Promise<void> {
  const tags = 'RESTORE.md backup-set.json bag-info.txt bagit.txt manifest-sha256.txt'
  const line = `find data -type f | LC_ALL=C sort | xargs -d '\\n' sha256sum > manifest-sha256.txt && sha256sum ${tags} > tagmanifest-sha256.txt`
  await promisify(execFile)('sh', ['-c', line], { cwd: set.path })
  delete set.commitSha256
}
