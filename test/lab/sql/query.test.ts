import mssql from 'mssql'
import { describe, expect, test } from 'vitest'
import { connect, databaseOf, errorsOf, factsOf, start } from './support.ts'

async function poolOf(
  version: Parameters<typeof factsOf>[0] = '2016',
  more: Parameters<typeof factsOf>[1] = {},
): Promise<mssql.ConnectionPool> {
  return connect((await start(factsOf(version, more))).port)
}

const rowsOf = async (pool: mssql.ConnectionPool, sql: string): Promise<unknown[]> =>
  (await pool.request().query(sql)).recordset

describe('a statement reworded', () => {
  test.each([
    "SELECT name, state_desc FROM sys.databases WHERE database_id > 4 AND name = N'LcsCDR'",
    "select\tNAME as name\n , [State_Desc] state_desc from [sys].[Databases] where not (database_id <= 4) and name in ('x', 'lcscdr')",
    "SELECT d.name, d.state_desc FROM master.sys.databases AS d -- the user's own\nWHERE d.database_id BETWEEN 5 AND 99 AND d.name LIKE 'lcs%'",
    'SELECT d."name", state_desc /* both */ FROM sys.databases d INNER JOIN sys.database_mirroring m ON m.database_id = d.database_id WHERE d.database_id > 4;',
    "SELECT TOP (1) name, state_desc = state_desc FROM sys.databases ORDER BY CASE WHEN name = 'LcsCDR' THEN 0 ELSE 1 END, 2 DESC",
    'DECLARE @id int = 4; SET NOCOUNT ON; SET @id = @id + 0; SELECT d.name, d.state_desc FROM sys.databases d, sys.master_files f WHERE d.database_id > @id AND f.database_id = d.database_id AND f.file_id = 1',
  ])('gives the same: %s', async (sql) => {
    const pool = await poolOf()
    expect(await rowsOf(pool, sql)).toEqual([expect.objectContaining({ name: 'LcsCDR', state_desc: 'ONLINE' })])
  })
})

describe('values', () => {
  test('keep their types through the driver', async () => {
    const pool = await poolOf('2019')
    const request = pool.request()
    request.input('n', mssql.NVarChar(50), 'Grüße').input('i', mssql.Int, -7).input('x', mssql.Bit, true)
    request.input('b', mssql.BigInt, '9007199254740993').input('z', mssql.NVarChar, null)
    const { recordset } = await request.query(
      "SELECT @n n, @i i, @b b, @x x, @z z, CAST(2 AS real) r, CAST('20260729 02:00:00.124' AS datetime) t, CAST('6f9619ff-8b86-4d01-b42d-00c04fc964ff' AS uniqueidentifier) g, CAST(-12 AS decimal(20)) m",
    )
    expect(recordset).toEqual([
      {
        n: 'Grüße',
        i: -7,
        b: '9007199254740993',
        x: true,
        z: null,
        r: 2,
        t: new Date('2026-07-29T02:00:00.123Z'),
        g: '6F9619FF-8B86-4D01-B42D-00C04FC964FF',
        m: -12,
      },
    ])
  })

  test('of a type that is not known are an error', async () => {
    const request = (await poolOf()).request().input('v', mssql.VarBinary(8), Buffer.from('00ff', 'hex'))
    expect((await errorsOf(request.query('SELECT @v AS v'))).numbers).toEqual([8009])
  })

  test.each([
    ['1 + 2 * 3', 7],
    ['7 / 2', 3],
    ["N'a' + 'b'", 'ab'],
    ["ISNULL(NULL, 'x')", 'x'],
    ['COALESCE(NULL, NULL, 5)', 5],
    ["CASE WHEN 'B' = 'a' THEN 1 WHEN 'b' BETWEEN 'a' AND 'c' THEN 2 END", 2],
    ["CASE WHEN 'x' NOT IN ('y', NULL) THEN 1 ELSE 0 END", 0],
    ["CASE WHEN 'a_b%' LIKE 'A[_]b[^x]' THEN 1 END", 1],
    ["DATEDIFF(minute, '2026-01-01T00:00:59', '2026-01-01T00:01:00')", 1],
    ["CONVERT(varchar(30), CAST('2026-07-29T02:03:04' AS datetime), 126)", '2026-07-29T02:03:04.000'],
    ["CASE WHEN NULL = NULL THEN 'same' ELSE 'unknown' END", 'unknown'],
    ["UPPER(LEFT(N'LcsCDR', 3))", 'LCS'],
    ["QUOTENAME(N'a]b')", '[a]]b]'],
    ["CAST(SERVERPROPERTY('Edition') AS nvarchar(64))", 'Standard Edition (64-bit)'],
    ["HAS_PERMS_BY_NAME('LcsCDR', 'DATABASE', 'BACKUP DATABASE')", 1],
    ["HAS_PERMS_BY_NAME('nothing', 'DATABASE', 'BACKUP DATABASE')", null],
  ])('%s is %s', async (expression, value) => {
    expect(await rowsOf(await poolOf(), `SELECT ${expression} AS v`)).toEqual([{ v: value }])
  })

  test('GETDATE is local, GETUTCDATE is not', async () => {
    const pool = await poolOf('2016', { utcOffsetMinutes: 120 })
    expect(await rowsOf(pool, 'SELECT DATEDIFF(minute, GETUTCDATE(), GETDATE()) AS offset')).toEqual([{ offset: 120 }])
    expect(await rowsOf(pool, "SELECT create_date FROM sys.databases WHERE name = 'LcsCDR'")).toEqual([
      { create_date: new Date('2026-01-02T05:04:05.000Z') },
    ])
  })

  test('COUNT(*) counts', async () => {
    const pool = await poolOf()
    expect(await rowsOf(pool, 'SELECT COUNT(*) AS n FROM LcsCDR.dbo.Calls')).toEqual([{ n: 120 }])
    expect(await rowsOf(pool, "select count ( * ) n from sys.databases where name like 'm%'")).toEqual([{ n: 3 }])
  })
})

