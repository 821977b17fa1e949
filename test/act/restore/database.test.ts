import { execFileSync } from 'node:child_process'
import { appendFileSync, copyFileSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { askingFirst } from '../../../src/act/ask-first.ts'
import type { Tools } from '../../../src/act/handler.ts'
import { restoreDatabase } from '../../../src/act/restore/database.ts'
import type { Restored, RestoreContext } from '../../../src/act/restore/restorer.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { Problem } from '../../../src/base/problem.ts'
import type { BackupSet, ItemOutcome } from '../../../src/domain/backup-set.ts'
import { openSqlServer } from '../../../src/drivers/sql/connected-server.ts'
import type { SqlServer } from '../../../src/drivers/sql/sql-server.ts'
import type { SqlDatabase, SqlServerFacts } from '../../../src/lab/sql/facts.ts'
import { startSqlServer } from '../../../src/lab/sql/server.ts'
import { driven } from '../../support/driven.ts'
import { faultyFiles } from '../../support/faulty-files.ts'
import { hastyClock } from '../../support/hasty-clock.ts'
import { TestClock } from '../../support/test-clock.ts'
import { seal } from '../../support/sealed.ts'
import { labDatabase, labInstance, labTarget } from '../../support/lab-sql.ts'

const fqdn = 'sql03.contoso.com'
const item = { kind: 'sql-database', subject: `${fqdn}\\rtc/LcsCDR` } as const
const unc = '\\\\backup01.contoso.com\\LyncBackup\\Contoso\\nightly\\20260729T020000Z-abcd'
const path = 'data/LcsCDR.bak'
const roles = { ServerRole: ['CONTOSO\\RTCComponentUniversalServices'] }
const never = new AbortController().signal
const hasty = hastyClock(40)

/** Of the set, as this machine reaches it. */
let folder: string
let file: string
let set: BackupSet
let facts: SqlServerFacts
let server: SqlServer
let served: string[]
let onServed: (sql: string) => void
let closing: AsyncDisposableStack
let asked: unknown[]
let tools: Tools

/** Setup made it anew: with another identity, and what the rebuilt pool wrote since. */
function rebuilt(rows: number, more: Partial<SqlDatabase> = {}): SqlDatabase {
  return labDatabase('LcsCDR', { guid: '11111111-2222-4333-8444-555555555555', tables: { Sessions: rows }, ...more })
}

beforeEach(async () => {
  closing = new AsyncDisposableStack()
  folder = await mkdtemp(join(tmpdir(), 'holdfast-restore-'))
  closing.defer(() => rm(folder, { recursive: true }))
  await mkdir(join(folder, 'data'))
  file = join(folder, path)
  facts = labInstance(fqdn, [labDatabase('LcsCDR', { tables: { Sessions: 4000, Users: 20 }, roles })])
  served = []
  onServed = () => {}
  const lab = await startSqlServer({
    facts: () => facts,
    changed: () => {},
    toLocal: (name) => join(folder, 'data', name.split('\\').at(-1) ?? ''),
    certificate: null,
    record(entry) {
      served.push(entry.sql)
      onServed(entry.sql)
    },
  })
  closing.defer(() => lab.close())
  server = closing.use(openSqlServer(labTarget(facts, lab.port), hasty))
  await take('LcsCDR', 'set 1')
  facts.backups = []
  facts.databases = [rebuilt(0)]
  asked = []
  const desired = {
    sqlStores: [{ host: fqdn, instance: 'rtc', port: 14331, highAvailability: { kind: 'none' } }],
  }
  const sql = (address: unknown): SqlServer => {
    asked.push(address)
    return server
  }
  tools = { desired, drivers: { sql, clock: systemClock } } as unknown as Tools
})
afterEach(() => closing.disposeAsync())

async function take(database: string, name: string): Promise<void> {
  await server.backup({ database, path: `${unc}\\LcsCDR.bak`, name }, { signal: never })
  set = { id: 'set-1', unc, path: folder, commitSha256: seal(folder) } as BackupSet
}

function restore(
  accepted: readonly string[] = [],
  recoveryModel = 'SIMPLE',
  lostSince = '2000-01-01T00:00:00.000Z',
  onPercent: RestoreContext['onPercent'] = () => {},
): Promise<Restored> {
  const database = { recoveryModel, collation: null, files: [], encryptor: null }
  return restoreDatabase.restore(item, {
    ...{ set, tools, lostSince, signal: never, onPercent },
    copy: { ...item, path, outcome: 'ok', bytes: 1, database } as unknown as ItemOutcome,
    accepts: (what) => accepted.includes(what),
  })
}

const restores = (): number => served.filter((sql) => sql.includes('RESTORE DATABASE')).length

test('its resource is the instance that is published', () => {
  expect(restoreDatabase.resource(item, tools)).toEqual({ kind: 'sqlInstance', subject: `${fqdn}\\rtc` })
})

test('what was backed up is back, and counted', async () => {
  expect(await restore()).toEqual({
    message: `restored on ${fqdn}\\rtc; 4020 rows`,
    counts: { rows: 4020 },
  })
  expect(asked).toEqual([{ host: fqdn, instance: 'rtc', port: 14331 }])
  expect(facts.databases).toMatchObject([{ tables: { Sessions: 4000, Users: 20 }, singleUser: false, roles }])
})

describe('rows that it gathered since it was created', () => {
  test('a handful may go', async () => {
    facts.databases = [rebuilt(100)]
    expect((await restore()).counts).toEqual({ rows: 4020 })
  })

  test('more are counted, shown and kept, until a person accepts their loss', async () => {
    facts.databases = [rebuilt(101)]
    await expect(restore()).rejects.toMatchObject({
      code: 'rows-since-rebuild',
      subject: item.subject,
      message: 'It holds 101 rows: a restore would throw them away.',
    })
    await expect(restore(['environment-changed'])).rejects.toMatchObject({ code: 'rows-since-rebuild' })
    expect(facts.databases).toMatchObject([{ tables: { Sessions: 101 }, singleUser: false }])
    expect(restores()).toBe(0)
    expect((await restore(['rows-since-rebuild'])).counts).toEqual({ rows: 4020 })
  })

  test('what cannot be counted is not taken for none', async () => {
    facts.databases = [rebuilt(0, { state: 'SUSPECT' })]
    await expect(restore()).rejects.toMatchObject({ code: 'rows-since-rebuild' })
    expect(restores()).toBe(0)
  })
})

describe('again', () => {
  test('what is back is proved and not restored again, with what was written since', async () => {
    await restore()
    facts.databases[0]!.tables['Sessions'] = 4001
    facts.databases[0]!.singleUser = true // a crash between RESTORE and MULTI_USER
    expect(await restore()).toEqual({
      message: 'it was back already; 4021 rows',
      counts: { rows: 4021 },
      resumed: true,
    })
    expect(facts.restores).toHaveLength(1)
    expect(facts.databases).toMatchObject([{ singleUser: false }])
  })

  test('what was broken off is begun again', async () => {
    facts.faults = { breakRestoreAtPercent: 60 }
    await expect(restore()).rejects.toMatchObject({ code: 'sql-backup-damaged' })
    expect(facts.databases).toMatchObject([{ state: 'RESTORING' }])
    facts.faults = {}
    expect((await restore()).counts).toEqual({ rows: 4020 })
  })

  test('another backup of the same database is not this one', async () => {
    await restore()
    await take('LcsCDR', 'set 2')
    await expect(restore()).rejects.toMatchObject({ code: 'rows-since-rebuild' })
    expect(facts.restores).toHaveLength(1)
  })
})

test('what cannot be as it was is told', async () => {
  facts.databases = [labDatabase('LcsCDR', { tables: { Sessions: 1 } })]
  await take('LcsCDR', 'set 2')
  facts.databases = [rebuilt(0)]
  expect((await restore([], 'FULL')).message).toBe(
    `restored on ${fqdn}\\rtc; 1 rows; its recovery model is SIMPLE, and was FULL; RTCComponentUniversalServices is not seen in its role ServerRole: add it`,
  )
})

test('a file that holds another database is refused', async () => {
  facts.databases = [labDatabase('QoEMetrics')]
  await take('QoEMetrics', 'set 2')
  facts.databases = [rebuilt(0)]
  await expect(restore()).rejects.toMatchObject({ code: 'sql-backup-wrong' })
  await writeFile(file, 'no backup')
  set = { ...set, commitSha256: seal(folder) }
  await expect(restore()).rejects.toMatchObject({ code: 'sql-backup-damaged' })
  expect(restores()).toBe(0)
})

describe('somebody else has written a backup of another day in its place', () => {
  /** What an attacker made of a database of the same name, beside the good one. */
  async function forged(): Promise<string> {
    const other = join(folder, 'other.bak')
    await copyFile(file, join(folder, 'good'))
    await rename(file, join(folder, 'good.bak'))
    facts.databases = [labDatabase('LcsCDR', { tables: { Sessions: 7 } })]
    await server.backup({ database: 'LcsCDR', path: `${unc}\\LcsCDR.bak`, name: 'set 1' }, { signal: never })
    await rename(file, other)
    await rename(join(folder, 'good.bak'), file)
    facts.databases = [rebuilt(0)]
    return other
  }

  test.each(['alone', 'with its manifest and commit record'])('%s: nothing is restored', async (how) => {
    await rename(await forged(), file)
    if (how !== 'alone') seal(folder)
    const code = how === 'alone' ? 'artefact-damaged' : 'set-damaged'
    await expect(restore()).rejects.toMatchObject({ code })
    expect(restores()).toBe(0)
    expect(facts.databases).toMatchObject([{ tables: { Sessions: 0 }, singleUser: false }])
  })

  test('or a pipe, for which nothing waits', async () => {
    await rm(file)
    execFileSync('mkfifo', [file])
    await expect(restore()).rejects.toMatchObject({ code: 'file-failed' })
    expect(restores()).toBe(0)
  })

  test('while it is restored: the step does not end well', async () => {
    const other = await forged()
    onServed = (sql) => {
      if (sql.includes('RESTORE DATABASE')) copyFileSync(other, file)
    }
    await expect(restore()).rejects.toThrow()
    // Of the same backup, so that its header says nothing.
    onServed = (sql) => {
      if (sql.includes('RESTORE DATABASE')) appendFileSync(file, ' ')
    }
    await copyFile(join(folder, 'good'), file)
    facts.databases = [rebuilt(0)]
    await expect(restore()).rejects.toMatchObject({
      code: 'artefact-damaged',
      message: expect.stringContaining('any more: it was changed while it was read') as string,
    })
  })
})

test('it says how much of the backup is read, and then how much is restored', async () => {
  await truncate(file, 64 * 1024 ** 2) // SQL Server reads to the end of the tape, which comes before
  set = { ...set, commitSha256: seal(folder) }
  tools = { ...tools, drivers: { ...tools.drivers, clock: hastyClock(1000) } }
  const told: { percent: number; reading: boolean }[] = []
  await restore([], 'SIMPLE', undefined, (percent, reading = false) => void told.push({ percent, reading }))
  const last = told.findLastIndex(({ reading }) => reading)
  expect(told.findIndex(({ reading }) => !reading)).toBe(last + 1)
  const [read, restored] = [told.slice(0, last + 1), told.slice(last + 1)].map((part) =>
    part.map(({ percent }) => percent),
  ) as [number[], number[]]
  expect(read).toEqual(read.toSorted((a, b) => a - b))
  expect(read.some((percent) => percent > 0 && percent < 100)).toBe(true)
  expect([restored[0], restored.at(-1)]).toEqual([0, 100])
})

test('a share that answers no more while the backup is looked at is given up after half an hour', async () => {
  using _hanging = faultyFiles((call, path) => (call === 'lstat' && path === file ? new Promise(() => {}) : null))
  const clock = new TestClock('2026-07-29T02:00:00Z')
  tools = { ...tools, drivers: { ...tools.drivers, clock } }
  await expect(driven(clock, restore(), 5)).rejects.toMatchObject({ code: 'file-stalled', subject: file })
  expect(clock.monotonic()).toBeGreaterThanOrEqual(30 * 60_000)
  expect(restores()).toBe(0)
})

test('the last question is asked right before RESTORE, when all of the backup was read', async () => {
  let isOurs = true
  onServed = (sql) => {
    if (sql.includes('RESTORE VERIFYONLY')) isOurs = false
  }
  const ask = (): Promise<void> =>
    isOurs
      ? Promise.resolve()
      : Promise.reject(new Problem('location-in-use', { message: 'Another daemon works there.' }))
  tools = { ...tools, drivers: askingFirst(tools.drivers, ask) }
  await expect(restore()).rejects.toMatchObject({ code: 'location-in-use' })
  expect(served.some((sql) => sql.includes('RESTORE VERIFYONLY'))).toBe(true)
  expect(restores()).toBe(0)
  expect(facts.databases).toMatchObject([{ tables: { Sessions: 0 }, singleUser: false }])
})

test('a database that is older than the loss is refused at the last look, accepted or not, and not touched', async () => {
  await expect(restore(['rows-since-rebuild'], 'SIMPLE', '2100-01-01T00:00:00.000Z')).rejects.toMatchObject({
    code: 'database-older',
  })
  expect(restores()).toBe(0)
})

test('a database that is dated ahead of now is refused, until a person accepts that its age is not known', async () => {
  const inAnHour = `${new Date(Date.now() + 3_600_000).toISOString().slice(0, 19)}.000Z`
  facts.databases = [rebuilt(0, { createdAt: inAnHour })]
  await expect(restore()).rejects.toMatchObject({
    code: 'database-older',
    message: expect.stringContaining(`(${inAnHour} is still to come)`) as unknown,
  })
  expect(restores()).toBe(0)
  // Clocks differ a little.
  facts.databases = [rebuilt(0, { createdAt: new Date(Date.now() + 120_000).toISOString() })]
  expect((await restore()).counts).toEqual({ rows: 4020 })
  facts.databases = [rebuilt(0, { createdAt: inAnHour })]
  expect((await restore(['database-age-unknown'])).counts).toEqual({ rows: 4020 })
})
