import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type mssql from 'mssql'
import { describe, expect, test } from 'vitest'
import { connect, databaseOf, errorsOf, factsOf, start, type Running } from './support.ts'

const path = '\\\\backup01.contoso.com\\LyncBackup\\LcsCDR.bak'
const full =
  'BACKUP DATABASE @database TO DISK = @path WITH COPY_ONLY, CHECKSUM, INIT, FORMAT, STATS = 25, NAME = @name'

function request(pool: mssql.ConnectionPool, inputs: Record<string, string> = {}): mssql.Request {
  const made = pool.request()
  for (const [name, value] of Object.entries({ database: 'LcsCDR', path, name: 'set 1', ...inputs }))
    made.input(name, value)
  return made
}

async function backedUp(
  more: Parameters<typeof factsOf>[1] = {},
): Promise<Running & { pool: mssql.ConnectionPool; file: string }> {
  const running = await start(factsOf('2016', more))
  const pool = await connect(running.port)
  await request(pool).query(full)
  return { ...running, pool, file: join(running.folder, 'LcsCDR.bak') }
}

describe('BACKUP DATABASE', () => {
  test('writes a file, tells progress and history', async () => {
    const running = await start(factsOf('2016', { utcOffsetMinutes: 60 }))
    const pool = await connect(running.port)
    const told: string[] = []
    const work = request(pool)
    work.on('info', (info: { message: string }) => told.push(info.message))
    await work.query(full)
    expect(told.slice(0, 4)).toEqual([25, 50, 75, 100].map((percent) => `${percent} percent processed.`))
    expect(told.at(-1)).toMatch(/^BACKUP DATABASE successfully processed 130 pages/)
    const { recordset } = await pool
      .request()
      .query(
        'SELECT bs.database_name, bs.name, bs.type, bs.is_copy_only, bs.has_backup_checksums, bmf.physical_device_name, bs.backup_finish_date FROM msdb.dbo.backupset bs JOIN msdb.dbo.backupmediafamily bmf ON bmf.media_set_id = bs.media_set_id',
      )
    expect(recordset).toEqual([
      {
        database_name: 'LcsCDR',
        name: 'set 1',
        type: 'D',
        is_copy_only: true,
        has_backup_checksums: true,
        physical_device_name: path,
        backup_finish_date: expect.any(Date),
      },
    ])
    const finished = (recordset[0] as { backup_finish_date: Date }).backup_finish_date.getTime()
    expect(Math.abs(finished - Date.now() - 3_600_000)).toBeLessThan(60_000)
    expect((await stat(join(running.folder, 'LcsCDR.bak'))).size).toBeGreaterThan(1024 * 1024)
  })

  test('appends with NOINIT and begins anew with INIT', async () => {
    const { pool } = await backedUp()
    const positions = async (): Promise<unknown[]> =>
      (await request(pool).query('RESTORE HEADERONLY FROM DISK = @path')).recordset.map(
        (row: { Position: number }) => row.Position,
      )
    await request(pool).query('BACKUP DATABASE @database TO DISK = @path WITH NOINIT')
    expect(await positions()).toEqual([1, 2])
    expect(
      (await errorsOf(request(pool).query('BACKUP DATABASE @database TO DISK = @path WITH COMPRESSION'))).numbers,
    ).toEqual([3098, 3013])
    await request(pool).query('BACKUP DATABASE @database TO DISK = @path WITH INIT')
    expect(await positions()).toEqual([1])
  })

  test.each([
    ['nothing', {}, [911, 3013]],
    ['mgc', { state: 'OFFLINE' }, [942, 3013]],
    ['mgc', { state: 'RESTORING' }, [927, 3013]],
    ['mgc', { state: 'SUSPECT' }, [926, 3013]],
    [
      'mgc',
      {
        state: 'RESTORING',
        mirroring: { role: 'MIRROR', state: 'SYNCHRONIZED', partnerInstance: 'a\\b', witness: null, safety: 'FULL' },
      },
      [954, 3013],
    ],
    ['mgc', { corruptPages: 1 }, [3043, 3013]],
  ] as const)('of %s with %j fails', async (database, more, numbers) => {
    const running = await start(factsOf('2016', { databases: [databaseOf('mgc', more)] }))
    const pool = await connect(running.port)
    expect((await errorsOf(request(pool, { database }).query(full))).numbers).toEqual(numbers)
    expect(running.facts.backups).toEqual([])
  })

  test.each([
    ['ENOENT', '3(The system cannot find the path specified.)'],
    ['EACCES', '5(Access is denied.)'],
    ['EHOSTDOWN', '53(The network path was not found.)'],
    ['ENOSPC', '112(There is not enough space on the disk.)'],
  ])('to a share that answers %s fails with that error of Windows', async (code, text) => {
    const { port } = await start(factsOf(), {
      toLocal: () => {
        throw Object.assign(new Error(code), { code })
      },
    })
    const failure = await errorsOf(request(await connect(port)).query(full))
    expect(failure.numbers).toEqual([3201, 3013])
    expect(failure.first).toContain(text)
  })

  test('with COMPRESSION: refused by Express, smaller elsewhere', async () => {
    const compress = `${full}, COMPRESSION`
    const express = await start(factsOf('2012', { edition: 'Express' }))
    expect((await errorsOf(request(await connect(express.port)).query(compress))).numbers).toEqual([1844, 3013])
    const standard = await start(factsOf())
    const pool = await connect(standard.port)
    await request(pool).query(compress)
    expect((await stat(join(standard.folder, 'LcsCDR.bak'))).size).toBeLessThan(512 * 1024)
    await request(pool).query('RESTORE VERIFYONLY FROM DISK = @path WITH CHECKSUM')
    const { recordset } = await request(pool).query('RESTORE HEADERONLY FROM DISK = @path')
    expect(recordset).toMatchObject([{ DatabaseName: 'LcsCDR', HasBackupChecksums: true, BackupType: 1 }])
  })

  test('stops when the client cancels', async () => {
    const running = await start(factsOf('2016', { faults: { slowBackupSeconds: 60 } }))
    const pool = await connect(running.port)
    const work = request(pool)
    const begun = new Promise<void>((resolve) => work.once('info', () => resolve()))
    const ended = errorsOf(work.query(full.replace('25', '10')))
    await begun
    const active = await pool
      .request()
      .query("SELECT command, percent_complete AS p FROM sys.dm_exec_requests WHERE command LIKE 'BACKUP%'")
    expect(active.recordset).toEqual([{ command: 'BACKUP DATABASE', p: expect.any(Number) }])
    work.cancel()
    await ended
    expect(
      (await pool.request().query("SELECT command FROM sys.dm_exec_requests WHERE command LIKE 'BACKUP%'")).recordset,
    ).toEqual([])
    expect(running.facts.backups).toEqual([])
  })

  test.each([
    ['succeeds', 1],
    ['fails', 0],
  ] as const)('whose connection is cut then %s', async (thenBackup, count) => {
    const running = await start(
      factsOf('2016', { faults: { dropConnectionAtPercent: 40, thenBackup, slowBackupSeconds: 0.2 } }),
    )
    const { numbers } = await errorsOf(request(await connect(running.port)).query(full))
    expect(numbers).toHaveLength(1)
    running.facts.faults = {}
    const pool = await connect(running.port)
    const active = async (): Promise<number> =>
      (await pool.request().query("SELECT session_id FROM sys.dm_exec_requests WHERE command = 'BACKUP DATABASE'"))
        .recordset.length
    while ((await active()) > 0);
    const { recordset } = await pool.request().query("SELECT name FROM msdb.dbo.backupset WHERE name = 'set 1'")
    expect(recordset).toHaveLength(count)
  })

  test('that went on without its client ends with the server', async () => {
    const faults = { dropConnectionAtPercent: 10, thenBackup: 'succeeds', slowBackupSeconds: 0.4 } as const
    const running = await start(factsOf('2016', { faults }))
    await errorsOf(request(await connect(running.port)).query(full))
    await running.close()
    const next = await start(running.facts)
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect((await (await connect(next.port)).request().query('SELECT name FROM msdb.dbo.backupset')).recordset).toEqual(
      [],
    )
    expect(running.facts.backups).toEqual([])
  })

  test('ends with its session when that is killed', async () => {
    const running = await start(factsOf('2016', { faults: { slowBackupSeconds: 60 } }))
    const pool = await connect(running.port)
    const work = request(pool)
    const begun = new Promise<void>((resolve) => work.once('info', () => resolve()))
    const ended = errorsOf(work.query(full.replace('25', '10')))
    await begun
    const { recordset } = await pool
      .request()
      .query<{ id: number }>("SELECT session_id AS id FROM sys.dm_exec_requests WHERE command = 'BACKUP DATABASE'")
    await pool.request().batch(`KILL ${recordset[0]?.id ?? 0}`)
    expect((await ended).numbers).toHaveLength(1)
    expect(running.facts.backups).toEqual([])
  })
})