describe('errors as the engine words them', () => {
  test.each([
    ['SELECT name FROM', 102],
    ["SELECT 'open", 105],
    ['SELECT @missing', 137],
    ['SELECT nope FROM sys.databases', 207],
    ['SELECT d.nope FROM sys.databases AS e', 4104],
    ['SELECT * FROM sys.nope', 208],
    ['SELECT NOPE(1)', 195],
    ['EXEC sp_nope', 2812],
    ["EXEC sp_executesql N'SELECT @a', N'@a int', 1", 2812],
    ['frobnicate', 2812],
    ['USE nope', 911],
    ['SET NOPE ON', 195],
    ['SELECT 1 WHERE 1', 4145],
    ["SELECT CAST('x' AS int)", 245],
    ['SELECT name, COUNT(*) FROM sys.databases', 8120],
    ['SELECT MIN(name) FROM sys.databases', 195],
    ['SELECT name FROM sys.databases GROUP BY state', 8120],
    ['SELECT name, MAX(state) FROM sys.databases', 8120],
    ['SELECT MAX(nope) FROM sys.databases', 207],
    ['SELECT state FROM sys.databases GROUP BY state HAVING COUNT(*) > 1', 102],
    ['SELECT name FROM (SELECT name FROM sys.databases) d', 102],
    ['SELECT 0x1F', 102],
    ['SELECT CAST(GETDATE() AS nvarchar(30))', 281],
    ['CREATE DATABASE LcsLog', 102],
    ["BACKUP LOG LcsCDR TO DISK = N'a'", 102],
    ["BACKUP DATABASE LcsCDR TO DISK = N'a' + N'b'", 102],
    ["BACKUP DATABASE LcsCDR TO DISK = N'a' WITH NOPE", 155],
  ])('%s: %i', async (sql, number) => {
    const { numbers } = await errorsOf((await poolOf()).request().query(sql))
    expect(numbers).toEqual([number])
  })

  test('groups and their largest values', async () => {
    const pool = await poolOf()
    const grouped = 'SELECT d.recovery_model_desc AS model, MAX(d.name) AS last, COUNT(*) AS n FROM sys.databases AS d'
    expect(await rowsOf(pool, `${grouped} WHERE d.database_id < 5 GROUP BY d.recovery_model_desc`)).toEqual([
      { model: 'SIMPLE', last: 'tempdb', n: 3 },
      { model: 'FULL', last: 'model', n: 1 },
    ])
    expect(await rowsOf(pool, "SELECT MAX(name) AS last, COUNT(*) AS n FROM sys.databases WHERE name = 'x'")).toEqual([
      { last: null, n: 0 },
    ])
  })

  test('what an older version does not have', async () => {
    const [old, recent] = [await poolOf('2008 R2'), await poolOf('2012')]
    expect((await errorsOf(old.request().query('SELECT * FROM sys.availability_groups'))).numbers).toEqual([208])
    expect((await errorsOf(old.request().query('SELECT replica_id FROM sys.databases'))).numbers).toEqual([207])
    expect((await errorsOf(recent.request().query('SELECT group_id, replica_id FROM sys.databases'))).numbers).toEqual([
      207,
    ])
    expect(await rowsOf(recent, 'SELECT name FROM sys.availability_groups')).toEqual([])
    expect(
      await rowsOf(old, "SELECT SERVERPROPERTY('InstanceDefaultDataPath') AS p, SERVERPROPERTY('ProductVersion') AS v"),
    ).toEqual([{ p: null, v: '10.50.6560.0' }])
  })

  // What T-SQL learned after 2008 R2 is not known here at all: no statement can come to rest on it.
  test.each([
    ["SELECT IIF(1 = 1, 'a', 'b')", 'an error'],
    ["SELECT CONCAT('a', 'b')", 195],
    ["SELECT FORMAT(GETDATE(), 'd')", 195],
    ["SELECT TRY_CAST('x' AS int)", 'an error'],
    ["SELECT TRY_CONVERT(int, 'x')", 'an error'],
    ['SELECT EOMONTH(GETDATE())', 195],
    ["SELECT TRIM(' a ')", 195],
    ["SELECT CONCAT_WS(',', 'a', 'b')", 195],
    ["SELECT STRING_AGG(name, ',') FROM sys.databases", 195],
    ["SELECT value FROM STRING_SPLIT('a,b', ',')", 'an error'],
    ["SELECT JSON_VALUE('{}', '$.a')", 195],
    ['SELECT GREATEST(1, 2)', 195],
    ['SELECT name FROM sys.databases ORDER BY name OFFSET 1 ROWS FETCH NEXT 1 ROWS ONLY', 'an error'],
    ['DROP DATABASE IF EXISTS LcsCDR', 'an error'],
    ["THROW 50000, 'a', 1", 'an error'],
    ['SELECT * FROM sys.dm_hadr_database_replica_states', 208],
    ["BACKUP DATABASE LcsCDR TO URL = N'https://a'", 'an error'],
    ["BACKUP DATABASE LcsCDR TO DISK = N'\\\\b\\s\\a' WITH ENCRYPTION (ALGORITHM = AES_256)", 'an error'],
    ["BACKUP DATABASE LcsCDR TO DISK = N'\\\\b\\s\\a' WITH COMPRESSION (ALGORITHM = ZSTD)", 'an error'],
  ] as const)('2008 R2 refuses %s: %s', async (sql, expected) => {
    const { numbers } = await errorsOf((await poolOf('2008 R2')).request().query(sql))
    if (expected === 'an error') expect(numbers.length).toBeGreaterThan(0)
    else expect(numbers).toEqual([expected])
  })

  test('a login without rights reads what public may', async () => {
    const pool = await connect((await start(factsOf())).port, { user: 'reader' })
    expect(await rowsOf(pool, 'SELECT COUNT(*) AS n FROM sys.databases')).toEqual([{ n: 5 }])
    expect((await errorsOf(pool.request().query('SELECT name FROM msdb.dbo.backupset'))).numbers).toEqual([229])
    expect((await errorsOf(pool.request().query('SELECT * FROM sys.dm_hadr_database_replica_states'))).numbers).toEqual(
      [300, 297],
    )
    expect(
      (await errorsOf(pool.request().query("BACKUP DATABASE LcsCDR TO DISK = '\\\\b\\s\\a.bak'"))).numbers,
    ).toEqual([262, 3013])
  })

  test('IF takes one branch, and a text may be run', async () => {
    const pool = await poolOf()
    const sql = `IF @name LIKE 'lcs%' AND DB_ID(@name) IS NOT NULL
      begin declare @text nvarchar(99) = N'SELECT 1 AS v FROM ' + QUOTENAME(@name) + '.dbo.Users'; exec sp_executesql @text end
      ELSE SELECT 2 AS v`
    const ran = async (name: string): Promise<unknown> =>
      (await pool.request().input('name', name).query(sql)).recordset.map(({ v }: { v: number }) => v)
    expect(await ran('LcsCDR')).toEqual([1, 1, 1])
    expect(await ran('LcsLog')).toEqual([2])
  })

  test('what is in use of a file is told in its database, and USE ends with the text that holds it', async () => {
    const pool = await poolOf()
    const sql = `DECLARE @t nvarchar(200) = N'use [LcsCDR]; select name, FileProperty(name, ''spaceused'') n, db_name() d from sys.database_files where type_desc = ''ROWS'''; EXECUTE master.sys.sp_executesql @t`
    const size = factsOf('2016', {}).databases.find(({ name }) => name === 'LcsCDR')?.sizeBytes ?? 0
    expect(await rowsOf(pool, sql)).toEqual([{ name: 'LcsCDR', n: Math.ceil(size / 8192), d: 'LcsCDR' }])
    expect(await rowsOf(pool, `${sql}; SELECT DB_NAME() AS d, FILEPROPERTY('LcsCDR', 'SpaceUsed') AS n`)).toEqual([
      { name: 'LcsCDR', n: Math.ceil(size / 8192), d: 'LcsCDR' },
    ])
    expect(await rowsOf(pool, `SELECT DB_NAME() AS d, FILEPROPERTY('LcsCDR', 'SpaceUsed') AS n`)).toEqual([
      { d: 'master', n: null },
    ])
  })

  test('an error in the middle of a batch does not end it, a name that is not there does', async () => {
    const pool = await poolOf()
    const results: unknown[] = []
    const request = pool.request()
    request.stream = true
    request.on('row', (row) => results.push(row))
    request.on('error', () => {})
    const ended = new Promise((resolve) => request.on('done', resolve))
    void request.batch('SELECT 1 AS a; DROP DATABASE nope; SELECT 2 AS b; SELECT x FROM nope; SELECT 3 AS c')
    await ended
    expect(results).toEqual([{ a: 1 }, { b: 2 }])
  })
})

