import { mkdtempSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeDurably } from '../../../src/drivers/files/durable.ts'

const fresh = (): string => mkdtempSync(join(tmpdir(), 'holdfast-durable-'))

async function* chunks(count: number, failAt = -1): AsyncGenerator<Buffer> {
  for (let index = 0; index < count; index++) {
    if (index === failAt) throw new Error('the source broke')
    yield await Promise.resolve(Buffer.alloc(3000, index))
  }
}

test('a file is written whole, replaced whole, and told with its checksum', async () => {
  const file = join(fresh(), 'x')
  expect(await writeDurably(file, 'abc')).toEqual({
    bytes: 3,
    sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  })
  expect(await writeDurably(file, chunks(4))).toMatchObject({ bytes: 12_000 })
  expect(await readFile(file)).toEqual(Buffer.concat([0, 1, 2, 3].map((value) => Buffer.alloc(3000, value))))
  expect(await writeDurably(file, '')).toMatchObject({ bytes: 0 })
})

test('a source that breaks leaves the old file, and nothing else', async () => {
  const folder = fresh()
  const file = join(folder, 'x')
  await writeFile(file, 'old')
  await expect(writeDurably(file, chunks(5, 3))).rejects.toThrow('the source broke')
  expect(await readFile(file, 'utf8')).toBe('old')
  expect(await readdir(folder)).toEqual(['x'])
})

test('an abort leaves nothing', async () => {
  const folder = fresh()
  const stop = new AbortController()
  stop.abort(new Error('stopped'))
  await expect(writeDurably(join(folder, 'x'), chunks(5), stop.signal)).rejects.toThrow('stopped')
  expect(await readdir(folder)).toEqual([])
})

test('a folder that is gone or in the way is a problem with a code', async () => {
  const folder = fresh()
  await expect(writeDurably(join(folder, 'none', 'x'), 'a')).rejects.toMatchObject({ code: 'file-gone' })
  await mkdir(join(folder, 'dir'))
  await expect(writeDurably(join(folder, 'dir'), 'a')).rejects.toMatchObject({ code: 'file-failed' })
  expect(await readdir(folder)).toEqual(['dir'])
})
