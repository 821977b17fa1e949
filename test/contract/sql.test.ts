/** What Holdfast expects of any SQL Server: of the lab's always, and of the real one that the environment names. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import type { SqlServer } from '../../src/drivers/sql/sql-server.ts'
import { openSqlServer } from '../../src/drivers/sql/connected-server.ts'
import type { SqlTarget } from '../../src/drivers/sql/target.ts'
import { labDatabase, labInstance } from '../support/lab-sql.ts'
import { integrated, lackingOdbc, startOdbc, withAccount } from '../support/odbc.ts'
import type { Instance } from './instance.ts'
import { startLabInstance } from './lab-instance.ts'
import { realInstance } from './real-instance.ts'

const signal = new AbortController().signal
const real = realInstance(process.env)

describe('the SQL Server of the lab', () => {
  let folder: string
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'holdfast-contract-'))))
  afterAll(() => rm(folder, { recursive: true }))
  contract(() => startLabInstance(folder))
})

describe.skipIf(lackingOdbc)(`the SQL Server of the lab by ODBC, under our own account ${lackingOdbc ?? ''}`, () => {
  const stack = new AsyncDisposableStack()
  let folder: string
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'holdfast-contract-'))))
  afterAll(async () => {
    await stack.disposeAsync()
    await rm(folder, { recursive: true })
  })
  contract(async () => {
    const { domain } = stack.use(await startOdbc(folder, 'sql01.contoso.com'))
    const facts = withAccount(labInstance('sql01.contoso.com', [labDatabase('LcsCDR')]))
    const lab = await startLabInstance(folder, { domain, facts: () => facts })
    return { ...lab, target: { ...lab.target, login: integrated } }
  })
})

if (real) describe('a real SQL Server', () => contract(() => Promise.resolve(real)))
else test.skip('sql: needs a real SQL Server (HOLDFAST_TEST_SQL_SERVER)', () => {})

function contract(start: () => Promise<Instance>): void {
  const stack = new AsyncDisposableStack()
  let instance: Instance
  let server: SqlServer
  const run = randomUUID().slice(0, 8)
  const name = `holdfast contract ${run}`
  let path: string

  beforeAll(async () => {
    instance = stack.use(await start())
    server = stack.use(openSqlServer(instance.target, systemClock))
    path = `${instance.backups}\\contract-${run}.bak`
  })
  afterAll(() => stack.disposeAsync())

  const without = (more: Partial<SqlTarget>): SqlServer =>
    stack.use(openSqlServer({ ...instance.target, ...more }, systemClock))

  test('it tells its version, its edition and its databases', async () => {
    const facts = await server.facts(signal)
    expect(facts.version).toMatch(/^\d+\.\d+\.\d+/)
    expect(facts.edition).not.toBe('')
    expect(facts.databases.find((one) => one.name === instance.database)).toMatchObject({
      state: 'ONLINE',
      guid: expect.stringMatching(/^[0-9A-F-]{36}$/) as string,
      createdAt: expect.stringMatching(/Z$/) as string,
    })
  })

  test('its clock agrees with ours to the minute', async () => {
    const apart = Math.abs(Date.parse(await server.clock(signal)) - Date.parse(systemClock.now()))
    expect(apart).toBeLessThan(60_000)
  })

  test('a backup is made, found by its name, and its header is what was asked for', async () => {
    const percents: number[] = []
    const receipt = await server.backup(
      { database: instance.database, path, name },
      { signal, onProgress: (percent) => percents.push(percent) },
    )
    expect(receipt).toMatchObject({ name })
    expect(percents.at(-1)).toBe(100)
    expect(await server.backupByName(name, signal)).toMatchObject({ state: 'finished', receipt })
    expect(await server.header(path, signal)).toMatchObject({
      name,
      database: instance.database,
      databaseGuid: receipt.databaseGuid,
      full: true,
      copyOnly: true,
      checksums: true,
      damaged: false,
    })
  })

  test('a backup that nobody made is absent', async () => {
    expect(await server.backupByName(`${name} never`, signal)).toEqual({ state: 'absent', receipt: null })
  })

  test('it reads the backup back, and lists the files in it', async () => {
    await server.verify(path, signal)
    const types = (await server.fileList(path, signal)).map(({ type }) => type)
    expect(types).toContain('D')
    expect(types).toContain('L')
  })

  test('it sees the folder for restored databases, and none that is not there', async () => {
    expect(await server.hasFolder(instance.restores, signal)).toBe(true)
    expect(await server.hasFolder(`${instance.restores}\\none.${run}`, signal)).toBe(false)
  })

  test('a restore test passes and leaves no database', async () => {
    const before = (await server.facts(signal)).databases.map((one) => one.name)
    await server.restoreTest({ path, folder: instance.restores, id: run, owner: `contract-${run}` }, { signal })
    expect((await server.facts(signal)).databases.map((one) => one.name)).toEqual(before)
  })

  test('a database that is not there', async () => {
    const work = server.backup({ database: `none ${run}`, path, name: `${name} none` }, { signal })
    await expect(work).rejects.toMatchObject({ code: 'sql-database-missing' })
  })

  test('a file that is not there', async () => {
    const work = server.verify(`${instance.backups}\\none-${run}.bak`, signal)
    await expect(work).rejects.toMatchObject({ code: 'sql-path-missing' })
  })

  test('a login that is wrong', async () => {
    const { login } = instance.target
    const authentication = { kind: 'sql', user: `none${run}`, password: 'wrong' } as const
    const work = without({ login: { ...login, authentication } }).facts(signal)
    await expect(work).rejects.toMatchObject({ code: 'sql-login-failed' })
  })
}
