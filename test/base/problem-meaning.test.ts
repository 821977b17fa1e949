import { expect, test } from 'vitest'
import { isAnswer, wasNeverAsked } from '../../src/base/problem-meaning.ts'
import { problemCodes, type ProblemCode } from '../../src/base/problem-codes.ts'
import { engineErrors } from '../../src/drivers/sql/error-table.ts'

test('whatever the engine itself says is an answer; that a connection broke, anybody may say', () => {
  const silent = [...new Set([...engineErrors.values()].map(({ code }) => code))].filter((code) => !isAnswer(code))
  expect(silent).toEqual(['sql-connection-lost'])
})

test.each<ProblemCode>([
  'file-failed',
  'file-gone',
  'location-unreachable',
  'look-timed-out',
  'share-unreachable',
  'shell-call-failed',
  'sql-browser-silent',
  'sql-connection-lost',
  'sql-refused',
  'sql-timeout',
  'sql-unreachable',
])('%s is silence: it was asked, and nothing of it answered', (code) => {
  expect(isAnswer(code)).toBe(false)
  expect(wasNeverAsked(code)).toBe(false)
})

test('nothing that was never asked has answered', () => {
  const codes = Object.keys(problemCodes) as ProblemCode[]
  expect(codes.filter((code) => isAnswer(code) && wasNeverAsked(code))).toEqual([])
  expect(codes.filter(wasNeverAsked)).toContain('sql-driver-missing')
})
