import { describe, expect, test } from 'vitest'
import { cases, rowsOfCase } from './cases.ts'
import { told } from './told.ts'

describe('the rows of a procedure', () => {
  test.each(cases)('$name', (one) => {
    expect(told(rowsOfCase(one))).toEqual(one.rows)
  })

  test('each case is another', () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
    expect(cases.length).toBeGreaterThanOrEqual(40)
  })
})
