import { expect, test } from 'vitest'
import { meaningOf, problemCodes, type ProblemCode, type ProblemMeaning } from '../../src/base/problem-codes.ts'

const codes = Object.keys(problemCodes) as ProblemCode[]
const having = (holds: (meaning: ProblemMeaning) => boolean): ProblemCode[] =>
  codes.filter((code) => holds(meaningOf(code)))

test('a code has one meaning, be it a text alone', () => {
  expect(meaningOf('clock-skew')).toEqual({ text: 'the clock of another machine is too far from ours' })
  expect(meaningOf('file-busy')).toEqual({ text: 'another program has the file open', retrySeconds: [1, 2, 5, 10] })
  for (const code of codes) expect(meaningOf(code).text).not.toBe('')
})

test('what ends a command as refused, what refuses an action, and what condemns a backup', () => {
  expect(having(({ exit }) => exit === 'refused')).toEqual([
    ...['another-daemon', 'database-older', 'lab-already-running', 'refused', 'restore-other-set', 'too-many-requests'],
  ])
  expect(having(({ refusal }) => refusal === true)).toEqual([
    ...[
      'database-older',
      'front-ends-not-stopped',
      'level-not-available',
      'location-foreign-deployment',
      'location-foreign-owner',
      'location-full',
    ],
    ...[
      'location-in-use',
      'location-read-only',
      'location-unclaimed',
      'partner-not-serving',
      'persistent-chat-not-empty',
      'pool-failed-over',
      'rows-since-rebuild',
      'scratch-in-use',
      'share-entry-odd',
      'sql-database-mirrored',
      'user-not-in-pool',
      'user-not-in-set',
    ],
  ])
  expect(having(({ damage }) => damage === true)).toEqual([
    'artefact-damaged',
    'sql-backup-damaged',
    'sql-consistency-errors',
  ])
})

test('what is tried again waits, and never without end', () => {
  for (const code of having(({ retrySeconds }) => retrySeconds !== undefined)) {
    const waits = meaningOf(code).retrySeconds ?? []
    expect(waits.length).toBeGreaterThan(0)
    for (const wait of waits) expect(wait).toBeGreaterThan(0)
  }
})
