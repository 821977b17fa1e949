/** The machine of the daemon is gone. What is left is its configuration, the repository and the share. */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { StatusView } from '../../src/views/status.ts'
import { cli, startLab, type TestLab } from '../support/lab.ts'

type Verdict = StatusView['verdict']
interface Audit {
  entries: { sequence: number; type: string; subject: string; message: string }[]
}

let lab: TestLab
/** The configuration on the new machine. */
let config: string
beforeEach(async () => {
  lab = await startLab()
  const folder = join(lab.dir, 'new-machine')
  mkdirSync(folder)
  config = join(folder, 'holdfast.yaml')
  writeFileSync(config, await readFile(lab.config, 'utf8'))
}, 60_000)
afterEach(() => lab[Symbol.asyncDispose]())

/** The same command on the old machine, or on the new one. */
async function on(machine: 'old' | 'new', ...argv: string[]): Promise<{ code: number; json: unknown; out: string }> {
  if (machine === 'old') return { ...(await lab.json<object>(...argv)), out: '' }
  const answer = await cli(...argv, '--output', 'json', '--config', config)
  return { code: answer.code, json: answer.out === '' ? null : JSON.parse(answer.out), out: answer.out + answer.err }
}

async function verdict(machine: 'old' | 'new'): Promise<unknown> {
  const { verdict } = (await on(machine, 'status')).json as { verdict: Verdict }
  return [verdict.state, verdict.reasons.map(({ code, subject }) => `${code} ${subject}`).sort()]
}

async function entries(machine: 'old' | 'new'): Promise<Audit['entries']> {
  return ((await on(machine, 'audit', 'list', '--limit', '10000')).json as Audit).entries
}

function segment(): string {
  const folder = join(lab.share, 'journal')
  return join(folder, readdirSync(folder).find((name) => name.endsWith('.jsonl')) ?? '')
}

test('one command brings back sets, the verdict and the whole journal', async () => {
  expect((await on('old', 'run', '--once')).code).toBe(0)
  const [before, journal] = [await verdict('old'), await entries('old')]
  expect(await on('new', 'run', '--once')).toMatchObject({ code: 4 }) // the share is not its own, and it says so

  const taken = await on('new', 'take-over', 'backup01')

  expect(taken).toMatchObject({ code: 0 })
  expect(taken.out).toContain(`entries 1 to ${journal.length}; none were lost`)
  expect((await on('new', 'run', '--once')).code).toBe(0)
  expect(await verdict('new')).toEqual(before)
  const now = await entries('new')
  expect(now.slice(0, journal.length)).toEqual(journal)
  expect(now[journal.length]).toMatchObject({ type: 'journal-continued', subject: 'backup01' })
  expect(await on('new', 'audit', 'verify')).toMatchObject({ code: 0, json: { ok: true, lost: [] } })
}, 120_000)

test('what the share did not get any more is named: by the command, in the journal, and when it is verified', async () => {
  expect((await on('old', 'run', '--once')).code).toBe(0)
  const lines = readFileSync(segment(), 'utf8').trimEnd().split('\n')
  writeFileSync(segment(), lines.slice(0, -2).join('\n') + '\n')
  const lost = { from: lines.length - 1, to: lines.length }

  const taken = await on('new', 'take-over', 'backup01')

  expect(taken.out).toContain(`entries 1 to ${lines.length - 2}; entries ${lost.from} to ${lost.to} were lost`)
  const verified = await on('new', 'audit', 'verify')
  expect(verified).toMatchObject({ code: 0, json: { ok: true, lost: [lost] } })
  expect((await on('new', 'run', '--once')).code).toBe(0)
  expect(await on('new', 'audit', 'verify')).toMatchObject({ code: 0, json: { ok: true, lost: [lost] } })
}, 120_000)

test('a journal that cannot be read is not believed: it is disputed, as before', async () => {
  expect((await on('old', 'run', '--once')).code).toBe(0)
  rmSync(segment())

  const taken = await on('new', 'take-over', 'backup01')

  expect(taken).toMatchObject({ code: 0, json: { message: null } })
  expect((await on('new', 'run', '--once')).code).toBe(0)
  expect(JSON.stringify(await verdict('new'))).toContain('journal-disputed backup01')
}, 120_000)

test('what was exported is the configuration, the id and the journal, without a secret; nothing is written over', async () => {
  expect((await on('old', 'run', '--once')).code).toBe(0)
  const folder = join(lab.dir, 'export')
  const { out, code } = await lab.holdfast('export', folder)
  expect(code).toBe(0)
  expect(readdirSync(folder).sort()).toEqual(['holdfast.yaml', 'journal.jsonl', 'owner.id'])
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
  expect(read('holdfast.yaml')).toBe(readFileSync(lab.config, 'utf8'))
  expect(read('journal.jsonl')).toBe((await lab.holdfast('audit', 'export')).out)
  const password = readFileSync(join(lab.dir, 'sql-password'), 'utf8').trim()
  expect(out).toContain(join(lab.dir, 'sql-password'))
  for (const text of [out, ...readdirSync(folder).map(read)]) expect(text).not.toContain(password)
  expect(await lab.holdfast('export', folder)).toMatchObject({ code: 2 })

  // With the id nothing has to be taken over: the daemon goes on, and its journal is brought back on demand.
  writeFileSync(join(lab.dir, 'new-machine', 'owner.id'), read('owner.id'))
  expect((await on('new', 'take-over', 'backup01')).out).toContain('none were lost')
}, 120_000)
