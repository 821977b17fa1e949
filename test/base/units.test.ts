import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exactSize, formatDuration, formatSize, parseDuration, parseSize } from '../../src/base/units.ts'

test.each([
  ['30s', 30],
  ['15m', 900],
  ['24h', 86_400],
  ['7d', 604_800],
  ['0s', 0],
  ['1.5h', null],
  ['-1s', null],
  ['7', null],
  ['7 d', null],
  ['', null],
])('duration %s is %s seconds', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds)
})

test.each([
  ['500MiB', 500 * 1024 ** 2],
  ['2TiB', 2 * 1024 ** 4],
  ['0B', 0],
  ['1MB', null],
  ['1', null],
])('size %s is %s bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes)
})

test('every whole number of seconds survives being written and read', () => {
  fc.assert(fc.property(fc.nat(), (seconds) => parseDuration(formatDuration(seconds)) === seconds))
})

test.each([
  ['0B', 0],
  ['1500MiB', 1500 * 1024 ** 2],
  ['2TiB', 2 * 1024 ** 4],
  ['1025B', 1025],
])('%s is %s bytes to the last one', (text, bytes) => {
  expect([exactSize(bytes), parseSize(text)]).toEqual([text, bytes])
})

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1536, '1.5 KiB'],
  [300 * 1024 ** 2, '300 MiB'],
])('%s bytes read as %s', (bytes, text) => {
  expect(formatSize(bytes)).toBe(text)
})
