import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunbookView } from '../../src/views/runbook.ts'
import { git, startLab, type Outcome, type TestLab } from '../support/lab.ts'
import type { SetsJson } from '../support/shapes.ts'

const schemas = join(import.meta.dirname, '..', '..', 'docs', 'schemas', 'cli')
const checks = new Map<string, ValidateFunction>()
const fitted = new Set<string>()

let lab: TestLab
let folder: string

beforeAll(async () => {
  const ajv = new Ajv2020({ allErrors: true })
  addFormats.default(ajv)
  for (const name of await readdir(schemas)) {
    const schema = JSON.parse(await readFile(join(schemas, name), 'utf8')) as object
    checks.set(basename(name, '.json'), ajv.compile(schema))
  }
  folder = await mkdtemp(join(tmpdir(), 'holdfast-shapes-'))
  lab = await startLab()
})
afterAll(async () => {
  await lab[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

/** Standard output must be one JSON document and nothing else: `JSON.parse` takes no more. */
function fits(schema: string, { out, err }: Outcome): unknown {
  expect(out.endsWith('\n'), err).toBe(true)
  return check(schema, out)
}

function check(schema: string, text: string): unknown {
  const value: unknown = JSON.parse(text)
  const validate = checks.get(schema)
  if (!validate) throw new Error(`there is no published schema ${schema}`)
  validate(value)
  expect(validate.errors ?? [], `${schema}: ${text.slice(0, 400)}`).toEqual([])
  fitted.add(schema)
  return value
}

const json = (...argv: string[]): Promise<Outcome> => lab.holdfast(...argv, '--output', 'json')

test('before the first run', async () => {
  for (const command of ['status', 'plan', 'sets', 'drift', 'recoverability']) fits(command, await json(command))
  const nothing = await json('verify')
  expect(nothing.code, nothing.err).toBe(0)
  fits('verify', nothing)
  fits('audit-list', await json('audit', 'list'))
})

test('a run, with what it made and what it says of itself', { timeout: 180_000 }, async () => {
  const run = await json('run', '--once')
  expect(run.code, run.err).toBe(0)
  fits('run-once', run)
  const made = await json('backup', 'file-stores', '--wait')
  expect(made.code, made.err).toBe(0)
  fits('backup', made)
  const { sets } = fits('sets', await json('sets')) as SetsJson
  expect(sets).toHaveLength(3)
  fits('sets-diff', await json('sets', '--diff', sets[1]?.id ?? '', sets[0]?.id ?? ''))
  const one = fits('sets', await json('sets', sets[0]?.id ?? '')) as SetsJson
  expect(one.sets).toHaveLength(1)
  for (const command of ['status', 'drift', 'recoverability']) fits(command, await json(command))
  for (const server of ['fe01.contoso.com', 'sql01.contoso.com', 'pool01.contoso.com'])
    fits('runbook', await json('runbook', server))
  fits('restore-user', await json('restore', 'user', 'user0001@contoso.com'))
  const drilled = await json('drill', 'fe01.contoso.com')
  expect(drilled.code, drilled.err).toBe(0)
  fits('drill', drilled)
  const nothingLost = await json('restore', 'se01.contoso.com', '--dry-run')
  expect(nothingLost.code, nothingLost.err).toBe(4)
  expect(fits('restore', nothingLost)).toMatchObject({ refused: [{ gate: 'not-flagged' }] })
  for (const subject of ['contoso', 'nightly', 'fe01.contoso.com', 'sql05.contoso.com/LcsCDR', sets[0]?.id ?? ''])
    fits('explain', await json('explain', subject))
  fits('explain-code', await json('explain', 'item-failed'))
  fits('audit-list', await json('audit', 'list', '--limit', '5'))
  fits('audit-verify', await json('audit', 'verify'))
  const lines = (await lab.holdfast('audit', 'export')).out.trimEnd().split('\n')
  check('audit-list', JSON.stringify({ entries: lines.map((line) => JSON.parse(line) as unknown) }))
})

test('what a commit changes', async () => {
  await lab.commit('desired-state/backup/nightly.yaml', (text) => text.replace('window: 4h', 'window: 2h'))
  const plan = fits('plan', await json('plan', '--base', 'HEAD~1', '--revision', 'HEAD')) as { base: object }
  expect(plan.base).toMatchObject({ changed: [{ subject: 'nightly' }] })
})

test('a broken world: partial, damaged and refused', async () => {
  await lab.break('server', 'sql04.contoso.com')
  const partial = await json('backup', 'nightly', '--wait')
  expect(partial.code).toBe(3)
  fits('backup', partial)
  fits('lab-status', await json('lab', 'status', '--dir', lab.dir))
  fits('status', await json('status'))
  fits('plan', await json('plan'))
  await lab.repair('server', 'sql04.contoso.com')
  await lab.break('set', 'latest', 'missing-file')
  const verify = await json('verify')
  expect(verify.code, verify.err).toBe(1)
  fits('verify', verify)
})

test('the story of a recovery, and the runbook of two losses', async () => {
  await lab.commit('desired-state/deployment.yaml', (text) => {
    const recovery = `---
apiVersion: holdfast/v1
kind: Recovery
metadata: { name: lost }
spec:
  server: sql05.contoso.com/LcsCDR
  scenario: archiving-monitoring
`
    return `${text.replace(/grace: .*$/m, 'grace: 0s').trimEnd()}\n${recovery}`
  })
  const lost = ['sql05.contoso.com/LcsCDR', String.raw`sql04.contoso.com\chat/mgc`]
  for (const database of lost) await lab.break('database', database, 'lost')
  await json('run', '--once')
  expect(fits('audit-story', await json('audit', 'story', 'lost'))).toMatchObject({
    recovery: 'lost',
    losses: [{ server: 'sql05.contoso.com/LcsCDR', merged: [{ run: 'guide' }], runs: [], ended: null }],
  })
  const { steps } = fits('runbook', await json('runbook', ...lost)) as RunbookView
  const stateOf = (id: string): unknown[] => steps.flatMap((one) => (one.id === id ? [[one.subject, one.state]] : []))
  expect(stateOf('check-surroundings')).toEqual([['contoso', 'ready']])
  expect(stateOf('restore-databases').sort()).toEqual(lost.map((one) => [one, 'waiting']).sort())
  expect(steps.filter(({ state }) => state === undefined)).toEqual([])
})

test('commands that need no daemon', async () => {
  fits('validate', await json('validate', join(lab.clone, 'desired-state')))
  const invalid = await json('validate', join(lab.dir, 'holdfast.yaml'))
  expect(invalid.code).toBe(2)
  fits('validate', invalid)
  fits('import', await json('import', join(lab.dir, 'topology.xml')))
  fits('import', await json('import', join(lab.dir, 'topology.xml'), '--to', join(folder, 'imported')))
  fits('take-over', await json('take-over', 'backup01'))
  fits('export', await json('export', join(folder, 'export')))
  fits('lab-break-list', await json('lab', 'break', '--list', '--dir', lab.dir))
  const health = await json('status', '--health')
  expect(health.code).toBe(1)
  expect(JSON.parse(health.out)).toMatchObject({ healthy: false })
})

test('an error is one JSON object on standard error, and standard output stays empty', async () => {
  const wrong: [string[], number][] = [
    [['backup', 'monthly'], 2],
    [['sets', 'nightly/none'], 2],
    [['verify', 'nightly/none'], 2],
    [['plan', '--revision', 'none'], 2],
    [['validate', join(folder, 'none')], 2],
    [['import', join(folder, 'none.xml')], 2],
    [['audit', 'list', '--limit', 'many'], 2],
    [['audit', 'story', 'none'], 2],
    [['take-over', 'none'], 2],
    [['export', lab.dir], 2],
    [['restore', 'none'], 2],
    [['restore', 'user', 'nobody@contoso.com'], 2],
    [['restore', 'se01.contoso.com'], 4],
    [['restore', 'se01.contoso.com', '--set', 'nightly/20260101T020000Z-abcd'], 4],
    [['lab', 'status', '--dir', folder], 2],
    [['lab', 'break', 'server', 'none', '--dir', lab.dir], 2],
    [['lab', 'up', lab.dir], 4],
    [['backup'], 2],
    [['bakcup'], 2],
    [[], 2],
  ]
  // One after the other: what is asked while another command holds the lease is only handed over.
  for (const [argv, expected] of wrong) {
    const { code, out, err } = await json(...argv)
    expect({ argv, code, out }).toEqual({ argv, code: expected, out: '' })
    check('error', err)
  }
})

test('an invalid commit: the error of a plan for it, and the status tell', async () => {
  await lab.commit('desired-state/backup/nightly.yaml', (text) => text.replace('cron:', 'corn:'))
  const head = (await git(lab.clone, 'rev-parse', 'HEAD')).trim()
  const plan = await json('plan', '--revision', head)
  expect(plan).toMatchObject({ code: 2, out: '' })
  check('error', plan.err)
  const status = fits('status', await json('status'))
  expect(JSON.stringify(status)).toMatch(/desired-state\/backup\/nightly\.yaml:\d+:\d+/)
  fits('plan', await json('plan'))
})

test('no published shape was left out', () => {
  // `doctor` has a test of its own.
  expect([...checks.keys()].filter((name) => !fitted.has(name))).toEqual(checks.has('doctor') ? ['doctor'] : [])
})
