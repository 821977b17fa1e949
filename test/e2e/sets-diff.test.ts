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

const database = { kind: 'sql-database', subject: 'sql05.contoso.com/LcsCDR' }
const key = '[Global Topology 00000000-0000-0000-0000-000000000000]'
const topology = {
  kind: 'configuration',
  subject: `DocItemSet.xml/DocItemSet/DocItem[urn:xds:Topology]/Data/AnchoredXml${key}/Dictionary/Item${key}`,
}
const machine = `${topology.subject}/Value/Topology/Clusters/Cluster[pool01.contoso.com]/Machine[new.pool01.contoso.com]`

test('says what was published and which database changed', async () => {
  const { code, json, err } = await lab.json('sets', '--diff', a(), b())
  expect(code, err).toBe(0)
  const { changes } = setsDiffShape.parse(json)
  // What the daemon had not yet seen when the first set was made is a difference too: how much that is differs.
  expect(changes.filter(({ kind }) => kind !== 'environment')).toEqual([
    { ...database, name: 'size', change: 'changed', from: '30720', to: '171008' },
    { ...topology, name: 'Value/@Signature', change: 'changed' },
    { ...topology, name: 'Value/Topology/@Signature', change: 'changed' },
    { kind: 'configuration', subject: machine, name: '', change: 'added' },
  ])
  expect(changes).toContainEqual(expect.objectContaining({ kind: 'environment', name: 'topology', change: 'changed' }))
})

test('in words', async () => {
  const { code, out } = await lab.holdfast('sets', '--diff', a(), b())
  expect(code).toBe(0)
  expect(out).toContain('sql-database: 1\n  sql05.contoso.com/LcsCDR, size: 30720 -> 171008\n')
  expect(out).toContain(
    '  Global Topology, Topology/Clusters/Cluster[pool01.contoso.com]/Machine[new.pool01.contoso.com]: added\n',
  )
})

test('a user moved, a policy value changed, a database grown: exactly these three', async () => {
  await lab.holdfast('run', '--once') // what the first sets did not know yet is seen by now
  await backup()
  await lab.break('user', 'user0001@contoso.com', 'moved')
  await lab.break('setting', 'ConferencingPolicy:Global', 'changed')
  await lab.break('database', 'sql05.contoso.com/QoEMetrics', 'grown')
  await backup()
  const [before = '', after = ''] = ids.slice(-2)
  const { out } = await lab.holdfast('sets', '--diff', before, after)
  expect(
    out
      .replaceAll(/\d+ -> \d+$/gm, 'N -> N')
      .split('\n')
      .filter(Boolean),
  ).toEqual([
    `From ${before} to ${after}:`,
    'configuration: 1',
    '  Global ConferencingPolicy, ConferencingPolicy/@MaxMeetingSize: N -> N',
    'directory-record: 1',
    '  user0001@contoso.com: moved from pool01.contoso.com to pool02.contoso.com',
    'sql-database: 1',
    '  sql05.contoso.com/QoEMetrics, size: N -> N',
  ])
  expect(out).toContain('@MaxMeetingSize: 250 -> 500\n')
})

test.each([
  ['set-unknown', (): string[] => [a(), 'nightly/none']],
  ['usage', (): string[] => [a(), a()]],
  ['usage', (): string[] => [a()]],
  ['usage', (): string[] => [a(), b(), '--policy', 'nightly']],
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
