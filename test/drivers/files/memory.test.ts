import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { measureCopy, measureHash, memoryBudgetBytes, sparseFiles } from '../../bench/memory.ts'

const mebibyte = 1024 ** 2
let folder: string
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'holdfast-memory-'))))
afterEach(() => rm(folder, { recursive: true }))

test('fault 17: a set of sparse files of 1 GiB is made in constant memory', { timeout: 300_000 }, async () => {
  await sparseFiles(join(folder, 'source'), { a: 768 * mebibyte, b: 256 * mebibyte, empty: 0 })
  await mkdir(join(folder, 'share'))
  const { state, bytes, residentBytes } = await measureCopy(join(folder, 'source'), join(folder, 'share'))
  expect({ state, mebibytes: Math.floor(bytes / mebibyte) }).toEqual({ state: 'complete', mebibytes: 1024 }) // and a listing
  expect(residentBytes).toBeLessThan(memoryBudgetBytes)
})

test(
  'fault 17: a sparse file of more than 4 GiB is hashed to its last byte in constant memory',
  { timeout: 300_000 },
  async () => {
    await sparseFiles(join(folder, 'source'), { 'huge.bak': 4096 * mebibyte + 17 })
    const { bytes, sha256, residentBytes } = await measureHash(join(folder, 'source', 'huge.bak'))
    expect(bytes).toBe(4_294_967_313)
    // As sha256sum tells it.
    expect(sha256).toBe('0a05f7ccc43a8e6c830fd3b8ad9dfc0129ce8f65fd6cc96be998988a1871fe21')
    expect(residentBytes).toBeLessThan(memoryBudgetBytes)
  },
)
