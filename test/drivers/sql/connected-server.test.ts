import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock, type Clock } from '../../../src/base/clock.ts'
import { Problem } from '../../../src/base/problem.ts'
import { sqlConnections } from '../../../src/drivers/sql/connection.ts'
import { applicationOf } from '../../../src/drivers/sql/fate.ts'
import type { SqlServer } from '../../../src/drivers/sql/sql-server.ts'
import { openSqlServer } from '../../../src/drivers/sql/connected-server.ts'
import { statements } from '../../../src/drivers/sql/statements.ts'
import type { SqlDatabase, SqlServerFacts } from '../../../src/lab/sql/facts.ts'
import { startSqlServer } from '../../../src/lab/sql/server.ts'
import { daemonLogin } from '../../../src/lab/sql-login.ts'
import { certify } from '../../support/certificates.ts'
import { hastyClock } from '../../support/hasty-clock.ts'
import { halfOpenProxy } from '../../support/half-open-proxy.ts'
import { TestClock } from '../../support/test-clock.ts'
import { guid, labDatabase as database, labInstance, labTarget, login } from '../../support/lab-sql.ts'

const fqdn = 'sql01.contoso.com'
const subject = `${fqdn}\\rtc`
const unc = '\\\\backup01.contoso.com\\LyncBackup\\LcsCDR.bak'
const never = new AbortController().signal
let folder: string
let facts: SqlServerFacts
let certificate: { key: string; cert: string; onlyOldTls?: boolean } | null
let toLocal: (path: string) => string
let served: string[]
let closing: AsyncDisposableStack

beforeEach(async () => {
  closing = new AsyncDisposableStack()
  folder = await mkdtemp(join(tmpdir(), 'holdfast-sql-'))
  closing.defer(() => rm(folder, { recursive: true }))
  facts = labInstance(fqdn, [database('LcsCDR')])
  certificate = null
  toLocal = (path) => join(folder, path.split('\\').at(-1) ?? '')
  served = []
})
afterEach(async () => {
  await closing.disposeAsync()
})

async function lab(port?: number): Promise<number> {
  const server = await startSqlServer({
    facts: () => facts,
    changed: () => {},
    toLocal: (path) => toLocal(path),
    certificate,
    record: (entry) => served.push(JSON.stringify(entry)),
    ...(port === undefined ? {} : { port }),
  })
  closing.defer(() => server.close())
  return server.port
}

function at(
  port: number,
  more: Partial<typeof login> = {},
  server = '127.0.0.1',
  clock: Clock = hastyClock(40),
  allowOldTls = false,
): SqlServer & AsyncDisposable {
  const target = { ...labTarget(facts, port), server, login: { ...login, ...more }, allowOldTls }
  return closing.use(openSqlServer(target, clock))
}

async function failure(work: Promise<unknown>): Promise<Problem> {
  const thrown: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(thrown instanceof Problem)) throw new Error(`no Problem: ${String(thrown)}`)
  return thrown
}

const request = { database: 'LcsCDR', path: unc, name: 'holdfast nightly/20260729T020000Z-abcd LcsCDR 1' }

describe('every statement', () => {
  const since2012 = new Set(['replicaRoles'])
  test.each(['2008 R2', '2012', '2022'] as const)('is taken by SQL Server %s', async (version) => {
    facts.version = version
    const connections = closing.use(sqlConnections(labTarget(facts, await lab()), 1, 'Holdfast', systemClock))
    const values = { ...request, application: 'Holdfast x' }
    for (const statement of Object.keys(statements) as (keyof typeof statements)[]) {
      if (version === '2008 R2' && since2012.has(statement)) continue
      const used = Object.entries(values).filter(([name]) => statements[statement].includes(`@${name}`))
      await connections.query(statement, Object.fromEntries(used), { signal: never })
    }
    const files = {
      path: unc,
      logical1: 'LcsCDR',
      physical1: 'D:\\Test\\1.mdf',
      logical2: 'LcsCDR_log',
      physical2: 'D:\\Test\\2.ldf',
    }
    const made = { database: 'holdfast_restore_test_x', ...files }
    await connections.query({ restoreFiles: 2 }, made, { signal: never })
    await connections.query({ restoreOver: 2 }, made, { signal: never })
  })
})

