import { expect, test } from 'vitest'
import { matchesGlob } from '../../src/domain/glob.ts'

test.each([
  ['*.tmp', 'a.tmp', true],
  ['*.tmp', 'A.TMP', true],
  ['*.tmp', 'a/b.tmp', false],
  ['**/*.tmp', 'b.tmp', true],
  ['**/*.tmp', 'a/b/c.tmp', true],
  ['**/*.tmp', 'a/b/c.tmp.txt', false],
  ['*-WebServices-*/DeviceUpdateLogs', '1-WebServices-12/DeviceUpdateLogs', true],
  ['*-WebServices-*/DeviceUpdateLogs', '1-WebServices-12/DeviceUpdateLogs/x', false],
  ['*-WebServices-*/DeviceUpdateLogs/**', '1-WebServices-12/DeviceUpdateLogs/x/y', true],
  ['a/**/z', 'a/z', true],
  ['a/**/z', 'a/b/z/c/z', true],
  ['a/**/z', 'a/b/z/c', false],
  ['??.log', 'ab.log', true],
  ['??.log', 'abc.log', false],
  ['[a].(b)+', '[a].(b)+', true],
  ['[a].(b)+', 'a.b', false],
] as const)('%s means %s: %s', (pattern, name, meant) => {
  expect(matchesGlob(pattern, name)).toBe(meant)
})

test('a pattern of many stars on a long name takes no time', () => {
  expect(matchesGlob('*a'.repeat(100), 'a'.repeat(250).concat('b'))).toBe(false)
  expect(matchesGlob('**/a/'.repeat(50).concat('b'), 'a/'.repeat(100).concat('c'))).toBe(false)
})