describe('high availability', () => {
  test('a mirror shows its role', async () => {
    const mirroring = {
      role: 'MIRROR',
      state: 'SYNCHRONIZED',
      partnerInstance: 'sql02.contoso.com\\rtc',
      witness: null,
      safety: 'FULL',
    } as const
    const pool = await poolOf('2012', {
      databases: [databaseOf('rtcxds', { state: 'RESTORING', recoveryModel: 'FULL', mirroring })],
    })
    const rows = await rowsOf(
      pool,
      'SELECT DB_NAME(database_id) AS name, mirroring_role_desc AS role, mirroring_partner_instance AS partner FROM sys.database_mirroring WHERE mirroring_guid IS NOT NULL',
    )
    expect(rows).toEqual([{ name: 'rtcxds', role: 'MIRROR', partner: 'SQL02\\RTC' }])
    expect(
      await rowsOf(
        pool,
        "SELECT r.database_guid AS g FROM sys.databases d LEFT JOIN sys.database_recovery_status r ON r.database_id = d.database_id WHERE d.name = 'rtcxds'",
      ),
    ).toEqual([{ g: null }])
  })

  test('an availability group shows roles, replicas and where backups should run', async () => {
    const availabilityGroup = {
      group: 'ag1',
      listener: 'sqlag.contoso.com',
      role: 'SECONDARY',
      synchronization: 'SYNCHRONIZED',
      suspended: false,
      replicas: ['SQL01\\RTC', 'SQL02\\RTC'],
      backupPreference: 'PRIMARY',
    } as const
    const pool = await poolOf('2016', {
      databases: [
        databaseOf('rtcxds', {
          recoveryModel: 'FULL',
          availabilityGroup: { ...availabilityGroup, replicas: [...availabilityGroup.replicas] },
        }),
      ],
    })
    expect(
      await rowsOf(pool, 'SELECT automated_backup_preference_desc AS preferred FROM sys.availability_groups'),
    ).toEqual([{ preferred: 'PRIMARY' }])
    expect(
      await rowsOf(
        pool,
        'SELECT r.replica_server_name AS server, s.role_desc AS role FROM sys.availability_replicas r JOIN sys.dm_hadr_availability_replica_states s ON s.replica_id = r.replica_id WHERE s.is_local = 1',
      ),
    ).toEqual([{ server: 'SQL01\\RTC', role: 'SECONDARY' }])
  })
})
