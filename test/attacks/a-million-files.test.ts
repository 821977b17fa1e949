import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { measureCopy, measureVerify } from '../bench/memory.ts'

let folder: string
/** In memory where that is at hand: each file is flushed. */
const base = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
beforeEach(() => void (folder = mkdtempSync(join(base, 'holdfast-many-'))))
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const folders = 60
const filesInEach = 350
/** Megabytes of the heap: what 21,000 files held before takes more, what the copy needs takes less. */
const heap = 48

/** Fault S24, scaled down: many files with long names, in a heap that has no room to remember them. */
test(
  'a store of very many files is copied and verified in a heap that cannot hold their names',
  { timeout: 120_000 },
  async () => {
    const [source, share] = [join(folder, 'source'), join(folder, 'share')]
    for (let n = 0; n < folders; n++) {
      const below = join(source, `${n} ${'meeting content '.repeat(10)}`)
      mkdirSync(below, { recursive: true })
      for (let file = 0; file < filesInEach; file++)
        writeFileSync(join(below, `${file} ${'slide '.repeat(30)}.png`), '')
    }
    mkdirSync(share)
    const { state, path, set } = await measureCopy(source, share, [`--max-old-space-size=${heap}`])
    expect(state).toBe('complete')
    const manifest = (await readFile(join(path, 'manifest-sha256.txt'), 'utf8')).trimEnd().split('\n')
    expect(manifest).toHaveLength(folders * filesInEach + 1) // and the listing
    const paths = manifest.map((line) => line.slice(66))
    expect(paths).toEqual(paths.toSorted())

    expect(await measureVerify(set, [`--max-old-space-size=${heap}`])).toMatchObject({ state: 'verified', problems: 0 })
  },
)
