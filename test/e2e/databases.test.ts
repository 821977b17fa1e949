import { cp, mkdtemp, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SetsJson } from '../support/shapes.ts'
import type { World } from '../../src/lab/world.ts'
import { startLab, type TestLab } from '../support/lab.ts'
import { until } from '../support/until.ts'

interface VerifyJson {
  results: {
    set: string
    level: string
    outcome: string
    problems: { file: string; kind: string; message: string }[]
  }[]
}

const testInstance = `apiVersion: holdfast/v1
kind: SqlStore
metadata:
  name: restore-tests
spec:
  host: sqltest.contoso.com
  version: '2019'
`
const onlyDatabases = `apiVersion: holdfast/v1
kind: BackupPolicy
metadata:
  name: databases
spec:
  location: backup01
  include: { kinds: [sql-database] }
  schedule: { cron: '0 3 * * *', timeZone: UTC }
`

let lab: TestLab
let from: string
let set: SetsJson['sets'][number]

beforeAll(async () => {
  from = await mkdtemp(join(tmpdir(), 'holdfast-e2e-databases-'))
  await cp(join(import.meta.dirname, '..', '..', 'desired-state'), from, { recursive: true })
  await rm(join(from, 'backup', 'nightly.yaml'))
  await rm(join(from, 'backup', 'file-stores.yaml'))
  await writeFile(join(from, 'backup', 'databases.yaml'), onlyDatabases)
  await writeFile(join(from, 'backup', 'restore-tests.yaml'), testInstance)
  lab = await startLab(from)
  const { json } = await lab.json<{ set: typeof set }>('backup', 'databases', '--wait')
  set = json.set
})
afterAll(async () => {
  await lab[Symbol.asyncDispose]()
  await rm(from, { recursive: true })
})

/** What the lab's SQL Servers were asked, by statement. */
async function served(words: string): Promise<string[]> {
  const text = await readFile(join(lab.dir, 'log', 'requests.jsonl'), 'utf8')
  return text.split('\n').filter((line) => line.includes(words))
}

function backupOf(database: string): { subject: string; path: string } {
  const found = set.items.find(({ kind, subject }) => kind === 'sql-database' && subject.endsWith(`/${database}`))
  if (!found) throw new Error(`no backup of ${database}`)
  return found
}

test('each instance reads its own backups back', async () => {
  expect(set.state).toBe('complete')
  const { code, json } = await lab.json<VerifyJson>('verify', set.id, '--level', 'sql')
  expect([code, json.results]).toEqual([0, [{ set: set.id, level: 'sql', outcome: 'ok', problems: [] }]])
  expect(await served('RESTORE VERIFYONLY')).toHaveLength(
    set.items.filter(({ kind }) => kind === 'sql-database').length,
  )
})

test('the partner reads it where the instance does not answer', async () => {
  await lab.break('server', 'sql03.contoso.com')
  const { code } = await lab.json<VerifyJson>('verify', set.id, '--level', 'sql')
  await lab.repair('server', 'sql03.contoso.com')
  expect(code).toBe(0)
  expect((await served('RESTORE VERIFYONLY')).filter((line) => line.includes('sql13'))).toHaveLength(1)
})

test('an instance that does not answer, and has no partner, makes nothing damaged', async () => {
  await lab.break('server', 'sql05.contoso.com')
  const { code, err } = await lab.holdfast('verify', set.id, '--level', 'sql')
  await lab.repair('server', 'sql05.contoso.com')
  expect(code).toBe(1)
  expect(err).toContain('could not be checked')
  const { json } = await lab.json<SetsJson>('sets')
  expect(json.sets.find(({ id }) => id === set.id)?.state).toBe('complete')
})

test('a restore test is refused while the policy names no instance for it', async () => {
  const { code, err } = await lab.holdfast('verify', set.id, '--level', 'restore')
  expect(code).toBe(4)
  expect(err).toContain('verification.restoreTest')
})

/** As its administrators would; the lab writes the state that it read in its own form. */
async function makeAdministrator(host: string): Promise<void> {
  const file = join(lab.dir, 'lab.json')
  const world = JSON.parse(await readFile(file, 'utf8')) as World
  const facts = world.sqlServers.map((server) => server.facts).find((one) => one.host === host)
  for (const login of facts?.logins ?? []) login.sysadmin = true
  const text = JSON.stringify(world)
  await writeFile(file, text)
  await until(async () => (await readFile(file, 'utf8')) !== text || undefined)
}

test('a restore test restores each backup elsewhere, checks it, and leaves nothing', async () => {
  await lab.commit('desired-state/backup/databases.yaml', (text) =>
    text.replace(
      '  schedule:',
      "  verification: { onCreate: structure, restoreTest: { sqlStore: restore-tests, folder: 'D:\\Restore tests\\' } }\n  schedule:",
    ),
  )
  const refused = await lab.holdfast('verify', set.id, '--level', 'restore')
  expect(refused.code).not.toBe(0)
  expect(refused.out + refused.err).toContain('sysadmin')
  expect(await served('RESTORE DATABASE @database')).toEqual([])
  await makeAdministrator('sqltest.contoso.com')
  const { code, json, err } = await lab.json<VerifyJson>('verify', set.id, '--level', 'restore')
  expect([code, json.results, err]).toMatchObject([0, [{ level: 'restore', outcome: 'ok', problems: [] }], ''])
  const restores = await served('RESTORE DATABASE @database')
  expect(restores).toHaveLength(set.items.filter(({ kind }) => kind === 'sql-database').length)
  for (const line of restores) {
    expect(line).toContain('sqltest')
    expect(line).toMatch(/D:.{1,4}Restore tests.{1,4}holdfast_restore_test_/)
    expect(line).not.toContain('REPLACE')
  }
  expect(await served('DBCC CHECKDB')).toHaveLength(restores.length)
  const state = await readFile(join(lab.dir, 'lab.json'), 'utf8')
  expect(state).not.toMatch(/"name":\s*"holdfast_restore_test_/)
  const { json: status } = await lab.json<{ conditions: { type: string; subject: string; status: string }[] }>('status')
  expect(status.conditions).toContainEqual(
    expect.objectContaining({ type: 'Restorable', subject: 'databases', status: 'true' }),
  )
})

test('damage that SQL Server finds, and a file that is gone, stay with their items', async () => {
  const [monitoring, chat] = [backupOf('QoEMetrics'), backupOf('mgc')]
  const folder = set.path
  await using file = await open(join(folder, monitoring.path), 'r+')
  const middle = Math.floor((await file.stat()).size / 2)
  await file.write(Buffer.alloc(4096, 0x55), 0, 4096, middle)
  await rename(join(folder, chat.path), join(lab.dir, 'aside.bak'))
  const { code, json } = await lab.json<VerifyJson>('verify', set.id, '--level', 'sql')
  expect(code).toBe(1)
  expect(json.results[0]?.problems.map(({ file: at, kind }) => [at, kind]).sort()).toEqual(
    [
      [monitoring.path, 'content'],
      [chat.path, 'missing'],
    ].sort(),
  )
  const { json: after } = await lab.json<SetsJson>('sets')
  const found = after.sets.find(({ id }) => id === set.id)
  expect(found?.state).toBe('damaged')
  expect(
    found?.items
      .filter(({ outcome }) => outcome === 'damaged')
      .map(({ subject }) => subject)
      .sort(),
  ).toEqual([monitoring.subject, chat.subject].sort())
})
