import { expect, test } from 'vitest'
import { nearest } from '../../src/base/nearest.ts'

test.each([
  ['instnce', ['host', 'instance', 'port'], 'instance'],
  ['PORT', ['host', 'port'], 'port'],
  ['sql01-rtx', ['sql01-rtc', 'sql02-rtc'], 'sql01-rtc'],
  ['completely-else', ['host', 'instance'], null],
  ['x', ['y'], null],
  ['', ['host'], null],
])('%s of %j is %s', (word, candidates, meant) => {
  expect(nearest(word, candidates)).toBe(meant)
})
