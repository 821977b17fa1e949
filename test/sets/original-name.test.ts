import fc from 'fast-check'
import { posix, win32 } from 'node:path'
import { expect, test } from 'vitest'
import { originalName } from '../../src/sets/original-name.ts'

const pieces = fc.array(fc.constantFrom('..', '.', '', 'a', '/', '\\', ':', 'C:', '\0', 'é', '\uFFFD', '=FF', 'con'))
const texts = pieces.map((parts) => parts.join(''))

test.each([
  ['linux', posix, '/share'],
  ['win32', win32, '\\\\?\\UNC\\fs01\\share'],
] as const)('whatever a listing says, on %s it leads to a place below the file store', (platform, at, root) => {
  const hex = fc.uint8Array({ minLength: 1, maxLength: 4 }).map((bytes) => Buffer.from(bytes).toString('hex'))
  fc.assert(
    fc.property(texts, texts, fc.option(hex, { nil: undefined }), (name, path, nameBytes) => {
      const original = originalName({ name, path, nameBytes }, platform)
      if ('odd' in original) return
      const parts = original.parts.map((part) =>
        typeof part === 'string' ? part : Buffer.from(part).toString('latin1'),
      )
      const place = [root, ...parts].join(at.sep)
      expect(place).not.toContain('\0')
      expect(parts.length).toBeGreaterThan(0)
      expect(at.normalize(place)).toBe(place)
      for (const part of parts) expect(part).not.toContain(at.sep)
      if (platform === 'win32') expect(parts.join('')).not.toContain(':')
    }),
  )
})

test('bytes that were not UTF-8 come from the line, and of a folder from its escaped name', () => {
  const entry = { name: 'c\uFFFD/f\uFFFD', path: 'c=E4/f=E4', nameBytes: '66e4' }
  expect(originalName(entry, 'linux')).toEqual({ parts: [Buffer.from('c\xe4', 'latin1'), Buffer.from('66e4', 'hex')] })
  expect(originalName({ name: 'c\uFFFD', path: 'c=~0123456789abcdef' }, 'linux')).toEqual({
    odd: 'was not UTF-8, and is too long to be known',
  })
  expect(originalName({ name: 'c\uFFFD', path: 'c\uFFFD' }, 'linux')).toEqual({ parts: ['c\uFFFD'] })
})

test('a name that Windows cannot have is refused there alone', () => {
  const entry = { name: 'what?.doc', path: 'what=3F.doc' }
  expect(originalName(entry, 'linux')).toEqual({ parts: ['what?.doc'] })
  expect(originalName(entry, 'win32')).toEqual({ odd: 'has a character that Windows does not allow' })
})
