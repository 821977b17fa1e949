/** Faults C1, C2: the rights that the how-to asks for are enough; each that is missing is named alike wherever it shows. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { toProblem } from '../../src/base/problem.ts'
import { refuseMissingRights, refuseNoRestore } from '../../src/doctor/checks/sql-rights.ts'
import { sqlRights, type SqlRightKey } from '../../src/domain/sql-rights.ts'
import { openSqlServer } from '../../src/drivers/sql/connected-server.ts'
import type { SqlServer } from '../../src/drivers/sql/sql-server.ts'
import { daemonLogin } from '../../src/lab/sql-login.ts'
import type { SqlLogin, SqlServerFacts } from '../../src/lab/sql/facts.ts'
import { startSqlServer } from '../../src/lab/sql/server.ts'
import { labDatabase, labInstance, labTarget } from '../support/lab-sql.ts'

const never = new AbortController().signal
const howTo = await readFile(join(import.meta.dirname, '..', '..', 'docs', 'how-to', 'sql-rights.md'), 'utf8')

let folder: string
let facts: SqlServerFacts
let login: SqlLogin
let served: string[]
let running: AsyncDisposable[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-rights-'))
  facts = labInstance('sql05.contoso.com', [labDatabase('LcsCDR')])
  login = daemonLogin('holdfast', facts.logins[0]?.password ?? '')
  facts.logins = [login]
  ;[served, running] = [[], []]
})
afterEach(async () => {
  for (const one of running.reverse()) await one[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

async function open(): Promise<SqlServer> {
  const server = await startSqlServer({
    facts: () => facts,
    changed: () => {},
    toLocal: (unc) => join(folder, unc.split('\\').at(-1) ?? ''),
    certificate: null,
    record: ({ sql }) => served.push(sql),
  })
  running.push({ [Symbol.asyncDispose]: () => server.close() })
  const opened = openSqlServer(labTarget(facts, server.port), systemClock)
  running.push(opened)
  return opened
}

const path = '\\\\backup01.contoso.com\\LyncBackup\\LcsCDR.bak'
const backUp = (server: SqlServer): Promise<unknown> =>
  server.backup({ database: 'LcsCDR', path, name: 'holdfast test' }, { signal: never })
const began = (statement: string): boolean => served.some((sql) => sql.trimStart().startsWith(statement))

test('with the rights of the how-to everything but a restore is done, and nothing is missed', async () => {
  const server = await open()
  expect(refuseMissingRights(server.subject, await server.rights(['LcsCDR'], never), true)).toContain('holdfast may do')
  const seen = await server.facts(never)
  expect(seen).toMatchObject({ administrator: false, viewAnyDatabase: true })
  expect(seen.databases[0]).toMatchObject({ name: 'LcsCDR', state: 'ONLINE' })
  expect(seen.databases[0]?.guid).not.toBeNull()
  await backUp(server)
  expect(await server.backupBytes('LcsCDR', never)).toBeGreaterThan(0)
  expect((await server.header(path, never)).database).toBe('LcsCDR')
  await server.verify(path, never)
})

/** What is taken away, and what then fails: nothing where a look goes on with less. */
const taken: Record<SqlRightKey, { take: () => void; deed: ((server: SqlServer) => Promise<unknown>) | null }> = {
  viewAnyDatabase: { take: () => withoutGrant('VIEW ANY DATABASE'), deed: null },
  viewServerState: {
    take: () => withoutGrant('VIEW SERVER STATE'),
    deed: (server) => server.backupByName('a backup whose connection was lost', never),
  },
  createAnyDatabase: { take: () => withoutGrant('CREATE ANY DATABASE'), deed: backUp },
  readHistory: { take: () => withoutTable('msdb.dbo.backupset'), deed: backUp },
  readLogShipping: { take: () => withoutTable('msdb.dbo.log_shipping_primary_databases'), deed: null },
  backUp: { take: () => (login.backupOperatorIn = []), deed: backUp },
  sysadmin: {
    take: () => {},
    deed: (server) =>
      server.restoreTest({ path, folder: 'D:\\Restore', id: 'a1', owner: 'owner-id' }, { signal: never }),
  },
}

function withoutGrant(name: string): void {
  login.granted = login.granted?.filter((one) => one !== name) ?? []
}

function withoutTable(name: string): void {
  login.mayRead = login.mayRead?.filter((one) => one !== name) ?? []
}

