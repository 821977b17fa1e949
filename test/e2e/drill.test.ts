/** A recovery walked through on paper in a lab: what it says comes true or not is broken one thing at a time. */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DrillView } from '../../src/views/drill.ts'
import { startLab, type TestLab } from '../support/lab.ts'
import type { SetsJson } from '../support/shapes.ts'

const standard = 'se01.contoso.com'
const database = 'sql05.contoso.com/LcsCDR'

let lab: TestLab
beforeAll(async () => {
  lab = await startLab()
}, 120_000)
afterAll(() => lab[Symbol.asyncDispose]())

const drill = (...subjects: string[]): Promise<{ code: number; json: DrillView; err: string }> =>
  lab.json<DrillView>('drill', ...subjects)

/** What would stop it, as `about subject step`. */
function stops({ stops: found }: DrillView): string[] {
  return found.map(({ about, subject, step }) => `${about} ${subject} ${step?.id ?? '-'}`)
}

/** The share with sizes and times, and what the deployment was asked so far. */
function share(): string[] {
  return readdirSync(lab.share, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => `${file} ${statSync(file).size} ${statSync(file).mtimeMs}`)
    .sort()
}
function requests(): { kind: string; call?: string; sql?: string }[] {
  const lines = readFileSync(join(lab.dir, 'log', 'requests.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
  return lines.map((line) => JSON.parse(line) as { kind: string })
}

test('before any set there is a copy of nothing, and it says so', async () => {
  const { code, json } = await drill(standard)
  expect(code).toBe(1)
  expect(json).toMatchObject({
    outcome: 'stops',
    items: expect.arrayContaining([expect.objectContaining({ from: null })]),
  })
  expect(stops(json)).toEqual(
    expect.arrayContaining([
      `copy ${standard} import-user-data`,
      `copy ${standard} import-response-groups`,
      `copy \\\\${standard}\\LyncShare restore-file-store`,
    ]),
  )
  // Nothing comes from a set of what keeps nothing.
  expect(await drill('med01.contoso.com')).toMatchObject({ code: 0, json: { outcome: 'comes-through', items: [] } })
})

test('all is well: each step has what it rests on, nothing is changed, and nothing is claimed that was never proved', async () => {
  const run = await lab.holdfast('run', '--once')
  expect(run.code, run.err).toBe(0)
  const [before, asked] = [share(), requests().length]
  const { code, json } = await drill(standard)
  expect(share()).toEqual(before)
  const since = requests().slice(asked)
  expect(since.length).toBeGreaterThan(0)
  expect([...new Set(since.flatMap(({ call }) => call ?? []))].sort()).toEqual(['commands', 'published-topology'])
  expect(
    since.filter(({ sql }) => sql !== undefined && /\b(backup database|restore database|alter|drop)\b/i.test(sql)),
  ).toEqual([])

  expect([code, json.outcome, json.stops, json.closedWays]).toEqual([0, 'comes-through', [], []])
  const runbook = await lab.json<{ steps: { id: string; command?: string }[] }>('runbook', standard)
  expect(json.steps.map(({ id, command }) => ({ id, command }))).toEqual(
    runbook.json.steps.map(({ id, command }) => ({ id, command })),
  )
  for (const { id, checks } of json.steps) expect(checks.length, id).toBeGreaterThan(0)
  const users = json.steps.find(({ id }) => id === 'import-user-data')
  expect(users?.from).toMatchObject({ kind: 'user-data', subject: standard })
  expect(users?.command).toContain(users?.from?.file)
  expect(users?.checks.filter(({ result }) => result === 'holds').map(({ about }) => about)).toEqual(
    expect.arrayContaining(['copy', 'verified', 'role', 'share', 'share-owner', 'file', 'shell', 'cmdlet']),
  )
  expect(json.unproved.map(({ about, step }) => `${about} ${step?.id ?? ''}`)).toEqual(
    expect.arrayContaining(['restore-test import-user-data', 'set-not-verified import-user-data']),
  )
  expect(json.unknown.map(({ step }) => step?.id)).toEqual(
    expect.arrayContaining(['take-image', 'assign-certificates']),
  )

  const { out } = await lab.holdfast('drill', standard)
  expect(out).toMatch(/^# Drill of se01\.contoso\.com\n\n\*\*It would come through\*\*/)
  expect(out).toContain(users?.command?.split('\n')[0])
  expect((await lab.holdfast('drill', standard, '--output', 'markdown')).out.length).toBeGreaterThan(1000)
})

test('verified and restored for a test: that is no longer told as unproved', async () => {
  expect((await lab.holdfast('verify', '--level', 'content')).code).toBe(0)
  const { json } = await drill(standard)
  expect(json.unproved.map(({ about }) => about)).not.toContain('set-not-verified')
})

test('the right to restore over a database is missing, and then it is granted', async () => {
  const without = await drill(database)
  expect([without.code, stops(without.json)]).toEqual([1, ['sql-restore-rights sql05.contoso.com restore-databases']])
  expect(without.json.stops[0]?.remedy).toContain('sp_addsrvrolemember')
  await lab.do('grant-sysadmin', 'sql05.contoso.com')
  const granted = await drill(database)
  expect([granted.code, granted.json.stops]).toEqual([0, []])
  const abouts = granted.json.steps.find(({ id }) => id === 'restore-databases')?.checks.map(({ about }) => about)
  expect(abouts).toEqual(expect.arrayContaining(['sql-login', 'sql-restore-rights', 'sql-reads-copy']))
})

test('a backup of the right size that SQL Server does not take for one', async () => {
  const { sets } = (await lab.json<SetsJson>('sets')).json
  const set = sets.find(({ policy }) => policy === 'nightly')
  const file = join(set?.path ?? '', set?.items.find(({ subject }) => subject === database)?.path ?? '')
  const whole = readFileSync(file)
  writeFileSync(file, Buffer.concat([Buffer.alloc(4096), whole.subarray(4096)]))
  const { code, json } = await drill(database)
  writeFileSync(file, whole)
  expect([code, stops(json)]).toEqual([1, [`sql-reads-copy ${database} restore-databases`]])
})

test('a cmdlet is missing on the management host: the way of the pair is left, and a single pool has none', async () => {
  await lab.break('cmdlet', 'Import-CsUserData', 'missing')
  const [pair, alone] = [await drill('pool02.contoso.com'), await drill(standard)]
  await lab.repair('cmdlet', 'Import-CsUserData')
  expect([pair.code, pair.json.outcome, stops(pair.json)]).toEqual([
    ...[0, 'comes-through'],
    ['cmdlet Import-CsUserData import-user-data'],
  ])
  expect(pair.json.closedWays).toEqual([
    { fork: { id: 'fail-over-pool', subject: 'pool02.contoso.com' }, branch: 'from-set' },
  ])
  expect([alone.code, stops(alone.json)]).toEqual([1, ['cmdlet Import-CsUserData import-user-data']])
})

test('names do not answer: of the machine itself, and of what it rests on', async () => {
  for (const name of [standard, 'backup01.contoso.com']) await lab.break('dns', name, 'missing')
  const { code, json } = await drill(standard)
  for (const name of [standard, 'backup01.contoso.com']) await lab.repair('dns', name)
  expect(code).toBe(1)
  expect(stops(json)).toEqual(
    expect.arrayContaining([`name ${standard} rebuild-machine`, 'name backup01.contoso.com check-surroundings']),
  )
})

test('several are thought of as lost together, as a runbook has them', async () => {
  const both = ['sql04.contoso.com', standard]
  const { json } = await drill(...both)
  const runbook = await lab.json<{ steps: { id: string }[] }>('runbook', ...both)
  expect(json.also).toEqual([standard])
  expect(json.steps.map(({ id }) => id)).toEqual(runbook.json.steps.map(({ id }) => id))
})

test('a name that Git does not know is an error, with what was meant', async () => {
  const { code, out, err } = await lab.holdfast('drill', 'se09.contoso.com')
  expect([code, out]).toEqual([2, ''])
  expect(err).toContain('[unknown-subject]')
  expect(err).toContain('Did you mean se01.contoso.com?')
})

test('the file of a copy is gone: it is told with the step, and which command makes the recovery use another', async () => {
  const { sets } = (await lab.json<SetsJson>('sets')).json
  const set = sets.find(({ policy }) => policy === 'nightly')
  const item = set?.items.find(({ kind, subject }) => kind === 'user-data' && subject === standard)
  rmSync(join(set?.path ?? '', item?.path ?? ''))
  const { code, json } = await drill(standard)
  expect([code, stops(json)]).toEqual([1, [`file ${set?.id}/${item?.path} import-user-data`]])
  expect(json.stops[0]).toMatchObject({
    message: expect.stringContaining('it is in the manifest, but not there') as string,
    remedy: expect.stringContaining(`holdfast verify ${set?.id}`) as string,
  })
  const { out } = await lab.holdfast('drill', standard)
  expect(out).toContain('**It would stop**')
})
