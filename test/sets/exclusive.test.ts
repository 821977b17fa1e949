import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemRandom } from '../../src/base/random.ts'
import { makeNewWhole } from '../../src/sets/exclusive.ts'
import { faultyFiles } from '../support/faulty-files.ts'

let path: string
beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'holdfast-exclusive-')), 'owner.json')
})
afterEach(() => rm(join(path, '..'), { recursive: true }))

test('who was slower, and whose own file the other has cleared away, is told that it is there', async () => {
  await writeFile(path, 'of the other')
  using _files = faultyFiles((call) => (call === 'link' ? 'ENOENT' : null))
  expect(await makeNewWhole(path, 'ours', systemRandom)).toBe(false)
})

test('a share that went away is no such thing', async () => {
  using _files = faultyFiles((call) => (call === 'link' ? 'ENOENT' : null))
  await expect(makeNewWhole(path, 'ours', systemRandom)).rejects.toMatchObject({ code: 'file-gone' })
})