describe('fault S25: what a backup takes, asked before it begins', () => {
  const mebibyte = 1024 ** 2
  const backedUp = async (server: SqlServer): Promise<number> => (await server.backup(request, { signal: never })).bytes

  test('Express does not compress: what is in use of the database', async () => {
    facts.edition = 'Express'
    facts.databases = [database("Lcs]CDR'", { sizeBytes: 3 * mebibyte }), database('QoEMetrics')]
    const server = at(await lab())
    expect(await server.backupBytes("Lcs]CDR'", never)).toBe(3 * mebibyte)
    expect(await server.backupBytes('QoEMetrics', never)).toBe(mebibyte / 2)
  })

  test('elsewhere what the last one took, and no more than is in use', async () => {
    const server = at(await lab())
    expect(await server.backupBytes('LcsCDR', never)).toBeNull() // nobody knows how well it can be compressed
    const bytes = await backedUp(server)
    expect(await server.backupBytes('LcsCDR', never)).toBe(bytes)
    facts.backups = facts.backups.map((backup) => ({ ...backup, compressedBytes: 500 * mebibyte })) // emptied since
    expect(await server.backupBytes('LcsCDR', never)).toBe(mebibyte / 2)
  })

  test('is not known of a database that is not open, without the right to see it, and where nobody answers', async () => {
    const server = at(await lab())
    await backedUp(server)
    facts.databases.push(database('QoEMetrics', { state: 'OFFLINE' }))
    expect(await server.backupBytes('QoEMetrics', never)).toBeNull()
    expect(await server.backupBytes('gone', never)).toBeNull()
    facts.faults.withdrawRights = true
    expect(await server.backupBytes('LcsCDR', never)).toBeNull()
    expect(await at(1).backupBytes('LcsCDR', never)).toBeNull()
  })
})