describe('RESTORE', () => {
  test('reads header and files', async () => {
    const { pool } = await backedUp()
    expect((await request(pool).query('restore headeronly from disk = @path with nounload')).recordset).toMatchObject([
      {
        BackupName: 'set 1',
        DatabaseName: 'LcsCDR',
        ServerName: 'SQL01\\RTC',
        BackupType: 1,
        IsCopyOnly: true,
        HasBackupChecksums: true,
        IsDamaged: false,
        RecoveryModel: 'SIMPLE',
        SoftwareVersionMajor: 13,
      },
    ])
    expect((await request(pool).query('RESTORE FILELISTONLY FROM DISK = @path')).recordset).toMatchObject([
      { LogicalName: 'LcsCDR', Type: 'D' },
      { LogicalName: 'LcsCDR_log', Type: 'L' },
    ])
  })

  test.each([
    ['empty', (file: Buffer) => file.subarray(0, 0), [3254, 3013]],
    [
      'no backup at all',
      () => Buffer.from('PK\u0003\u0004 something else that is long enough to have a header of its own, really'),
      [3241, 3013],
    ],
    ['cut in its data', (file: Buffer) => file.subarray(0, file.length / 2), [3203, 3013]],
    ['without its end', (file: Buffer) => file.subarray(0, file.length - 6000), [3203, 3013]],
    [
      'changed by a bit',
      (file: Buffer) =>
        Buffer.concat([file.subarray(0, 100_000), Buffer.from([(file[100_000] ?? 0) ^ 4]), file.subarray(100_001)]),
      [3189, 3013],
    ],
  ])('VERIFYONLY finds that a file is %s', async (_what, change, numbers) => {
    const { pool, file } = await backedUp()
    await request(pool).query('RESTORE VERIFYONLY FROM DISK = @path WITH CHECKSUM')
    await writeFile(file, change(await readFile(file)))
    expect((await errorsOf(request(pool).query('RESTORE VERIFYONLY FROM DISK = @path WITH CHECKSUM'))).numbers).toEqual(
      numbers,
    )
  })

  test('a set whose end is missing shows as incomplete', async () => {
    const { pool, file } = await backedUp({ faults: { cutBackups: true } })
    expect((await readFile(file)).length).toBeLessThan(1024 * 1024)
    expect((await request(pool).query('RESTORE HEADERONLY FROM DISK = @path')).recordset).toMatchObject([
      { BackupName: '*** INCOMPLETE ***', DatabaseName: null },
    ])
  })

  test('a file that is not there is error 3201', async () => {
    const { pool } = await backedUp()
    const failure = await errorsOf(
      request(pool, { path: '\\\\b\\s\\nothing.bak' }).query('RESTORE VERIFYONLY FROM DISK = @path'),
    )
    expect(failure).toMatchObject({ numbers: [3201, 3013], first: expect.stringContaining('error 2(') as string })
  })

  test('makes a database under another name, and DBCC and DROP work on it', async () => {
    const { pool, facts } = await backedUp()
    await request(pool).query(
      "RESTORE DATABASE proof FROM DISK = @path WITH MOVE N'LcsCDR' TO N'D:\\proof.mdf', MOVE N'LcsCDR_log' TO N'D:\\proof.ldf', STATS = 50",
    )
    expect((await pool.request().query('SELECT COUNT(*) AS n FROM proof.dbo.Calls')).recordset).toEqual([{ n: 120 }])
    expect(facts.databases[1]?.guid).not.toBe(facts.databases[0]?.guid)
    await pool.request().query('DBCC CHECKDB (proof) WITH NO_INFOMSGS')
    await pool.request().query('ALTER DATABASE [proof] SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE [proof]')
    expect(facts.databases.map(({ name }) => name)).toEqual(['LcsCDR'])
  })

  test('over what is there needs REPLACE, and no mirror', async () => {
    const { pool, facts } = await backedUp()
    const [database] = facts.databases
    if (!database) throw new Error('no database')
    Object.assign(database, databaseOf('LcsCDR', { guid: '11111111-2222-4333-8444-555555555555', tables: {} }))
    expect((await errorsOf(request(pool).query('RESTORE DATABASE @database FROM DISK = @path'))).numbers).toEqual([
      3154, 3013,
    ])
    database.recoveryModel = 'FULL'
    expect((await errorsOf(request(pool).query('RESTORE DATABASE @database FROM DISK = @path'))).numbers).toEqual([
      3159, 3013,
    ])
    database.mirroring = {
      role: 'PRINCIPAL',
      state: 'SYNCHRONIZED',
      partnerInstance: 'a\\b',
      witness: null,
      safety: 'FULL',
    }
    expect(
      (await errorsOf(request(pool).query('RESTORE DATABASE @database FROM DISK = @path WITH REPLACE'))).numbers,
    ).toEqual([3104, 3013])
    database.mirroring = null
    await request(pool).query('RESTORE DATABASE @database FROM DISK = @path WITH REPLACE')
    expect(database.tables).toEqual({ Calls: 120, Users: 3 })
    expect(facts.restores).toHaveLength(1)
  })

  test('that breaks off leaves the database RESTORING, which no option can be set on', async () => {
    const { pool, facts } = await backedUp({ faults: { breakRestoreAtPercent: 50 } })
    const take = 'ALTER DATABASE LcsCDR SET SINGLE_USER WITH ROLLBACK IMMEDIATE'
    const over = 'RESTORE DATABASE @database FROM DISK = @path WITH REPLACE'
    expect((await errorsOf(request(pool).query(`${take}; ${over}`))).numbers).toEqual([3203, 3013])
    expect(facts.databases).toMatchObject([{ state: 'RESTORING', singleUser: true }])
    expect((await errorsOf(pool.request().query('ALTER DATABASE LcsCDR SET MULTI_USER'))).numbers).toEqual([5052])
    facts.faults = {}
    const before = Date.now()
    await request(pool).query(over)
    expect(facts.databases).toMatchObject([{ state: 'ONLINE', singleUser: true }])
    expect(Date.parse(facts.databases[0]?.createdAt ?? '')).toBeGreaterThanOrEqual(before - 1000)
    await pool.request().query('alter database LcsCDR set multi_user')
    const history =
      'SELECT b.name, h.recovery FROM msdb..restorehistory h JOIN msdb..backupset b ON b.backup_set_id = h.backup_set_id'
    expect((await pool.request().query(history)).recordset).toEqual([{ name: 'set 1', recovery: true }])
  })

  test('SINGLE_USER is set and taken back by ALTER DATABASE, but not in a mirror', async () => {
    const { pool, facts, port } = await backedUp()
    const one = await connect(port, { pool: { min: 1, max: 1 } })
    await one.request().query('USE LcsCDR')
    await one.request().query('ALTER DATABASE LcsCDR SET SINGLE_USER')
    expect(facts.databases).toMatchObject([{ singleUser: true }])
    await one.close()
    facts.databases[0]!.mirroring = {
      ...{ role: 'PRINCIPAL', state: 'SUSPENDED', partnerInstance: 'a\\b', witness: null, safety: 'OFF' },
    }
    expect((await errorsOf(pool.request().query('ALTER DATABASE LcsCDR SET MULTI_USER'))).numbers).toEqual([1468])
  })

  test('rows of all tables are told by the catalogue of the database', async () => {
    const { pool } = await backedUp()
    const rows =
      'SELECT t.name, p.rows FROM LcsCDR.sys.partitions p JOIN LcsCDR.sys.tables t ON t.object_id = p.object_id WHERE p.index_id IN (0, 1)'
    expect((await pool.request().query(`USE LcsCDR; ${rows}`)).recordset).toEqual([
      { name: 'Calls', rows: '120' },
      { name: 'Users', rows: '3' },
    ])
    expect((await pool.request().query("SELECT DATABASEPROPERTYEX('LcsCDR', 'UserAccess') AS a")).recordset).toEqual([
      { a: 'MULTI_USER' },
    ])
  })

  test('by an older version is refused', async () => {
    const { folder } = await backedUp()
    const old = await start(factsOf('2012'), { toLocal: () => join(folder, 'LcsCDR.bak') })
    expect(
      (await errorsOf(request(await connect(old.port)).query('RESTORE VERIFYONLY FROM DISK = @path'))).numbers,
    ).toEqual([3169, 3013])
  })
})

test('a folder that is in the way is access denied', async () => {
  const running = await start(factsOf())
  await mkdir(join(running.folder, 'LcsCDR.bak'))
  expect((await errorsOf(request(await connect(running.port)).query(full))).first).toContain('error 5(')
})
