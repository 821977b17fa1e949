import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { statements, sqlOf } from '../../src/drivers/sql/statements.ts'
import { startLab, type TestLab } from '../support/lab.ts'
import type { SetsJson } from '../support/shapes.ts'

interface Served {
  kind: string
  instance: string
  sql: string
  parameters: Record<string, unknown>
}

/** The archive in an availability group, Persistent Chat on the oldest version, and an instance for restore tests. */
const stores = {
  'sql03-archive': `
  host: archive.contoso.com
  version: '2016'
  highAvailability:
    availability-group:
      listener: archive.contoso.com
      replicas: [sql03.contoso.com, sql13.contoso.com]
`,
  'sql04-chat': `
  host: sql04.contoso.com
  instance: chat
  port: 14330
  version: '2008 R2'
`,
  'restore-tests': `
  host: sqltest.contoso.com
  version: '2019'
`,
}
const nightly = `apiVersion: holdfast/v1
kind: BackupPolicy
metadata:
  name: nightly
spec:
  location: backup01
  include: all
  schedule: { cron: '0 2 * * *', timeZone: UTC }
  verification: { onCreate: structure, restoreTest: { sqlStore: restore-tests, folder: 'D:\\Restore' } }
`

/** What the client library says once on each connection: settings of the session, the same for everybody. */
const librarySettings = /^(set [a-z_]+ [a-z0-9_ ]+\n?)+$/

let lab: TestLab
let from: string
let set: SetsJson['sets'][number]
let served: Served[]

/** The full run: a backup of everything, all databases read back, all restored for a test, and everything examined. */
beforeAll(async () => {
  from = await mkdtemp(join(tmpdir(), 'holdfast-e2e-statements-'))
  await cp(join(import.meta.dirname, '..', '..', 'desired-state'), from, { recursive: true })
  for (const site of ['berlin', 'munich']) {
    const file = join(from, site, 'sql-stores.yaml')
    const documents = (await readFile(file, 'utf8')).split(/^---$/m)
    const kept = documents.filter((text) => !Object.keys(stores).some((name) => text.includes(`name: ${name}\n`)))
    await writeFile(file, kept.join('---'))
  }
  const made = Object.entries(stores).map(
    ([name, spec]) => `apiVersion: holdfast/v1\nkind: SqlStore\nmetadata:\n  name: ${name}\nspec:${spec}`,
  )
  await writeFile(join(from, 'berlin', 'further-stores.yaml'), made.join('---\n'))
  await change(join(from, 'berlin', 'pools.yaml'), (text) =>
    text.replace('  type: persistent-chat\n', '  type: persistent-chat\n  product: lync-server-2013\n'),
  )
  // Express keeps databases that SQL Server is asked to back up, too.
  await change(join(from, 'munich', 'pools.yaml'), (text) =>
    text.replace('  userStore: se01-rtc\n', '  userStore: se01-rtc\n  monitoring: se01-rtc\n'),
  )
  await writeFile(join(from, 'backup', 'nightly.yaml'), nightly)
  await rm(join(from, 'backup', 'file-stores.yaml'))
  lab = await startLab(from)
  const backup = await lab.json<{ set: typeof set }>('backup', 'nightly', '--wait')
  expect([backup.code, backup.json.set.state]).toEqual([0, 'complete'])
  set = backup.json.set
  for (const level of ['sql', 'restore']) expect((await lab.holdfast('verify', set.id, '--level', level)).code).toBe(0)
  const { json: doctor } = await lab.json<{ checks: { name: string; outcome: string }[] }>('doctor')
  expect(doctor.checks.filter(({ outcome }) => outcome !== 'ok').map(({ name }) => name)).toEqual([
    'sql-restore-rights',
  ])
  const lines = (await readFile(join(lab.dir, 'log', 'requests.jsonl'), 'utf8')).trim().split('\n')
  served = lines.map((line) => JSON.parse(line) as Served).filter(({ kind }) => kind === 'sql')
  const settings = served.filter(({ sql }) => librarySettings.test(sql))
  expect(settings.length).toBeGreaterThan(0)
  served = served.filter((one) => !settings.includes(one))
}, 300_000)
afterAll(async () => {
  await lab[Symbol.asyncDispose]()
  await rm(from, { recursive: true })
})

async function change(file: string, how: (text: string) => string): Promise<void> {
  const text = await readFile(file, 'utf8')
  expect(how(text)).not.toBe(text)
  await writeFile(file, how(text))
}

const known = new Map([
  ...(Object.keys(statements) as (keyof typeof statements)[]).map((name) => [sqlOf(name), name] as const),
  ...[1, 2, 3, 4].map((restoreFiles) => [sqlOf({ restoreFiles }), 'restore'] as const),
])

test('every statement that SQL Server got is one of the constants, with its values bound', () => {
  expect(served.length).toBeGreaterThan(100)
  for (const { sql, parameters } of served) {
    expect([...known.keys()]).toContain(sql)
    // A variable that the text itself declares is no parameter.
    const declared = [...sql.matchAll(/DECLARE @(\w+)/g)].map(([, name]) => name)
    const named = new Set(
      [...sql.matchAll(/@(\w+)/g)].map(([, name]) => name).filter((name) => !declared.includes(name)),
    )
    expect(Object.keys(parameters).sort()).toEqual([...named].sort())
  }
})

/** What is asked right before and after a restore over a database. */
const ofRestores = ['giveBack', 'lastRestore', 'masterFiles', 'roleMembers', 'tableRows', 'userAccess']

test('all of them were needed: the run left out nothing but what is asked of a lost connection, of work that takes minutes, and of a restore', () => {
  const used = new Set(served.map(({ sql }) => known.get(sql)))
  const unused = [...new Set(known.values())].filter((name) => !used.has(name))
  expect(unused.sort()).toEqual([...ofRestores, 'progress'].sort())
})

test('the oldest instance got nothing that came after it, and Express no compression', () => {
  const asked = (instance: string): unknown[] => [
    ...new Set(served.filter((one) => one.instance.startsWith(instance)).map(({ sql }) => known.get(sql))),
  ]
  expect(asked('sql04.contoso.com')).toContain('backupCompressed')
  expect(asked('sql04.contoso.com')).not.toContain('replicaRoles')
  expect(asked('sql03.contoso.com')).toContain('replicaRoles')
  expect(asked('se01.contoso.com')).toContain('backup')
  expect(asked('se01.contoso.com')).not.toContain('backupCompressed')
})

test('of an availability group the primary is backed up, and every replica is seen', async () => {
  const item = set.items.find(({ subject }) => subject.endsWith('/LcsLog'))
  expect(item).toMatchObject({ subject: 'archive.contoso.com/LcsLog', outcome: 'ok' })
  expect(item?.message).toMatch(/^backed up on archive\.contoso\.com, PRIMARY, database_guid [0-9A-F-]{36}$/)
  const backups = served.filter(
    ({ sql, parameters }) => sql.includes('BACKUP DATABASE @') && parameters['database'] === 'LcsLog',
  )
  expect([...new Set(backups.map(({ instance }) => instance))]).toEqual(['sql03.contoso.com\\'])
  const environment = set.items.find(({ kind }) => kind === 'environment')
  const file = join(set.path, environment?.path ?? '', 'environment.json')
  const record = JSON.parse(await readFile(file, 'utf8')) as Record<string, { replicaRole?: string }>
  expect(record['sql03.contoso.com/LcsLog']?.replicaRole).toBe('PRIMARY')
  expect(record['sql13.contoso.com/LcsLog']?.replicaRole).toBe('SECONDARY')
})