describe('facts', () => {
  test('tell version, edition, machine and databases, in UTC', async () => {
    facts.utcOffsetMinutes = 120
    facts.databases.push(database('QoEMetrics', { state: 'OFFLINE', recoveryModel: 'FULL' }))
    const seen = await at(await lab()).facts(never)
    expect(seen).toMatchObject({ version: '13.0.6455.0', edition: 'Standard Edition (64-bit)', machine: 'SQL01' })
    expect(seen.databases.map(({ name, state, recoveryModel }) => [name, state, recoveryModel])).toEqual([
      ['LcsCDR', 'ONLINE', 'SIMPLE'],
      ['QoEMetrics', 'OFFLINE', 'FULL'],
    ])
    expect(seen.databases[0]).toMatchObject({ guid, createdAt: '2026-01-02T03:04:05.000Z', mirroringRole: null })
  })

  test.each(['2008 R2', '2019'] as const)('tell who is mirror, on %s', async (version) => {
    facts.version = version
    const mirroring = { state: 'SYNCHRONIZED', partnerInstance: 'sql02\\rtc', witness: null, safety: 'FULL' } as const
    facts.databases = [
      database('rtcxds', { state: 'RESTORING', mirroring: { ...mirroring, role: 'MIRROR' } }),
      database('rtcshared', { mirroring: { ...mirroring, role: 'PRINCIPAL' } }),
    ]
    const { databases } = await at(await lab()).facts(never)
    expect(databases.map(({ name, mirroringRole }) => [name, mirroringRole])).toEqual([
      ['rtcshared', 'PRINCIPAL'],
      ['rtcxds', 'MIRROR'],
    ])
  })

  test('tell the state of a mirroring session, its partner and its witness', async () => {
    const session = { role: 'PRINCIPAL', partnerInstance: 'sql02\\rtc', safety: 'FULL' } as const
    facts.databases = [
      database('rtcxds', { mirroring: { ...session, state: 'SUSPENDED', witness: 'sql03\\rtc' } }),
      database('rtcshared', { mirroring: { ...session, state: 'SYNCHRONIZED', witness: null } }),
      database('LcsLog'),
    ]
    const { databases } = await at(await lab()).facts(never)
    const told = databases.map((one) => [one.name, one.mirroringState, one.mirroringPartner, one.mirroringWitnessState])
    expect(told).toEqual([
      ['LcsLog', null, null, null],
      ['rtcshared', 'SYNCHRONIZED', 'SQL02\\RTC', null],
      ['rtcxds', 'SUSPENDED', 'SQL02\\RTC', 'CONNECTED'],
    ])
  })

  test.each(['2008 R2', '2019'] as const)('tell when each log was backed up last, in UTC, on %s', async (version) => {
    facts.version = version
    facts.utcOffsetMinutes = 120
    facts.logBackups = { everyMinutes: 15, stoppedAt: '2026-07-29T02:31:00.000Z' }
    facts.databases = [
      database('LcsCDR'),
      database('rtcxds', { recoveryModel: 'FULL' }),
      database('xds', { recoveryModel: 'FULL', createdAt: '2026-07-29T02:30:30.000Z' }),
    ]
    const server = at(await lab())
    const told = async (): Promise<unknown[][]> =>
      (await server.facts(never)).databases.map((one) => [one.name, one.lastLogBackupAt])
    expect(await told()).toEqual([
      ['LcsCDR', undefined],
      ['rtcxds', '2026-07-29T02:30:00.000Z'],
      ['xds', null],
    ])
    facts.logBackups.stoppedAt = null
    const [, [, running] = []] = await told()
    expect(Date.now() - Date.parse(running as string)).toBeLessThan(15 * 60_000)
  })

  test('ask msdb only where a log is kept and the login may read it', async () => {
    const server = at(await lab())
    await server.facts(never)
    expect(served.join()).not.toContain('msdb.dbo.backupset AS b')
    facts.databases = [database('rtcxds', { recoveryModel: 'FULL' })]
    expect((await server.facts(never)).administrator).toBe(true)
    facts.faults = { withdrawRights: true }
    const seen = await server.facts(never)
    expect(seen.databases[0]).not.toHaveProperty('lastLogBackupAt')
    expect(seen.administrator).toBe(false)
  })

  test('tell what opens encrypted backups there: certificates with their private keys, to sysadmin alone', async () => {
    facts.databases = [database('LcsCDR', { encryptor: 'AB12CD34' })]
    facts.certificates = ['AB12CD34', 'EF56']
    facts.certificatesWithoutKey = ['0099']
    const server = at(await lab())
    expect((await server.facts(never)).encryptors).toEqual(['AB12CD34', 'EF56'])
    facts.faults = { withdrawRights: true }
    expect(await server.facts(never)).not.toHaveProperty('encryptors')
    expect(served.filter((text) => text.includes('sys.certificates'))).toHaveLength(1)
  })

  test.each(['2012', '2019'] as const)('tell the role in an availability group, on %s', async (version) => {
    facts.version = version
    facts.edition = 'Enterprise'
    const availabilityGroup = {
      group: 'AG1',
      listener: 'agl.contoso.com',
      role: 'SECONDARY',
      synchronization: 'SYNCHRONIZED',
      suspended: false,
      backupPreference: 'PRIMARY',
    } as const
    const replicas = ['SQL01\\rtc', 'SQL02\\rtc']
    facts.databases = [database('rtcxds', { availabilityGroup: { ...availabilityGroup, replicas } })]
    const { databases } = await at(await lab()).facts(never)
    expect(databases[0]?.replicaRole).toBe('SECONDARY')
  })
})

