import fc from 'fast-check'
import { expect, test } from 'vitest'
import { folderName, timeOfFolder } from '../../src/sets/folder-name.ts'
import { formatManifest, parseManifest } from '../../src/sets/manifest.ts'

const random = { bytes: (count: number) => Uint8Array.from({ length: count }, (_, index) => index * 9) }

test('a folder is named by its time, and always later than the newest one', () => {
  expect(folderName('2026-07-29T02:00:00.123Z', null, random)).toBe('20260729T020000Z-ajs3')
  expect(folderName('2026-07-29T02:00:00.999Z', '20260729T020000Z-zzzz', random)).toBe('20260729T020001Z-ajs3')
  expect(folderName('2025-01-01T00:00:00.000Z', '20261231T235959Z-aaaa', random)).toBe('20270101T000000Z-ajs3')
})

test.each([
  'current',
  '20260729T020000Z',
  '20260231T020000Z-aaaa',
  '20260729T020000Z-AAAA',
  '20260729T020000Z-aaaa.tmp',
  '99991231T235959Z-aaaa',
])('%s is no folder of a set', (name) => {
  expect(timeOfFolder(name)).toBeNull()
})

test('a later start always gives a later name', () => {
  const time = fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  fc.assert(
    fc.property(fc.array(time, { minLength: 2, maxLength: 20 }), (times) => {
      const names: string[] = []
      for (const at of times) names.push(folderName(at.toISOString(), names.at(-1) ?? null, random))
      expect(names).toEqual([...new Set(names)].sort())
    }),
  )
})

const sum = 'a'.repeat(64)

test('a manifest is sorted lines that end with a line feed', () => {
  const lines = [
    { path: 'data/b', sha256: 'b'.repeat(64) },
    { path: 'data/a b', sha256: sum },
  ]
  expect(formatManifest(lines)).toBe(`${sum}  data/a b\n${'b'.repeat(64)}  data/b\n`)
  expect(parseManifest(formatManifest(lines))).toEqual([lines[1], lines[0]])
})

test.each([
  '../x',
  'data/../../x',
  '/etc/passwd',
  'C:/x',
  'data\\x',
  'data//x',
  'data/./x',
  'data/x\u0000',
  '//server/share/x',
])('a manifest that names %j is refused', (path) => {
  expect(parseManifest(`${sum}  ${path}\n`)).toHaveProperty('problem')
})

test.each([
  `${sum}  data/x`,
  `${sum}  data/x\n${sum.slice(1)}  data/y\n`,
  `${sum}  data/x\n${sum}  data/x\n`,
  'hello\n',
])('a manifest that was cut, doubled or mixed up is refused: %j', (text) => {
  expect(parseManifest(text)).toHaveProperty('problem')
})
