import { mkdtempSync, rmSync } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LineTooLong, linesOf } from '../../../src/drivers/files/lines.ts'
import { inChunks, sortedLines } from '../../../src/drivers/files/sorted-lines.ts'

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'holdfast-lines-'))))
afterEach(() => {
  rmSync(folder, { recursive: true })
})

/** Half surrogate pairs, line ends, tabs: whatever a name on a disk may be. */
const key = fc.string({
  unit: fc.constantFrom('a', 'b', '-', '/', '\t', '\n', '\u2028', '\ud800', '\udc00', '\uffff', '😀'),
})

test.each([1, 200, 1e9])('lines come in the order of their keys, with a bound of %i', async (bound) => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(key, { maxLength: 60 }), async (keys) => {
      await using lines = sortedLines(join(folder, 'aside'), bound)
      await Promise.all(keys.map((one, index) => lines.add(one, `line ${index}`)))
      const sorted = keys.map((one, index) => ({ one, line: `line ${index}` })).sort((a, b) => (a.one < b.one ? -1 : 1))
      const expected = sorted.map(({ line }) => line)
      expect(await Array.fromAsync(lines)).toEqual(expected)
      expect(await Array.fromAsync(lines)).toEqual(expected) // again
      await lines.add('', 'first') // in between
      expect((await Array.fromAsync(lines)).toSorted()).toEqual(['first', ...expected].toSorted())
    }),
    { numRuns: 40 },
  )
  expect(await readdir(folder)).toEqual([])
})

test('what was put aside is deleted at the end, and was never written where it is not needed', async () => {
  {
    await using lines = sortedLines(join(folder, 'aside'), 10_000)
    await lines.add('a', 'a')
    expect(await readdir(folder)).toEqual([])
    for (let n = 0; n < 5000; n++) await lines.add(`${n}`, 'x'.repeat(100))
    expect(await readdir(folder)).toEqual(['aside'])
    expect(await Array.fromAsync(lines)).toHaveLength(5001)
  }
  expect(await readdir(folder)).toEqual([])
})

test('a file that is there already is never written over', async () => {
  await writeFile(join(folder, 'aside'), 'of somebody else')
  const lines = sortedLines(join(folder, 'aside'), 1)
  await expect(lines.add('a', 'a')).rejects.toMatchObject({ code: 'file-failed' })
})

test('as bytes: the head, and each line with its end', async () => {
  await using lines = sortedLines(join(folder, 'aside'))
  await lines.add('b', 'b'.repeat(100_000))
  await lines.add('a', 'a')
  const chunks = await Array.fromAsync(inChunks(lines, 'head\n'))
  expect(Buffer.concat(chunks).toString()).toBe(`head\na\n${'b'.repeat(100_000)}\n`)
})

test('only a line feed ends a line, wherever a chunk ends', async () => {
  const long = Array.from({ length: 3000 }, (_, n) => `ä\u2028\r${'ö'.repeat(n % 300)}`)
  await writeFile(join(folder, 'file'), `${long.join('\n')}\nlast`)
  let bytes = 0
  const lines = await Array.fromAsync(linesOf(join(folder, 'file'), (chunk) => void (bytes += chunk.length)))
  expect(lines.flat()).toEqual([...long, 'last'])
  expect(bytes).toBe(Buffer.byteLength(`${long.join('\n')}\nlast`))
})

test('a line without end is refused, and not kept in memory', async () => {
  await writeFile(join(folder, 'file'), Buffer.alloc(3 * 1024 ** 2, 'x'))
  await expect(Array.fromAsync(linesOf(join(folder, 'file')))).rejects.toThrow(LineTooLong)
})
