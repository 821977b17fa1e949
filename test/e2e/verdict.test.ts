/** The one line that says whether everything can be got back, while a daemon runs and things happen in life. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { StatusView } from '../../src/views/status.ts'
import { startedDaemon } from '../support/daemon-process.ts'
import { startLab, type Outcome, type TestLab } from '../support/lab.ts'
import type { SetsJson } from '../support/shapes.ts'
import { until } from '../support/until.ts'

type Verdict = StatusView['verdict']

const share = String.raw`\\backup01.contoso.com\LyncBackup`

let lab: TestLab
let refused: Outcome
let daemon: ChildProcess | null = null

beforeAll(async () => {
  lab = await startLab()
  await lab.break('share', share, 'gone')
  refused = await lab.holdfast('run', '--once')
  await lab.repair('share', share)
  const { code, out, err } = await lab.holdfast('run', '--once')
  if (code !== 0) throw new Error(out + err)
  daemon = await startedDaemon(lab)
}, 180_000)
afterAll(async () => {
  await stopDaemon()
  await lab[Symbol.asyncDispose]()
})
afterEach(async () => {
  await repairAll()
  await until(async () => ((await verdict()).state === 'ok' ? true : undefined))
}, 30_000)

/** What is broken is repaired after each test, also where that fails. */
const broken: [kind: string, subject: string][] = []
async function breakIt(kind: string, subject: string, detail?: string): Promise<void> {
  broken.push([kind, subject])
  await lab.break(kind, subject, detail)
}

async function repairAll(): Promise<void> {
  for (let what = broken.pop(); what; what = broken.pop()) await lab.repair(...what)
}

async function stopDaemon(): Promise<void> {
  if (daemon === null) return
  daemon.kill('SIGTERM')
  if (daemon.exitCode === null) await once(daemon, 'exit')
  daemon = null
}

async function verdict(): Promise<Verdict> {
  return (await lab.json<StatusView>('status')).json.verdict
}

/** Waits for a verdict that names this first. */
function until1st(code: string): Promise<Verdict> {
  return until(async () => {
    const now = await verdict()
    return now.reasons[0]?.code === code ? now : undefined
  })
}

test('the share is gone: told at once, by everything that shows what lies on it', async () => {
  await breakIt('share', share, 'gone')
  const { state, reasons } = await until1st('location-unreachable')
  expect(['not-ok', 'unknown']).toContain(state)
  expect(reasons[0]?.remedy).toMatch(/\S/)
  const { code, out } = await lab.holdfast('status', '--exit-code')
  expect(code).toBe(5)
  expect(out).toMatch(/^(NOT OK|UNKNOWN)/)
  expect(out).toContain('backup01')
  for (const command of ['sets', 'recoverability'])
    expect((await lab.holdfast(command)).out).toMatch(/since \d{4}-\d{2}-\d{2}/)
}, 60_000)

test('a lost server is told with what was tried', async () => {
  await breakIt('server', 'fe01.contoso.com')
  const reason = await until(async () =>
    (await verdict()).reasons.find(
      ({ code, subject }) => subject === 'fe01.contoso.com' && ['loss-seen', 'rebuild-required'].includes(code),
    ),
  )
  expect(reason.message).toMatch(/absent|rebuilt/)
  expect((await verdict()).state).toBe('not-ok')
}, 60_000)

test('an item that failed, with its reason', async () => {
  await breakIt('cmdlet', 'Export-CsRgsConfiguration', 'fails')
  expect((await lab.holdfast('backup', 'nightly', '--wait')).code).toBe(3)
  const { state, reasons } = await until1st('item-failed')
  expect(state).toBe('not-ok')
  expect(reasons[0]?.message).toMatch(/\[[a-z-]+\]/)
  await repairAll()
  expect((await lab.holdfast('backup', 'nightly', '--wait')).code).toBe(0)
}, 120_000)

test('a set that was found damaged, until a later one is whole', async () => {
  const { json } = await lab.json<SetsJson>('sets', '--policy', 'nightly')
  const [newest] = json.sets
  await breakIt('set', newest?.id ?? '')
  expect((await lab.holdfast('verify', newest?.id ?? '', '--level', 'checksum')).code).toBe(1)
  const { state } = await until1st('set-damaged')
  expect(state).toBe('not-ok')
  expect((await lab.holdfast('backup', 'nightly', '--wait')).code).toBe(0)
}, 120_000)

test('no daemon: what is said is as old as its last pass', async () => {
  await stopDaemon()
  const { state, reasons } = await verdict()
  expect(state).toBe('unknown')
  expect(reasons[0]).toMatchObject({
    code: 'daemon-not-running',
    message: expect.stringMatching(/the last pass was at \d{4}/) as string,
  })
  expect((await lab.holdfast('status')).out).toMatch(/^UNKNOWN/)
  daemon = await startedDaemon(lab)
}, 60_000)

test('a run of which all that was due is refused says so, and ends 4', () => {
  expect(`${refused.out}${refused.err}`).toMatch(/\[location-unreachable\]/)
  expect(refused.code).toBe(4)
})
