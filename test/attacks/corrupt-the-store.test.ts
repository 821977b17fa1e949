/** The bytes of `state.db` are damaged while the daemon runs: by a disk, or by a copy that was put over it. */
import { closeSync, fstatSync, openSync, readdirSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StatusView } from '../../src/views/status.ts'
import { journalOf, setsOn, startDaemonProcess } from '../support/daemon-process.ts'
import { git, startLab, type TestLab } from '../support/lab.ts'
import { until } from '../support/until.ts'

let lab: TestLab
let before: { id: string; committed: boolean }[]

beforeAll(async () => {
  lab = await startLab()
  const { code, out, err } = await lab.holdfast('run', '--once')
  if (code !== 0) throw new Error(out + err)
  before = setsOn(lab.share)
}, 120_000)
afterAll(() => lab[Symbol.asyncDispose]())

const pageSize = 4096

/** All pages but the first; what somebody else writes at that moment makes the daemon read them again. */
function damage(file: string): void {
  const other = new DatabaseSync(file, { timeout: 10_000 })
  other.exec('BEGIN IMMEDIATE; UPDATE "lease" SET "since" = "since"')
  const descriptor = openSync(file, 'r+')
  const bytes = fstatSync(descriptor).size - pageSize
  writeSync(descriptor, Buffer.alloc(bytes, 0xff), 0, bytes, pageSize)
  closeSync(descriptor)
  other.exec('COMMIT')
  other.close()
}

const setAside = (): string[] => readdirSync(lab.dir).filter((name) => /^state\.db\.corrupt-\d{8}T\d{6}Z$/.test(name))

async function reasons(): Promise<string[]> {
  const { json } = await lab.json<StatusView>('status')
  return json.verdict.reasons.map(({ code, subject }) => `${code} ${subject}`)
}

async function applied(): Promise<void> {
  const head = (await git(lab.clone, 'rev-parse', 'HEAD')).trim()
  await until(async () => ((await lab.json<StatusView>('status')).json.revision === head ? true : undefined))
}

test('the daemon ends and says why; the next one keeps the damaged file, begins a new one, and makes no set again', async () => {
  await using daemon = startDaemonProcess(lab.config)
  await daemon.says('the daemon runs')
  damage(join(lab.dir, 'state.db'))
  expect(await daemon.exited).toBe(1)
  expect(daemon.err()).toContain('[state-store-unreadable]')
  expect(daemon.err()).not.toContain('suppressed during disposal')

  for (const command of ['status', 'sets', 'backup nightly']) {
    const { code, err } = await lab.holdfast(...command.split(' '))
    expect([command, code, err]).toEqual([command, 1, expect.stringContaining('[state-store-unreadable]')])
  }
  expect(setAside()).toEqual([])

  await using next = startDaemonProcess(lab.config)
  expect((await next.says('state-store-replaced')).level).toBe(40)
  const [kept = ''] = setAside()
  expect(setAside()).toHaveLength(1)
  const [reason = ''] = await until(async () => {
    const said = (await reasons()).filter((one) => one.startsWith('state-store-replaced'))
    return said.length > 0 ? said : undefined
  })
  expect(reason).toBe('state-store-replaced contoso')
  expect((await lab.holdfast('status')).out).toContain(kept)
  // Before the first pass a command judges by itself: the daemon's own word is in the journal.
  const said = await until(async () => {
    const entries = await journalOf(lab)
    return entries.includes('finding-opened contoso') ? entries : undefined
  })
  expect(said).toContain('state-store-replaced state-store')
  expect(setsOn(lab.share)).toEqual(before)

  const suspension = {
    apiVersion: 'holdfast/v1',
    kind: 'Suspension',
    metadata: { name: 'store-lost' },
    spec: {
      subjects: ['contoso'],
      findings: ['state-store-replaced'],
      reason: 'The disk was replaced',
      until: new Date(Date.now() + 86_400_000).toISOString(),
    },
  }
  writeFileSync(join(lab.clone, 'desired-state', 'store-lost.yaml'), JSON.stringify(suspension))
  await git(lab.clone, 'add', '--all')
  await git(lab.clone, 'commit', '--quiet', '--message', 'Say that the loss of the store is known')
  await git(lab.clone, 'push', '--quiet')
  await applied()
  expect(await reasons()).not.toContain('state-store-replaced contoso')

  // Nothing comes back when the Suspension goes.
  await git(lab.clone, 'rm', '--quiet', join('desired-state', 'store-lost.yaml'))
  await git(lab.clone, 'commit', '--quiet', '--message', 'Remove the Suspension')
  await git(lab.clone, 'push', '--quiet')
  await applied()
  expect(await reasons()).not.toContain('state-store-replaced contoso')
  expect(setAside()).toEqual([kept])
  expect(setsOn(lab.share)).toEqual(before)
}, 120_000)

test('a daemon whose file was replaced by another one ends', async () => {
  await using daemon = startDaemonProcess(lab.config)
  await daemon.says('the daemon runs')
  const file = join(lab.dir, 'state.db')
  const copy = new DatabaseSync(file, { readOnly: true })
  copy.exec(`VACUUM INTO '${file}.copy'`)
  copy.close()
  renameSync(`${file}.copy`, file)
  expect(await daemon.exited).toBe(1)
  expect(daemon.err()).toContain('[lease-lost]')
}, 60_000)
