import { expect, test } from 'vitest'
import type { Asked } from '../../src/reconcile/asking.ts'
import { resultsOf } from '../../src/cli/verify.ts'
import type { Attempt } from '../../src/domain/action.ts'

function asked(set: string, answer: Partial<Attempt> | null): Asked {
  const request = { id: set, at: '2026-07-29T02:00:00.000Z', actor: 'x', wish: { verify: set, level: 'checksum' } }
  return { request, answer: answer === null ? null : { outcome: 'done', set, message: null, ...answer } } as Asked
}
const ok = asked('nightly/1', { problems: [] })
const damaged = asked('nightly/2', { problems: [{ file: 'data/a', kind: 'content', message: 'other bytes' }] })
const vanished = asked('nightly/3', { outcome: 'failed', message: 'No location holds such a set.' })
const refused = asked('nightly/4', { outcome: 'refused', message: 'Another daemon owns it.' })

test('what was found is told beside what could not be checked', () => {
  const { view, failure } = resultsOf([ok, vanished, damaged, refused], 'checksum')
  expect(view.results.map(({ set, outcome }) => [set, outcome])).toEqual([
    ['nightly/1', 'ok'],
    ['nightly/2', 'damaged'],
  ])
  expect(failure).toMatchObject({
    code: 'verify-failed',
    subject: 'nightly/3',
    message: 'The set could not be checked (nor could 1 more): No location holds such a set.',
  })
})

test('a refusal alone is called one, but never hides damage', () => {
  expect(resultsOf([ok, refused], 'checksum').failure).toMatchObject({ code: 'refused', subject: 'nightly/4' })
  expect(resultsOf([damaged, refused], 'checksum').failure).toMatchObject({ code: 'verify-failed' })
})

test('no answer is a failure, and without any there is none', () => {
  expect(resultsOf([asked('nightly/5', null)], 'checksum').failure).toMatchObject({
    message: 'The set could not be checked: The daemon did not answer.',
  })
  expect(resultsOf([ok], 'checksum').failure).toBeNull()
})