describe('a right that is taken away has one name, and one statement that grants it', () => {
  test.each(Object.keys(taken) as SqlRightKey[])('%s: in the check, the error and the how-to', async (key) => {
    const { name } = sqlRights[key]
    const grant = (to: string): readonly string[] => sqlRights[key].grant(to, 'LcsCDR')
    const [statement = ''] = grant('holdfast').slice(-1)
    taken[key].take()
    const server = await open()

    const rights = await server.rights(['LcsCDR'], never)
    const check = (): unknown =>
      key === 'sysadmin' ? refuseNoRestore(server.subject, rights) : refuseMissingRights(server.subject, rights, true)
    const failures = [await problemOf(Promise.resolve().then(check))]
    const { deed } = taken[key]
    if (deed) failures.push(await problemOf(deed(server)))

    for (const failure of failures) {
      expect(failure.code).toBe('sql-permission')
      expect(failure.message).toContain(name)
      expect(failure.hint).toContain(statement)
      expect(failure.hint).toContain('docs/how-to/sql-rights.md')
    }
    expect(howTo).toContain(`| \`${name}\``)
    expect(howTo).toContain(grant('CONTOSO\\svc-holdfast').at(-1))
  })
})

async function problemOf(work: Promise<unknown>): Promise<ReturnType<typeof toProblem>> {
  return work.then(
    () => expect.unreachable('it was done'),
    (thrown: unknown) => toProblem(thrown),
  )
}

describe('what could not be proved afterwards is not begun', () => {
  test.each(['readHistory', 'createAnyDatabase'] as const)('a BACKUP without %s', async (key) => {
    taken[key].take()
    await problemOf(backUp(await open()))
    expect(began('BACKUP')).toBe(false)
    expect(facts.backups).toEqual([])
  })

  test('a restore test without sysadmin: no database is left behind', async () => {
    const server = await open()
    await backUp(server)
    await problemOf(taken.sysadmin.deed!(server))
    expect(began('RESTORE DATABASE')).toBe(false)
    expect(facts.databases.map(({ name }) => name)).toEqual(['LcsCDR'])
  })
})

test('a look goes on with less: what is not shown is not told', async () => {
  facts.databases = [labDatabase('LcsCDR', { recoveryModel: 'FULL' })]
  facts.logShipping = ['LcsCDR']
  const server = await open()
  expect((await server.facts(never)).databases[0]).toMatchObject({ logShipped: true })
  for (const key of ['viewAnyDatabase', 'readLogShipping', 'readHistory'] as const) taken[key].take()
  const seen = await server.facts(never)
  expect(seen.viewAnyDatabase).toBe(false)
  expect(seen.databases[0]).not.toHaveProperty('logShipped')
  expect(seen.databases[0]).not.toHaveProperty('lastLogBackupAt')
})

test('fault C4: a database that AUTO_CLOSE has closed is looked at, and stays closed', async () => {
  facts.databases.push(labDatabase('QoEMetrics', { autoClose: 'closed' }))
  const server = await open()
  const { databases } = await server.facts(never)
  expect(databases.map(({ name, state }) => [name, state])).toEqual([
    ['LcsCDR', 'ONLINE'],
    ['QoEMetrics', 'ONLINE'],
  ])
  expect(facts.databases[1]?.autoClose).toBe('closed')
  facts.databases[1]!.autoClose = 'open'
  expect((await server.facts(never)).databases[1]?.guid).not.toBeNull()
})

test('fault A17: what a restore has to know is read from the backup itself', async () => {
  facts.databases = [labDatabase('LcsCDR', { encryptor: 'AB12CD34', collation: 'German_PhoneBook_CI_AS' })]
  const server = await open()
  expect((await server.facts(never)).databases[0]).toMatchObject({
    encrypted: true,
    collation: 'German_PhoneBook_CI_AS',
  })
  await backUp(server)
  expect((await server.header(path, never)).collation).toBe('German_PhoneBook_CI_AS')
  expect(await server.fileList(path, never)).toMatchObject([
    { name: 'LcsCDR', type: 'D', path: 'C:\\CsData\\LcsCDR.mdf', encryptor: 'AB12CD34' },
    { name: 'LcsCDR_log', type: 'L', path: 'C:\\CsData\\LcsCDR_log.ldf' },
  ])
})