describe('a backup', () => {
  test('is written by the server, receipted, and read back', async () => {
    facts.utcOffsetMinutes = -300
    const server = at(await lab())
    const seen: number[] = []
    const receipt = await server.backup(request, { signal: never, onProgress: (percent) => seen.push(percent) })
    expect(receipt).toMatchObject({ name: request.name, databaseGuid: guid })
    expect(Math.abs(Date.parse(receipt.finishedAt) - Date.now())).toBeLessThan(60_000)
    expect(receipt.bytes).toBeGreaterThan(0)
    expect(seen.length).toBeGreaterThan(0)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    expect((await readFile(toLocal(unc))).length).toBeGreaterThan(10_000)
    expect(await server.header(unc, never)).toMatchObject({
      name: request.name,
      database: 'LcsCDR',
      databaseGuid: guid,
      full: true,
      copyOnly: true,
      checksums: true,
      damaged: false,
    })
    await server.verify(unc, never)
    expect((await server.backupByName(request.name, never)).state).toBe('finished')
    expect((await server.backupByName('another', never)).state).toBe('absent')
  })

  test.each([
    ['Express', '2014', false],
    ['Web', '2016', false],
    ['Standard', '2008 R2', true],
    ['Enterprise', '2022', true],
  ] as const)('of %s Edition %s is compressed: %s', async (edition, version, compressed) => {
    Object.assign(facts, { edition, version })
    await at(await lab()).backup(request, { signal: never })
    expect(facts.backups[0]?.compressed).toBe(compressed)
  })

  test('never carries a value inside its text', async () => {
    const nasty = "O'Brien]; DROP DATABASE LcsCDR; --"
    facts.databases.push(database(nasty))
    await at(await lab()).backup({ ...request, database: nasty, name: nasty }, { signal: never })
    expect(facts.backups[0]?.database).toBe(nasty)
    expect(facts.databases.map(({ name }) => name)).toContain('LcsCDR')
    for (const line of served) expect((JSON.parse(line) as { sql?: string }).sql ?? '').not.toContain('Brien')
  })

  test.each([
    ['a database that is gone', 'sql-database-missing', () => (facts.databases = [])],
    [
      'a database that is offline',
      'sql-database-unavailable',
      () => (facts.databases = [database('LcsCDR', { state: 'OFFLINE' })]),
    ],
    [
      'a mirror',
      'sql-not-principal',
      () =>
        (facts.databases = [
          database('LcsCDR', {
            state: 'RESTORING',
            mirroring: { role: 'MIRROR', state: 'SYNCHRONIZED', partnerInstance: 'x', witness: null, safety: 'FULL' },
          }),
        ]),
    ],
    ['a share that refuses', 'sql-path-denied', () => denyWith('EACCES')],
    ['a share that is gone', 'sql-path-missing', () => denyWith('ENOENT')],
    ['a full share', 'sql-share-full', () => denyWith('ENOSPC')],
  ])('of %s is a Problem %s', async (_, code, arrange) => {
    arrange()
    const problem = await failure(at(await lab()).backup(request, { signal: never }))
    expect(problem.code).toBe(code)
    expect(problem.subject).toBe(subject)
  })

  function denyWith(code: string): void {
    toLocal = () => {
      throw Object.assign(new Error(code), { code })
    }
  }
})

describe('a damaged file', () => {
  test('does not pass, and a foreign one has no header', async () => {
    const server = at(await lab())
    await server.backup(request, { signal: never })
    const bytes = await readFile(toLocal(unc))
    bytes.fill(0x55, bytes.length >> 1, (bytes.length >> 1) + 4096)
    await writeFile(toLocal(unc), bytes)
    expect((await failure(server.verify(unc, never))).code).toBe('sql-backup-damaged')
    await writeFile(toLocal(unc), 'no backup at all')
    expect((await failure(server.header(unc, never))).code).toBe('sql-backup-damaged')
  })
})

