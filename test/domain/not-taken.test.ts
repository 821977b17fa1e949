import { expect, test } from 'vitest'
import { countNotTaken, tellNotTaken } from '../../src/domain/not-taken.ts'

test('counts all, and names the first five of each reason in order', () => {
  const left = countNotTaken()
  for (const name of ['g', 'c', 'a', 'f', 'b', 'e', 'd']) left.add('link', name)
  left.add('denied', 'x\n1'.padEnd(400, '.'))
  expect(left.all()).toEqual({
    denied: { count: 1, names: [`${'x 1'.padEnd(299, '.')}…`] },
    link: { count: 7, names: ['a', 'b', 'c', 'd', 'e'] },
  })
  expect(tellNotTaken(left.all())[1]).toBe('7 a link, not followed: a, b, c, d, e and 2 more')
})

test('nothing left out is nothing to say; a reason of a later version is told by its word', () => {
  expect(countNotTaken().all()).toBeUndefined()
  expect(tellNotTaken(undefined)).toEqual([])
  expect(tellNotTaken({ haunted: { count: 1, names: ['a'] } })).toEqual(['1 haunted: a'])
})
