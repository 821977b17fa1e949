import { execFileSync } from 'node:child_process'
import { createWriteStream, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { buffer } from 'node:stream/consumers'
import { ZipFile } from 'yazl'
import { expect, test } from 'vitest'
import { checkZip } from '../../../src/drivers/files/zip.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-zip-'))
const path = join(folder, 'x.zip')

test('entries are listed and their content passes by', async () => {
  const zip = new ZipFile()
  zip.addEmptyDirectory('folder')
  zip.addBuffer(Buffer.from('hello'), 'folder/a.txt')
  zip.end()
  await pipeline(zip.outputStream, createWriteStream(path))
  let seen = ''
  const inspect = (name: string) =>
    name === 'folder/a.txt'
      ? { write: (chunk: Buffer) => void (seen += chunk.toString()), end: () => 'it is odd' }
      : null
  expect(await checkZip(path)).toEqual({ entries: ['folder/', 'folder/a.txt'], problem: null })
  expect(await checkZip(path, { inspect })).toMatchObject({ problem: 'folder/a.txt: it is odd' })
  expect(seen).toBe('hello')
})

test('a bomb, a cut file, an odd file and none are problems, not exceptions', async () => {
  const zip = new ZipFile()
  zip.addBuffer(Buffer.alloc(50_000_000), 'bomb')
  zip.end()
  const bytes = await buffer(zip.outputStream)
  bytes.writeUInt32LE(4_000_000_000, bytes.lastIndexOf('PK\u0001\u0002', undefined, 'latin1') + 24)
  writeFileSync(path, bytes)
  expect((await checkZip(path)).problem).toContain('suspicious')
  for (const content of [bytes.subarray(0, bytes.length - 10), Buffer.from('no zip at all'), Buffer.alloc(0)]) {
    writeFileSync(path, content)
    expect((await checkZip(path)).problem).not.toBeNull()
  }
  expect((await checkZip(join(folder, 'none'))).problem).toContain('ENOENT')
})

test('what is no plain file is a problem, and nothing waits for it', async () => {
  const odd = join(folder, 'odd')
  execFileSync('mkfifo', [odd])
  expect((await checkZip(odd)).problem).toContain('is not a plain file')
  rmSync(odd)
  symlinkSync(path, odd)
  expect((await checkZip(odd)).problem).toContain('is a link')
})
