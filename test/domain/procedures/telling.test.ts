import { expect, test } from 'vitest'
import { toldRows, type Tellable } from '../../../src/domain/procedures/telling.ts'
import { languageOf } from '../../../src/domain/restore-commands.ts'

const row = (id: string, subject: string, more: Partial<Tellable> = {}): Tellable => ({
  ...{ id, subject, title: `Do it to ${subject}`, why: 'w', needs: [], proves: 'p', source: 's' },
  ...more,
})

test('rows that do the same to several things are told as one, with all their commands and all that they wait for', () => {
  const told = toldRows([
    row('look', 'a'),
    row('start', 'a', { command: 'Start a', needs: [{ id: 'look', subject: 'a' }] }),
    row('start', 'b', { command: 'Start b', needs: [{ id: 'look', subject: 'A' }] }),
    row('start', 'c', { command: 'Start c' }),
    row('check', 'a', { needs: [{ id: 'start', subject: 'c' }] }),
    row('rest', 'a', { needs: ['a', 'b'].map((subject) => ({ id: 'start', subject })), risks: 'slow' }),
  ])
  expect(told.map(({ number, likewise, after, command, risks }) => [number, likewise, after, command, risks])).toEqual([
    [1, null, null, '', null],
    [2, 'Likewise, steps 3 to 4: b, c', null, 'Start a\nStart b\nStart c', null],
    [5, null, null, '', null],
    [6, null, 'After steps 2, 3.', '', 'slow'],
  ])
})

test('a fork says what each way ends, and what it ends says on which way it is done', () => {
  const branches = [
    { name: 'worked', when: 'it worked' },
    { name: 'failed', when: 'it failed' },
  ]
  const on = (branch: string): Pick<Tellable, 'branch'> => ({ branch: [{ fork: { id: 'try', subject: 'a' }, branch }] })
  const told = toldRows([
    row('try', 'a', { branches }),
    row('import', 'a', on('failed')),
    row('import', 'b', on('worked')),
    row('other', 'c'),
  ])
  expect(told[0]?.forks).toEqual([
    'FORK If it worked: step 2 ends, and must not be done.',
    'FORK If it failed: step 3 ends, and must not be done.',
  ])
  expect(told.map(({ number, onlyIf, after }) => [number, onlyIf, after])).toEqual([
    [1, [], null],
    [2, ['Only if (step 1) it failed.'], 'It can begin at once.'],
    [3, ['Only if (step 1) it worked.'], 'It can begin at once.'],
    [4, [], 'It can begin at once.'],
  ])
})

test('what Holdfast found when it ran a step to its end is told, once', () => {
  const done = { at: '2026-03-10T12:00:00.000Z', message: 'restored; the role is missing: add it' }
  const run = { running: false, refused: [], done }
  const told = (evidence: string): readonly string[] | undefined =>
    toldRows([row('restore', 'a', { state: 'done', evidence, run })])[0]?.runs
  expect(told('It is online.')).toEqual([
    'Holdfast ran it, to its end at 2026-03-10T12:00:00.000Z: restored; the role is missing: add it',
  ])
  expect(told(`Holdfast ran it: ${done.message}`)).toEqual([])
})

test('the language of a command', () => {
  expect(['USE master;', 'Enable-CsTopology'].map(languageOf)).toEqual(['sql', 'powershell'])
})
