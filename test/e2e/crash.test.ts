import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startCli, startLab, type TestLab } from '../support/lab.ts'
import { until } from '../support/until.ts'
import type { SetsJson } from '../support/shapes.ts'

let lab: TestLab
const children: ChildProcess[] = []

beforeAll(async () => {
  lab = await startLab()
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})
afterAll(() => lab[Symbol.asyncDispose]())

function daemon(...argv: string[]): ChildProcess {
  const child = startCli('run', ...argv, '--config', lab.config)
  children.push(child)
  return child
}

async function isAtWork(): Promise<void> {
  await until(async () => ((await lab.holdfast('status', '--health')).code === 0 ? true : undefined))
}

/** Folders without a commit record. */
async function openFolders(policy: string): Promise<string[]> {
  const folders = await readdir(join(lab.share, policy)).catch(() => [])
  return folders.filter((folder) => !existsSync(join(lab.share, policy, folder, 'tagmanifest-sha256.txt')))
}

test('kill -9 in the middle of a set: one complete set for the slot, the other folder interrupted, the journal whole', async () => {
  await lab.break('cmdlet', 'Export-CsUserData', 'hangs')
  const victim = daemon()
  const folder = await until(async () => (await openFolders('nightly'))[0])
  victim.kill('SIGKILL')
  await once(victim, 'exit')
  await lab.repair('cmdlet', 'Export-CsUserData')

  const next = await lab.json('run', '--once')

  expect(next.code, next.err).toBe(0)
  const { json } = await lab.json<SetsJson>('sets')
  const nightly = json.sets.filter(({ policy }) => policy === 'nightly')
  expect(nightly.map(({ state }) => state).sort()).toEqual(['complete', 'interrupted'])
  expect(nightly.find(({ state }) => state === 'interrupted')?.id).toBe(`nightly/${folder}`)
  expect(await lab.json('audit', 'verify')).toMatchObject({ code: 0, json: { ok: true } })
  expect(await lab.json('run', '--once')).toMatchObject({ code: 0, json: { actions: [] } })
})

test('SIGTERM: running work is recorded as interrupted, and the process ends by itself', async () => {
  await lab.break('cmdlet', 'Export-CsUserData', 'hangs')
  const before = await openFolders('nightly')
  const running = daemon()
  await isAtWork() // else the command takes the lease
  const asked = lab.holdfast('backup', 'nightly', '--wait')
  await until(async () => (await openFolders('nightly')).find((folder) => !before.includes(folder)))

  running.kill('SIGTERM')

  const [code] = (await once(running, 'exit')) as [number | null]
  expect(code).toBe(0)
  await asked
  await lab.repair('cmdlet', 'Export-CsUserData')
  const { json } = await lab.json<{ entries: { type: string; message: string }[] }>('audit', 'list')
  expect(JSON.stringify(json.entries.slice(-4))).toMatch(/interrupted/)
})

test('a second daemon is refused, and requests are served by the first', async () => {
  const first = daemon()
  await isAtWork()

  const second = await lab.json('run', '--once').catch((error: unknown) => String(error))
  const asked = await lab.json<{ set: SetsJson['sets'][number] }>('backup', 'file-stores', '--wait')
  const begun = await lab.holdfast('backup', 'file-stores')
  const unknown = await lab.holdfast('backup', 'nigthly')

  expect(second).toContain('exit 4')
  expect(asked).toMatchObject({ code: 0, json: { set: { state: 'complete', cause: 'manual' } } })
  expect(begun).toMatchObject({ code: 0, err: '' })
  expect(begun.out).toMatch(/^Asked for a run of file-stores \(request \w+\)\. The daemon has begun it\.\n$/)
  expect(unknown, 'without --wait, too').toMatchObject({ code: 2, out: '' })
  expect(unknown.err).toContain('nigthly')
  first.kill('SIGTERM')
  await once(first, 'exit')
  expect((await lab.holdfast('status', '--health')).code).toBe(1)
})
