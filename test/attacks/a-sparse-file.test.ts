import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, open, readdir, readFile, stat, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CopyOptions } from '../../src/drivers/files/copy.ts'
import { hashFile } from '../../src/drivers/files/hash.ts'
import { copyTree } from '../support/copied-tree.ts'

const mebibyte = 1024 ** 2
const plain: Omit<CopyOptions, 'take'> = {
  skip: () => null,
  escape: (names) => names.map(String),
  signal: new AbortController().signal,
}
let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'holdfast-sparse-'))))
afterEach(() => {
  rmSync(folder, { recursive: true })
})

/** A file of `bytes` with these words at these places, and holes between them. */
async function sparse(path: string, bytes: number, words: Readonly<Record<number, string>>): Promise<void> {
  await using handle = await open(path, 'w')
  await handle.truncate(bytes)
  for (const [at, word] of Object.entries(words)) await handle.write(word, Number(at))
}

async function onDisk(path: string): Promise<number> {
  return (await stat(path)).blocks * 512
}

/** Some file systems, and Windows by default, have no holes. */
async function hasHoles(): Promise<boolean> {
  await sparse(join(folder, 'probe'), 64 * mebibyte, {})
  return (await onDisk(join(folder, 'probe'))) < mebibyte
}

test(
  'fault S25: a file with holes is copied with holes, and hashed over the whole',
  { timeout: 60_000 },
  async (context) => {
    if (!(await hasHoles())) context.skip('needs a file system with sparse files')
    const [from, to] = [join(folder, 'from'), join(folder, 'to')]
    await mkdir(from)
    const size = 128 * mebibyte + 12_345
    await sparse(join(from, 'end'), size, { 0: 'first', [64 * mebibyte + 7]: 'middle' }) // ends in a hole
    await sparse(join(from, 'word'), size, { [size - 4]: 'last' })
    await sparse(join(from, 'nothing'), size, {})
    const tree = await copyTree(from, to, plain)
    expect(tree).toMatchObject({ skipped: [], bytes: 3 * size })
    for (const { name, sha256 } of tree.files) {
      expect((await stat(join(to, name))).size).toBe(size)
      expect(await hashFile(join(from, name), plain.signal)).toEqual({ bytes: size, sha256 })
      expect(await hashFile(join(to, name), plain.signal)).toEqual({ bytes: size, sha256 })
      expect(await onDisk(join(to, name))).toBeLessThan(2 * mebibyte)
    }
  },
)

test('a file without holes is written whole, zeros too', async () => {
  const [from, to] = [join(folder, 'from'), join(folder, 'to')]
  await mkdir(from)
  const zeros = Buffer.alloc(3 * mebibyte)
  await writeFile(join(from, 'zeros'), zeros)
  const { files } = await copyTree(from, to, plain)
  expect(files[0]?.sha256).toBe(createHash('sha256').update(zeros).digest('hex'))
  expect((await readFile(join(to, 'zeros'))).equals(zeros)).toBe(true)
})

const mount = mkdtempSync(join(tmpdir(), 'holdfast-room-'))
function tryMount(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', mount], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
const mounted = tryMount()

describe.runIf(mounted)(
  `a share that fills while it is written${mounted ? '' : ' (skipped: no right to mount)'}`,
  () => {
    afterEach(() => {
      execFileSync('umount', [mount])
      rmSync(mount, { recursive: true, force: true })
    })

    test(
      'fault S25: what would take the last of the room is not begun, or is ended in time',
      { timeout: 60_000 },
      async () => {
        const from = join(folder, 'from')
        await mkdir(from)
        const keepFree = 24 * mebibyte
        const free = async (): Promise<number> => {
          const { bavail, bsize } = await statfs(mount)
          return bavail * bsize
        }
        await writeFile(join(from, 'large'), Buffer.alloc(50 * mebibyte, 'x'))
        const full = { code: 'location-full', message: expect.stringContaining('24.0 MiB') as string }
        await expect(copyTree(from, join(mount, 'one'), { ...plain, keepFree })).rejects.toMatchObject(full)
        expect(await readdir(join(mount, 'one'))).toEqual([])

        rmSync(join(from, 'large'))
        for (let n = 0; n < 300; n++) await writeFile(join(from, `${n}`), Buffer.alloc(mebibyte / 4, 'y'))
        await expect(copyTree(from, join(mount, 'two'), { ...plain, keepFree: 16 * mebibyte })).rejects.toMatchObject({
          code: 'location-full',
        })
        expect(await free()).toBeGreaterThan(0)
      },
    )
  },
)