describe('a restore test', () => {
  const test1 = { path: unc, folder: 'D:\\Test\\', id: 'one', owner: '0123456789abcdef' }
  const name = 'holdfast_restore_test_01234567_one'
  const left = (more: string): SqlDatabase => database(`holdfast_restore_test_${more}`)

  test('fault 32: restores under a name and into files of its own, checks, and drops', async () => {
    const server = at(await lab())
    await server.backup(request, { signal: never })
    expect(await server.fileList(unc, never)).toEqual([
      { name: 'LcsCDR', type: 'D', bytes: 512 * 1024, path: 'C:\\CsData\\LcsCDR.mdf', encryptor: null },
      { name: 'LcsCDR_log', type: 'L', bytes: 1024 * 1024, path: 'C:\\CsData\\LcsCDR_log.ldf', encryptor: null },
    ])
    const percents: number[] = []
    await server.restoreTest(test1, { signal: never, onProgress: (percent) => percents.push(percent) })
    expect(percents.at(-1)).toBe(100)
    expect(facts.databases.map((one) => one.name)).toEqual(['LcsCDR'])
    expect(facts.restores).toMatchObject([{ database: name, replaced: false }])
    const restore = served.find((entry) => entry.includes('RESTORE DATABASE')) ?? ''
    expect(JSON.parse(restore)).toMatchObject({
      parameters: {
        database: name,
        logical1: 'LcsCDR',
        physical1: `D:\\Test\\${name}_1.mdf`,
        logical2: 'LcsCDR_log',
        physical2: `D:\\Test\\${name}_2.ldf`,
      },
    })
    expect(served.some((entry) => entry.includes('DBCC CHECKDB'))).toBe(true)
    expect(served.join()).not.toMatch(/REPLACE/)
  })

  test('drops what an earlier test of the same owner left, and nothing else', async () => {
    const server = at(await lab())
    await server.backup(request, { signal: never })
    const others = [left('fedcba98_two'), database('holdfastXrestore_test_01234567_x'), database('rtcxds')]
    facts.databases.push(left('01234567_crashed'), ...others)
    await server.restoreTest(test1, { signal: never })
    expect(facts.databases.map((one) => one.name).sort()).toEqual(['LcsCDR', ...others.map((one) => one.name)].sort())
  })

  test('a damaged backup does not pass, and leaves nothing', async () => {
    const server = at(await lab())
    await server.backup(request, { signal: never })
    const bytes = await readFile(toLocal(unc))
    bytes.fill(0x55, bytes.length >> 1, (bytes.length >> 1) + 4096)
    await writeFile(toLocal(unc), bytes)
    expect((await failure(server.restoreTest(test1, { signal: never }))).code).toBe('sql-backup-damaged')
    await writeFile(toLocal(unc), 'no backup at all')
    expect((await failure(server.restoreTest(test1, { signal: never }))).code).toBe('sql-backup-damaged')
    expect(facts.databases.map((one) => one.name)).toEqual(['LcsCDR'])
  })

  test('fault 12: finds what RESTORE VERIFYONLY passes', async () => {
    facts.databases = [database('LcsCDR', { logicalErrors: 2 })]
    const server = at(await lab())
    await server.backup(request, { signal: never })
    await server.verify(unc, never)
    expect((await failure(server.restoreTest(test1, { signal: never }))).code).toBe('sql-consistency-errors')
    expect(facts.databases.map((one) => one.name)).toEqual(['LcsCDR'])
  })

  test('two at the same time leave each other alone', async () => {
    const server = at(await lab())
    await server.backup(request, { signal: never })
    await Promise.all(['one', 'two', 'three'].map((id) => server.restoreTest({ ...test1, id }, { signal: never })))
    expect(facts.restores).toHaveLength(3)
    expect(facts.databases.map((one) => one.name)).toEqual(['LcsCDR'])
  })

  test('an abort ends it, and its database is dropped', async () => {
    const server = at(await lab())
    await server.backup(request, { signal: never })
    const stop = new AbortController()
    const work = server.restoreTest(test1, { signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) })
    await expect(work).rejects.toThrow('enough')
    expect(facts.databases.map((one) => one.name)).toEqual(['LcsCDR'])
  })

  test('to a drive that is gone is no damage, and leaves nothing', async () => {
    const server = at(await lab())
    await server.backup(request, { signal: never })
    expect(await server.hasFolder('D:\\Test', never)).toBe(true)
    facts.faults = { driveGone: true }
    expect(await server.hasFolder('D:\\Test', never)).toBe(false)
    expect((await failure(server.restoreTest(test1, { signal: never }))).code).toBe('sql-path-missing')
    expect(facts.databases.map((one) => one.name)).toEqual(['LcsCDR'])
  })

  test('fault 32: a newer backup than the instance is no damage', async () => {
    facts.version = '2019'
    const server = at(await lab())
    await server.backup(request, { signal: never })
    facts.version = '2014'
    expect((await failure(server.restoreTest(test1, { signal: never }))).code).toBe('sql-newer-version')
  })
})

