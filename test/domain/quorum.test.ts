import { expect, it } from 'vitest'
import { quorumOf } from '../../src/domain/quorum.ts'

// Domain reference, section 8.4: members -> how many must run to stay up, of how many of the first.
it.each([
  [2, 1, 2],
  [3, 2, 3],
  [4, 2, 4],
  [5, 3, 5],
  [6, 3, 6],
  [7, 4, 7],
  [8, 4, 7],
  [9, 4, 7],
  [10, 5, 9],
  [12, 5, 9],
])('of %i members %i must run, among the first %i', (members, needed, voters) => {
  expect(quorumOf(members)).toEqual({ voters, needed })
})

it('there is no pool of 13 members', () => {
  expect(quorumOf(13)).toBeNull()
})
