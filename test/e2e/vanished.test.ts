/** Somebody deletes the backup sets of a daemon that runs, through the command line as a person sees it. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StatusView } from '../../src/views/status.ts'
import { startedDaemon } from '../support/daemon-process.ts'
import { git, startLab, type TestLab } from '../support/lab.ts'
import type { SetsJson } from '../support/shapes.ts'
import { until } from '../support/until.ts'

let lab: TestLab
let daemon: ChildProcess

beforeAll(async () => {
  lab = await startLab()
  const { code, out, err } = await lab.holdfast('run', '--once')
  if (code !== 0) throw new Error(out + err)
  daemon = await startedDaemon(lab)
}, 180_000)
afterAll(async () => {
  daemon.kill('SIGTERM')
  if (daemon.exitCode === null) await once(daemon, 'exit')
  await lab[Symbol.asyncDispose]()
})

async function verdict(): Promise<StatusView['verdict']> {
  return (await lab.json<StatusView>('status')).json.verdict
}

async function sets(): Promise<string[]> {
  return (await lab.json<SetsJson>('sets')).json.sets.filter(({ state }) => state === 'complete').map(({ id }) => id)
}

test('sets deleted by hand are the first reason of NOT OK, until a Suspension names them', async () => {
  await until(async () => ((await verdict()).state === 'ok' ? true : undefined))
  const before = (await sets()).sort()
  expect(before.map((id) => id.split('/')[0])).toEqual(['file-stores', 'nightly'])

  for (const id of before) await rm(join(lab.share, ...id.split('/')), { recursive: true })
  const { state, reasons } = await until(async () => {
    const now = await verdict()
    return now.reasons[0]?.subject === 'backup01' ? now : undefined
  })
  expect(state).toBe('not-ok')
  expect(reasons[0]).toMatchObject({ code: 'set-vanished', subject: 'backup01' })
  expect(reasons[0]?.message).toMatch(/^2 BACKUP SETS VANISHED, /)
  for (const id of before) expect(reasons[0]?.message).toContain(id)
  expect((await lab.holdfast('status', '--exit-code')).code).toBe(5)
  const { json } = await lab.json<{ entries: { type: string; subject: string }[] }>('audit', 'list', '--limit', '1000')
  for (const id of before)
    expect(json.entries).toContainEqual(expect.objectContaining({ type: 'finding-opened', subject: id }))

  // New sets are made at once, and close nothing.
  await until(async () => ((await sets()).length === 2 ? true : undefined))
  expect((await verdict()).reasons[0]?.code).toBe('set-vanished')

  const suspension = {
    apiVersion: 'holdfast/v1',
    kind: 'Suspension',
    metadata: { name: 'sets-removed' },
    spec: {
      subjects: before,
      findings: ['set-vanished'],
      reason: 'Removed by hand, to make room',
      until: new Date(Date.now() + 86_400_000).toISOString(),
    },
  }
  await writeFile(join(lab.clone, 'desired-state', 'sets-removed.yaml'), JSON.stringify(suspension))
  await git(lab.clone, 'add', '--all')
  await git(lab.clone, 'commit', '--quiet', '--message', 'Say that the sets were removed on purpose')
  await git(lab.clone, 'push', '--quiet')
  await until(async () => ((await verdict()).state === 'ok' ? true : undefined))

  // Nothing comes back when the Suspension goes.
  await git(lab.clone, 'rm', '--quiet', join('desired-state', 'sets-removed.yaml'))
  await git(lab.clone, 'commit', '--quiet', '--message', 'Remove the Suspension')
  await git(lab.clone, 'push', '--quiet')
  const head = (await git(lab.clone, 'rev-parse', 'HEAD')).trim()
  await until(async () => ((await lab.json<StatusView>('status')).json.revision === head ? true : undefined))
  expect(await verdict()).toEqual({ state: 'ok', reasons: [] })
  expect(await readdir(lab.share)).toEqual(expect.arrayContaining(['file-stores', 'nightly']))
}, 120_000)