describe('fault 9: a connection that breaks in the middle of a backup', () => {
  test('the server goes on: the receipt is found', async () => {
    facts.faults = { dropConnectionAtPercent: 40, thenBackup: 'succeeds', slowBackupSeconds: 0.5 }
    const receipt = await at(await lab()).backup(request, { signal: never })
    expect(receipt.name).toBe(request.name)
  })

  test('the server gives up: told so, after its word', async () => {
    facts.faults = { dropConnectionAtPercent: 40, thenBackup: 'fails', slowBackupSeconds: 0.5 }
    const problem = await failure(at(await lab()).backup(request, { signal: never }))
    expect(problem.code).toBe('sql-backup-failed')
    expect(problem.subject).toBe(`${subject}/LcsCDR`)
    expect(problem.cause).toMatchObject({ code: 'sql-connection-lost' })
  })

  test('only we notice, and the server answers nobody for a while', async () => {
    facts.faults = { slowBackupSeconds: 1 }
    await using proxy = await halfOpenProxy(await lab())
    let cut = false
    const receipt = await at(proxy.port).backup(request, {
      signal: never,
      onProgress(percent) {
        if (cut || percent < 30) return
        cut = true
        proxy.refuse(true)
        proxy.cutClients()
        void systemClock.sleep(300).then(() => proxy.refuse(false))
      },
    })
    expect(cut).toBe(true)
    expect(receipt.name).toBe(request.name)
    expect(facts.backups).toHaveLength(1)
  })

  test('and the login may not see other sessions: unknown is what it is called', async () => {
    facts.faults = { dropConnectionAtPercent: 60, thenBackup: 'fails', slowBackupSeconds: 0.2 }
    const onProgress = (): void => {
      facts.logins = [{ user: 'holdfast', password: 'Pa$$w0rd', sysadmin: false }]
    }
    const problem = await failure(at(await lab()).backup(request, { signal: never, onProgress }))
    expect(problem.code).toBe('sql-backup-unknown')
    expect(problem.cause).toMatchObject({ code: 'sql-permission' })
  })
})

