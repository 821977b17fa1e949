/** Exports that a restore test only tries, over the real shell host of the lab. */
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Tools } from '../../src/act/handler.ts'
import { tryImports } from '../../src/act/try-imports.ts'
import type { RestoreCheck } from '../../src/act/restore-check.ts'
import { seal } from '../support/sealed.ts'
import { hasty, meets, never, restoreBench, type RestoreBench } from './restore/lab-sets.ts'
import type { RestoreContext } from '../../src/act/restore/restorer.ts'

const pool = 'pool01.contoso.com'
const older = 'se01.contoso.com'

let bench: RestoreBench
let context: RestoreContext
beforeAll(async () => {
  bench = await restoreBench()
})
afterAll(() => bench[Symbol.asyncDispose]())
beforeEach(async () => {
  context = await exported(pool)
  bench.asked()
})

async function exported(of: string): Promise<RestoreContext> {
  const made = await bench.setOf({ kind: 'user-data', subject: of }, 'export-user-data', { PoolFqdn: of }, {})
  Object.assign(made.set, { items: [made.copy] })
  return made
}

function run({ set }: RestoreContext = context, more: Partial<Tools> = {}): Promise<RestoreCheck> {
  const limit = (_resource: unknown, _signal: unknown, task: () => unknown) => task()
  return tryImports(set, { ...bench.tools, limit, ...more } as unknown as Tools, never)
}

/** The file becomes another one; `isListed`: manifest and commit record say so. */
async function replace({ set, copy }: RestoreContext, content: string, isListed: boolean): Promise<void> {
  await writeFile(join(set.path, copy.path), content)
  if (isListed) seal(set.path)
}

test('says that it passed, by the switch that changes nothing, and nothing is changed', async () => {
  const before = [bench.held('users', pool), bench.held('users', older)]
  await bench.break('user', 'user0002@contoso.com', 'emptied')
  const emptied = bench.held('users', pool)
  expect(await run()).toMatchObject({
    trials: [{ pool, outcome: 'passed', message: null }],
    problems: [],
    failures: [],
  })
  expect(bench.asked()).toMatchObject([{ call: 'test-user-data', parameters: { TestMode: true } }])
  expect(bench.held('users', pool)).toEqual(emptied)
  expect(emptied).not.toEqual(before[0])
  expect(bench.held('users', older)).toEqual(before[1])
  expect(await readdir(bench.scratch)).toEqual([])
})

test('a complaint is kept as such: no damage, no failure', async () => {
  await replace(context, 'not an export', true)
  delete context.set.commitSha256 // it was so when the set was closed
  const { trials, problems, damaged, failures } = await run()
  expect(trials).toMatchObject([{ pool, outcome: 'complained' }])
  expect(trials[0]?.message).toContain('is damaged, or is no export')
  expect([problems, damaged, failures]).toEqual([[], [], []])

  const another = await exported(pool)
  expect((await run(another, meets(bench.tools, 'test-user-data', 'error-record'))).trials).toEqual([
    { pool, outcome: 'complained', message: 'One of them was skipped.' },
  ])
})

test('a file that is not what its manifest says is damaged, and is not tried', async () => {
  await replace(context, 'not an export', false)
  const { trials, problems } = await run()
  expect(trials).toEqual([])
  expect(problems.length).toBeGreaterThan(0)
  expect(bench.asked()).toEqual([])
})

test('nor is one that was exchanged together with manifest and commit record', async () => {
  await replace(context, 'of somebody else', true)
  const { trials, problems } = await run()
  expect(trials).toEqual([])
  expect(problems).toContainEqual(expect.objectContaining({ file: 'tagmanifest-sha256.txt', kind: 'manifest' }))
  expect(bench.asked()).toEqual([])
})

test('Lync Server 2013 has no such mode: nothing is run, and that is said', async () => {
  const { trials } = await run(await exported(older).finally(() => bench.asked()))
  expect(trials).toEqual([{ pool: older, outcome: 'not-there', message: null }])
  expect(bench.asked()).toEqual([])
})

test('a cmdlet that is missing, or never ends, is a complaint within its time', async () => {
  await bench.break('cmdlet', 'Update-CsUserData', 'missing')
  expect((await run()).trials).toMatchObject([{ outcome: 'complained' }])
  await bench.repair('cmdlet', 'Update-CsUserData')
  await bench.break('cmdlet', 'Update-CsUserData', 'hangs')
  const { trials } = await run(context, { drivers: { ...bench.drivers, clock: hasty } })
  await bench.repair('cmdlet', 'Update-CsUserData')
  expect(trials).toEqual([{ pool, outcome: 'complained', message: 'It did not end within 30 minutes.' }])
})
