import { describe, expect, it } from 'vitest'
import { judge } from '../../src/domain/suspect.ts'
import type { ItemOutcome } from '../../src/domain/backup-set.ts'

const users = (more: Partial<ItemOutcome>): ItemOutcome => ({
  kind: 'user-data',
  subject: 'pool01.contoso.com',
  path: 'data/pools/pool01.contoso.com/user-data.zip',
  outcome: 'ok',
  bytes: 1_000_000,
  ...more,
})

describe('an item is suspect', () => {
  it.each([
    [
      'something that is counted fell to zero',
      { counts: { users: 0 } },
      { counts: { users: 3 } },
      'users: 0; the newest ok copy holds 3.',
    ],
    [
      'a count fell sharply',
      { counts: { users: 19 } },
      { counts: { users: 100 } },
      'users: 19; the newest ok copy holds 100.',
    ],
    [
      'a count fell to zero, and so much is missing from the whole',
      { counts: { elements: 5, users: 0 } },
      { counts: { elements: 8, users: 3 } },
      'users: 0; the newest ok copy holds 3.',
    ],
    [
      'a count fell sharply, and so much is missing from the whole',
      { counts: { elements: 1100, users: 10 } },
      { counts: { elements: 1200, users: 100 } },
      'users: 10; the newest ok copy holds 100.',
    ],
    [
      'the whole fell sharply, whatever is counted in it',
      { counts: { elements: 100, users: 0 } },
      { counts: { elements: 1000, users: 0 } },
      'elements: 100; the newest ok copy holds 1000.',
    ],
    [
      'the size fell sharply',
      { bytes: 199_999 },
      { bytes: 1_000_000 },
      '199999 bytes; the newest ok copy has 1000000.',
    ],
  ])('when %s', (_name, now, before, message) => {
    expect(judge(users(now), users(before))).toEqual({
      ...users(now),
      outcome: 'suspect',
      doubt: 'content',
      code: 'item-suspect',
      message,
    })
  })
})

describe('an item stays ok', () => {
  it.each([
    ['with nothing to compare with', users({ counts: { users: 0 } }), null],
    ['when it grew', users({ counts: { users: 20 } }), users({ counts: { users: 10 } })],
    ['when it shrank a little', users({ bytes: 300_000, counts: { users: 50 } }), users({ counts: { users: 100 } })],
    ['when there never was anything', users({ counts: { users: 0 } }), users({ counts: { users: 0 } })],
    ['when a handful became fewer', users({ counts: { workflows: 1 } }), users({ counts: { workflows: 9 } })],
    [
      'when a version only calls it by another name',
      users({ counts: { elements: 1000, users: 0 } }),
      users({ counts: { elements: 1002, users: 300 } }),
    ],
    ['when both are too small to judge', users({ bytes: 100 }), users({ bytes: 60_000 })],
    ['when nothing was counted this time', users({}), users({ counts: { users: 10 } })],
    ['when it is the environment record', users({ kind: 'environment', bytes: 10 }), users({ kind: 'environment' })],
  ])('%s', (_name, now, before) => {
    expect(judge(now, before)).toBe(now)
  })
})

it('what failed is not judged', () => {
  const failed = users({ outcome: 'failed', bytes: 0 })
  expect(judge(failed, users({}))).toBe(failed)
})