describe('an abort', () => {
  test('stops the work of the server', async () => {
    facts.faults = { slowBackupSeconds: 30 }
    const server = at(await lab())
    const stop = new AbortController()
    const backup = server.backup(request, { signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) })
    await expect(backup).rejects.toThrow('enough')
    expect((await server.backupByName(request.name, never)).state).toBe('absent')
    expect(facts.backups).toEqual([])
  })

  test('is honoured while the connection is lost, and confirmed', async () => {
    facts.faults = { dropConnectionAtPercent: 20, thenBackup: 'succeeds', slowBackupSeconds: 1 }
    const server = at(await lab(), {}, '127.0.0.1', hastyClock(10))
    const stop = new AbortController()
    const backup = server.backup(request, { signal: stop.signal })
    await until(() => served.some((line) => line.includes('program_name')))
    stop.abort(new Error('enough'))
    await expect(backup).rejects.toThrow('enough')
    expect((await server.backupByName(request.name, never)).state).not.toBe('running')
  })

  test('before anything began asks nothing', async () => {
    const port = await lab()
    await expect(at(port).facts(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
  })

  test('closing the driver is one', async () => {
    facts.faults = { slowBackupSeconds: 30 }
    const server = at(await lab())
    const backup = failure(server.backup(request, { signal: never }))
    await until(async () => (await server.backupByName(request.name, never)).state === 'running')
    await server[Symbol.asyncDispose]()
    expect((await backup).code).toBe('interrupted')
    expect(facts.backups).toEqual([])
  })
})

describe('work that makes no progress', () => {
  let clock: TestClock
  let port: number
  beforeEach(async () => {
    clock = new TestClock('2026-07-29T02:00:00Z')
    port = await lab()
  })
  const patient = (): SqlServer => at(port, {}, '127.0.0.1', clock)

  /** Lets minutes pass; in each of them the server has time to answer. */
  async function pass(minutes: number): Promise<void> {
    for (let minute = 0; minute < minutes; minute++) {
      await until(() => clock.sleeping <= 1)
      await clock.advance(60)
    }
    await until(() => clock.sleeping <= 1)
  }

  /** A file that nobody gets to the end of, until it is written. */
  function endless(): void {
    execFileSync('mkfifo', [toLocal(unc)])
  }

  async function overOf(work: Promise<unknown>): Promise<boolean> {
    return Promise.race([work.then(() => true), systemClock.sleep(50).then(() => false)])
  }

  test('fault 14: a BACKUP is cancelled after half an hour, and the server has stopped', async () => {
    facts.faults = { slowBackupSeconds: 100_000 }
    const server = patient()
    const backup = failure(server.backup(request, { signal: never }))
    await until(async () => (await server.backupByName(request.name, never)).state === 'running')
    await pass(30) // the first look, after a minute, saw where it stands
    expect(await overOf(backup)).toBe(false)
    await clock.advance(60)
    expect(await backup).toMatchObject({ code: 'sql-stalled', subject, message: expect.stringContaining('30m') })
    expect((await server.backupByName(request.name, never)).state).toBe('absent')
    expect(facts.backups).toEqual([])
  })

  test('a BACKUP that goes on slowly is left alone, as long as the server shows that it moves', async () => {
    facts.databases = [database('LcsCDR', { sizeBytes: 64 * 1024 * 1024 })]
    facts.faults = { slowBackupSeconds: 120 }
    const server = patient()
    const watch = closing.use(sqlConnections(labTarget(facts, port), 1, 'Test', systemClock))
    const stop = new AbortController()
    const told: number[] = []
    const work = server.backup(request, { signal: stop.signal, onProgress: (percent) => told.push(percent) })
    const ended = work.then(
      () => 'done',
      (thrown: unknown) => thrown,
    )
    const shown = async (): Promise<unknown> =>
      (await watch.query('progress', { application: applicationOf(request.name) }, { signal: never }))[0]?.['done']
    let last: unknown
    for (let change = 0; change < 3; change++) {
      await until(async () => (await shown()) !== last)
      last = await shown()
      await pass(20)
    }
    expect(await overOf(ended)).toBe(false)
    expect(told).toEqual([])
    stop.abort('enough')
    expect(await ended).toBe('enough')
  })

  test('a BACKUP of which nothing is shown is left alone as long as it tells how far it is', async () => {
    facts.databases = [database('LcsCDR', { sizeBytes: 8 * 1024 * 1024 })]
    facts.faults = { slowBackupSeconds: 3 }
    const server = patient()
    let news = 0
    const onProgress = (): void => {
      facts.faults.withdrawRights = ++news < 4
    }
    const backup = server.backup(request, { signal: never, onProgress }).catch((thrown: unknown) => thrown)
    for (let seen = 0; seen < 3; seen++) {
      await until(() => news > seen)
      await pass(25)
    }
    expect(await backup).toMatchObject({ name: request.name })
  })

  test.each([
    ['RESTORE VERIFYONLY', (server: SqlServer) => server.verify(unc, never), 'sql-stalled', 31],
    ['a question', (server: SqlServer) => server.header(unc, never), 'sql-timeout', 30],
  ])('fault 14: %s is cancelled after half an hour', async (_, ask, code, minutes) => {
    endless()
    const server = patient()
    const work = failure(ask(server))
    await until(() => served.some((line) => line.includes('RESTORE')))
    await pass(minutes - 1)
    expect(await overOf(work)).toBe(false)
    await clock.advance(60)
    await server.facts(never) // by now the server has heard that it is to stop
    await writeFile(toLocal(unc), '')
    expect(await work).toMatchObject({ code, subject })
  })
})

describe('the way to the server', () => {
  let good: Awaited<ReturnType<typeof certify>>
  let other: Awaited<ReturnType<typeof certify>>
  let expired: Awaited<ReturnType<typeof certify>>
  beforeAll(async () => {
    good = await certify([fqdn])
    other = await certify(['sql99.contoso.com'])
    expired = await certify([fqdn], new Date('2020-01-01T00:00:00Z'), new Date('2021-01-01T00:00:00Z'))
  })
  const present = ({ certificate: cert, key }: typeof good): unknown => (certificate = { cert, key })

  test('is encrypted with a private authority and the published name, at another address', async () => {
    present(good)
    const seen = await at(await lab(), { encrypt: true, ca: good.ca }).facts(never)
    expect(seen.machine).toBe('SQL01')
  })

  test('takes any certificate where that is configured', async () => {
    present(other)
    await at(await lab(), { encrypt: true, trustServerCertificate: true }).facts(never)
  })

  test('is refused without the authority', async () => {
    present(good)
    const problem = await failure(at(await lab(), { encrypt: true }).facts(never))
    expect(problem.code).toBe('sql-certificate-not-trusted')
  })

  test('is refused for a certificate of another name', async () => {
    present(other)
    const problem = await failure(at(await lab(), { encrypt: true, ca: other.ca }).facts(never))
    expect(problem.code).toBe('sql-certificate-name')
  })

  test('is refused for an expired certificate', async () => {
    present(expired)
    const problem = await failure(at(await lab(), { encrypt: true, ca: expired.ca }).facts(never))
    expect(problem.code).toBe('sql-certificate-expired')
  })

  test('to a build that speaks TLS 1.0 alone: refused, and taken where that is allowed', async () => {
    certificate = { cert: good.certificate, key: good.key, onlyOldTls: true }
    const port = await lab()
    const problem = await failure(at(port, { encrypt: true, ca: good.ca }).facts(never))
    expect(problem.code).toBe('sql-tls-version')
    expect(problem.hint).toContain('allowOldTls')
    const allowed = at(port, { encrypt: true, ca: good.ca }, '127.0.0.1', systemClock, true)
    expect(await allowed.facts(never)).toMatchObject({ machine: 'SQL01', oldTlsAllowed: true })
    const wrong = at(port, { encrypt: true, ca: other.ca }, '127.0.0.1', systemClock, true)
    expect((await failure(wrong.facts(never))).code).toBe('sql-certificate-not-trusted')
  })

  test('is refused when the server cannot encrypt and we must', async () => {
    expect((await failure(at(await lab(), { encrypt: true }).facts(never))).code).toBe('sql-encryption')
  })

  test('needs the right password, which no message repeats', async () => {
    const wrong = { kind: 'sql', user: 'holdfast', password: 'not-the-one' } as const
    const problem = await failure(at(await lab(), { authentication: wrong }).facts(never))
    expect(problem.code).toBe('sql-login-failed')
    expect(problem.message).toContain('18456')
    expect(JSON.stringify([problem, problem.message, problem.hint])).not.toContain('not-the-one')
  })

  test('by a Windows login that the server does not trust', async () => {
    const ntlm = { kind: 'ntlm', domain: 'CONTOSO', user: 'svc', password: 'x' } as const
    const problem = await failure(at(await lab(), { authentication: ntlm }).facts(never))
    expect(['sql-login-untrusted-domain', 'sql-login-failed']).toContain(problem.code)
  })

  test('to a port where nobody listens', async () => {
    expect((await failure(at(1).facts(never))).code).toBe('sql-refused')
  })

  test('to a name that does not exist', async () => {
    expect((await failure(at(1433, {}, 'gone.invalid').facts(never))).code).toBe('sql-name-not-found')
  })

  test('is opened anew after the server was restarted', async () => {
    const first = await startSqlServer({
      facts: () => facts,
      changed: () => {},
      toLocal,
      certificate: null,
      record: () => {},
    })
    const server = at(first.port)
    await server.facts(never)
    await first.close()
    expect(['sql-refused', 'sql-connection-lost']).toContain((await failure(server.facts(never))).code)
    await lab(first.port)
    expect((await server.facts(never)).machine).toBe('SQL01')
  })
})

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await systemClock.sleep(10)
}

