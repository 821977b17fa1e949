import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Tools } from '../../../src/act/handler.ts'
import { restoreDatabase } from '../../../src/act/restore/database.ts'
import type { Restored } from '../../../src/act/restore/restorer.ts'
import { systemClock } from '../../../src/base/clock.ts'
import type { BackupSet, ItemOutcome } from '../../../src/domain/backup-set.ts'
import { openSqlServer } from '../../../src/drivers/sql/connected-server.ts'
import type { SqlServer } from '../../../src/drivers/sql/sql-server.ts'
import type { SqlDatabase, SqlServerFacts } from '../../../src/lab/sql/facts.ts'
import { startSqlServer } from '../../../src/lab/sql/server.ts'
import { hastyClock } from '../../support/hasty-clock.ts'
import { labDatabase, labInstance, labTarget } from '../../support/lab-sql.ts'

const fqdn = 'sql03.contoso.com'
const item = { kind: 'sql-database', subject: `${fqdn}\\rtc/LcsCDR` } as const
const unc = '\\\\backup01.contoso.com\\LyncBackup\\Contoso\\nightly\\20260729T020000Z-abcd'
const set = { unc } as BackupSet
const path = 'sql/sql03.contoso.com/LcsCDR.bak'
const roles = { ServerRole: ['CONTOSO\\RTCComponentUniversalServices'] }
const never = new AbortController().signal
const hasty = hastyClock(40)

let folder: string
let facts: SqlServerFacts
let server: SqlServer
let served: string[]
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
  facts = labInstance(fqdn, [labDatabase('LcsCDR', { tables: { Sessions: 4000, Users: 20 }, roles })])
  served = []
  const lab = await startSqlServer({
    facts: () => facts,
    changed: () => {},
    toLocal: (name) => join(folder, name.split('\\').at(-1) ?? ''),
    certificate: null,
    record: (entry) => served.push(entry.sql),
  })
  closing.defer(() => lab.close())
  server = closing.use(openSqlServer(labTarget(facts, lab.port), hasty))
  await server.backup({ database: 'LcsCDR', path: `${unc}\\LcsCDR.bak`, name: 'set 1' }, { signal: never })
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

function restore(
  accepted: readonly string[] = [],
  recoveryModel = 'SIMPLE',
  lostSince = '2000-01-01T00:00:00.000Z',
): Promise<Restored> {
  const database = { recoveryModel, collation: null, files: [], encryptor: null }
  return restoreDatabase.restore(item, {
    ...{ set, tools, lostSince, signal: never, onPercent: () => {} },
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
    await server.backup({ database: 'LcsCDR', path: `${unc}\\LcsCDR.bak`, name: 'set 2' }, { signal: never })
    await expect(restore()).rejects.toMatchObject({ code: 'rows-since-rebuild' })
    expect(facts.restores).toHaveLength(1)
  })
})

test('what cannot be as it was is told', async () => {
  facts.databases = [labDatabase('LcsCDR', { tables: { Sessions: 1 } })]
  await server.backup({ database: 'LcsCDR', path: `${unc}\\LcsCDR.bak`, name: 'set 2' }, { signal: never })
  facts.databases = [rebuilt(0)]
  expect((await restore([], 'FULL')).message).toBe(
    `restored on ${fqdn}\\rtc; 1 rows; its recovery model is SIMPLE, and was FULL; RTCComponentUniversalServices is not seen in its role ServerRole: add it`,
  )
})

test('a file that holds another database is refused', async () => {
  facts.databases = [labDatabase('QoEMetrics')]
  await server.backup({ database: 'QoEMetrics', path: `${unc}\\LcsCDR.bak`, name: 'set 2' }, { signal: never })
  facts.databases = [rebuilt(0)]
  await expect(restore()).rejects.toMatchObject({ code: 'sql-backup-wrong' })
  await writeFile(join(folder, 'LcsCDR.bak'), 'no backup')
  await expect(restore()).rejects.toMatchObject({ code: 'sql-backup-damaged' })
  expect(restores()).toBe(0)
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
