/** What changed between two sets of a lab, and what is said where they cannot be compared. */
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { setsShape } from '../../src/views/sets.ts'
import { setsDiffShape } from '../../src/views/sets-diff.ts'
import { startLab, type TestLab } from '../support/lab.ts'

let lab: TestLab
const ids: string[] = []

async function backup(): Promise<void> {
  const made = await lab.holdfast('backup', 'nightly', '--wait')
  expect(made.code, made.out + made.err).toBe(0)
  const { json } = await lab.json('sets', '--policy', 'nightly')
  ids.push(setsShape.parse(json).sets[0]?.id ?? '')
}

beforeAll(async () => {
  lab = await startLab()
  await lab.break('database', 'sql05.contoso.com/LcsCDR', 'emptied')
  await backup()
  await lab.repair('database', 'sql05.contoso.com/LcsCDR')
  await lab.break('topology', 'pool01.contoso.com', 'member-added')
  await backup()
})
afterAll(() => lab[Symbol.asyncDispose]())

const [a, b] = [(): string => ids[0] ?? '', (): string => ids[1] ?? '']

test('says what was published and which database changed', async () => {
  const { code, json, err } = await lab.json('sets', '--diff', a(), b())
  expect(code, err).toBe(0)
  const { changes } = setsDiffShape.parse(json)
  console.log(JSON.stringify(changes, null, 1))
})

test('in words', async () => {
  const { code, out } = await lab.holdfast('sets', '--diff', a(), b())
  expect(code).toBe(0)
  console.log(out)
})

test.each([
  ['set-unknown', (): string[] => [a(), 'nightly/none']],
  ['usage', (): string[] => [a(), a()]],
  ['usage', (): string[] => [a()]],
])('%s', async (wanted, argv) => {
  const { code, err } = await lab.holdfast('sets', '--diff', ...argv(), '--output', 'json')
  expect(code).not.toBe(0)
  expect((JSON.parse(err) as { error: { code: string } }).error.code).toBe(wanted)
})

test('a damaged file is not compared', async () => {
  const { json } = await lab.json('sets', a())
  const path = setsShape.parse(json).sets[0]?.path ?? ''
  await appendFile(join(path, 'data', 'configuration', 'Config.zip'), 'x')
  const { err } = await lab.holdfast('sets', '--diff', a(), b())
  expect(err).toContain('[set-damaged]')
  expect(err).toContain('data/configuration/Config.zip')
})