describe('what the login may do', () => {
  test('an administrator has every right', async () => {
    expect(await at(await lab()).rights(['LcsCDR'], never)).toEqual({ login: 'holdfast', lacking: [] })
  })

  test('the login of a lab has every right but that of a restore', async () => {
    facts.logins = [daemonLogin('holdfast', 'Pa$$w0rd')]
    const expected = { login: 'holdfast', lacking: [{ right: 'sysadmin' }] }
    expect(await at(await lab()).rights(['LcsCDR'], never)).toEqual(expected)
  })

  test('another login has only what public has', async () => {
    facts.logins = [{ user: 'holdfast', password: 'Pa$$w0rd', sysadmin: false }]
    const { lacking } = await at(await lab()).rights(['LcsCDR'], never)
    const instance = ['viewServerState', 'createAnyDatabase', 'readHistory', 'readLogShipping', 'sysadmin']
    expect(lacking).toEqual([...instance.map((right) => ({ right })), { right: 'backUp', database: 'LcsCDR' }])
  })

  test('a database that is not there may not be backed up', async () => {
    const { lacking } = await at(await lab()).rights(['LcsLog', 'LcsCDR'], never)
    expect(lacking).toEqual([{ right: 'backUp', database: 'LcsLog' }])
  })
})

test.each([
  [-280, undefined],
  [-320, 'behind'],
  [280, undefined],
  [320, 'ahead'],
])('a clock that is %i seconds ahead of ours', async (seconds, clock) => {
  facts.clockOffsetSeconds = seconds
  expect((await at(await lab()).facts(never)).clock).toBe(clock)
})

test('the clock of the machine is told in UTC, whatever its zone', async () => {
  facts.utcOffsetMinutes = 120
  facts.clockOffsetSeconds = -3600
  const time = await at(await lab()).clock(never)
  const behindSeconds = (Date.now() - Date.parse(time)) / 1000
  expect(behindSeconds).toBeGreaterThan(3595)
  expect(behindSeconds).toBeLessThan(3615)
})
