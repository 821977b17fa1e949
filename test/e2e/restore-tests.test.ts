/** Restore tests in a lab: of databases and file stores, of a copy that rotted, and of a daemon that is killed in one. */
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { startedDaemon } from '../support/daemon-process.ts'
import { startCli, startLab, type TestLab } from '../support/lab.ts'
import type { SetsJson } from '../support/shapes.ts'
import { until } from '../support/until.ts'

const files = '\\\\scratch01.contoso.com\\Restore'
const resources = `apiVersion: holdfast/v1
kind: SqlStore
metadata: { name: restore-tests }
spec: { host: sqltest.contoso.com, version: '2019' }
---
apiVersion: holdfast/v1
kind: BackupPolicy
metadata: { name: data }
spec:
  location: backup01
  include: { kinds: [sql-database, file-store, user-data] }
  verification:
    onCreate: structure
    restoreTest: { sqlStore: restore-tests, folder: 'D:\\Restore', files: '${files}', imports: true, validDays: 45 }
  schedule: { cron: '0 3 * * *', timeZone: UTC }
`

type Set = SetsJson['sets'][number]
let lab: TestLab
let from: string
let scratch: string
const sets: Set[] = []

beforeAll(async () => {
  from = await mkdtemp(join(tmpdir(), 'holdfast-e2e-restore-tests-'))
  scratch = join(from, 'scratch')
  await mkdir(scratch)
  const tree = join(from, 'tree')
  await cp(join(import.meta.dirname, '..', '..', 'desired-state'), tree, { recursive: true })
  for (const name of ['nightly.yaml', 'file-stores.yaml']) await rm(join(tree, 'backup', name))
  await writeFile(join(tree, 'backup', 'data.yaml'), resources)
  lab = await startLab(tree)
  const config = parse(await readFile(lab.config, 'utf8')) as { pathMap: Record<string, string> }
  config.pathMap[files] = scratch
  await writeFile(lab.config, stringify(config))
  for (let n = 0; n < 2; n++) sets.push((await lab.json<{ set: Set }>('backup', 'data', '--wait')).json.set)
}, 180_000)
afterAll(async () => {
  await lab[Symbol.asyncDispose]()
  await rm(from, { recursive: true })
})

/** What the deployment holds of everything in the set. */
async function production(): Promise<unknown[]> {
  const subjects = sets[0]!.items
    .filter(({ kind }) => kind === 'sql-database' || kind === 'file-store' || kind === 'user-data')
    .map(({ subject }) => subject)
  const held: unknown[] = []
  for (const subject of subjects) held.push(await lab.content(subject))
  return held
}

const verify = (set: Set) =>
  lab.json<{ results: { outcome: string; problems: { file: string; kind: string }[] }[] }>(
    ...['verify', set.id, '--level', 'restore'],
  )

/** How often a database was restored on the instance for tests. */
async function restores(): Promise<number> {
  const lines = (await readFile(join(lab.dir, 'log', 'requests.jsonl'), 'utf8')).split('\n')
  return lines.filter((line) => line.includes('RESTORE DATABASE @database') && line.includes('sqltest')).length
}

/** Databases of tests that an instance of the lab holds. */
async function testDatabases(): Promise<number> {
  const state = await readFile(join(lab.dir, 'lab.json'), 'utf8')
  return (state.match(/"name":\s*"holdfast_restore_test_/g) ?? []).length
}

test('a restore test brings databases and file stores back beside, and leaves nothing', async () => {
  expect(sets.map(({ state }) => state)).toEqual(['complete', 'complete'])
  const before = await production()
  const { code, json, err } = await verify(sets[1]!)
  expect([code, json.results, err]).toMatchObject([0, [{ outcome: 'ok', problems: [] }], ''])
  expect(await readdir(scratch)).toEqual([])
  expect(await testDatabases()).toBe(0)
  expect(await production()).toEqual(before)
  const { json: status } = await lab.json<{ conditions: { type: string; status: string; message: string }[] }>('status')
  const condition = status.conditions.find(({ type }) => type === 'Restorable')
  expect(condition).toMatchObject({ status: 'true' })
  expect(condition?.message).toMatch(/ file-store of data\/.+ sql-database of data\//)
  expect(condition?.message).toContain(`Tried only, of ${sets[1]?.id} at `)
  expect(condition?.message).toMatch(
    /Update-CsUserData -TestMode passed 2 of 2 exports of user data; Lync Server 2013 has no -TestMode \(se01\.contoso\.com\)/,
  )
})

test('the daemon that is killed in one leaves nothing after its next start', async () => {
  const before = await production()
  await lab.break('sql', 'sqltest.contoso.com', 'slow-restores')
  await mkdir(join(scratch, 'not-ours'))
  const earlier = await restores()
  let daemon = await startedDaemon(lab)
  const asked = startCli('verify', sets[1]!.id, '--level', 'restore', '--config', lab.config)
  await until(async () => ((await restores()) > earlier ? true : undefined))
  daemon.kill('SIGKILL')
  await once(daemon, 'exit')
  // There is something to be removed: it was begun, and nobody is there to end it.
  expect(await until(async () => (await testDatabases()) || undefined)).toBeGreaterThan(0)
  await lab.repair('sql', 'sqltest.contoso.com')
  daemon = await startedDaemon(lab)
  try {
    if (asked.exitCode === null) await once(asked, 'exit')
    await until(async () => ((await testDatabases()) === 0 ? true : undefined))
    expect(await readdir(scratch)).toEqual(['not-ours'])
    expect(await production()).toEqual(before)
  } finally {
    daemon.kill('SIGTERM')
    await once(daemon, 'exit')
  }
}, 120_000)

test('an older copy that rotted is found', async () => {
  const store = sets[0]!.items.find(({ kind }) => kind === 'file-store')!
  const folder = join(sets[0]!.path, store.path)
  const names = await readdir(folder, { recursive: true, withFileTypes: true })
  const file = names.find((entry) => entry.isFile())!
  const path = join(file.parentPath, file.name)
  await using handle = await open(path, 'r+')
  await handle.write('rot', 0)
  const { code, json } = await verify(sets[0]!)
  expect(code).toBe(1)
  expect(json.results[0]).toMatchObject({ outcome: 'damaged', problems: [{ kind: expect.any(String) as string }] })
  expect(path.endsWith(json.results[0]!.problems[0]!.file)).toBe(true)
  expect((await readdir(scratch)).filter((name) => name !== 'not-ours')).toEqual([])
})
