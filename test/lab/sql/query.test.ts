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
    'DECLARE @id int = 4; SET NOCOUNT ON; SELECT name, state_desc FROM sys.databases WHERE database_id > @id AND EXISTS (SELECT 1 FROM sys.master_files f WHERE f.database_id = databases.database_id)',
  ])('gives the same: %s', async (sql) => {
    const pool = await poolOf()
    expect(await rowsOf(pool, sql)).toEqual([expect.objectContaining({ name: 'LcsCDR', state_desc: 'ONLINE' })])
  })
})

describe('values', () => {
  test('keep their types through the driver', async () => {
    const pool = await poolOf('2019')
    const request = pool.request()
    request
      .input('n', mssql.NVarChar(50), 'Grüße')
      .input('i', mssql.Int, -7)
      .input('b', mssql.BigInt, '9007199254740993')
    request
      .input('d', mssql.DateTime2, new Date('2026-07-29T02:00:00.123Z'))
      .input('g', mssql.UniqueIdentifier, '6f9619ff-8b86-4d01-b42d-00c04fc964ff')
    request
      .input('x', mssql.Bit, true)
      .input('m', mssql.Decimal(9, 2), 12.34)
      .input('v', mssql.VarBinary(8), Buffer.from('00ff', 'hex'))
      .input('z', mssql.NVarChar, null)
    const { recordset } = await request.query(
      "SELECT @n n, @i i, @b b, @d d, @g g, @x x, @m m, @v v, @z z, CAST(1.5 AS real) r, CONVERT(datetime, '20260729 02:00:00.124') t",
    )
    expect(recordset).toEqual([
      {
        n: 'Grüße',
        i: -7,
        b: '9007199254740993',
        d: new Date('2026-07-29T02:00:00.123Z'),
        g: '6F9619FF-8B86-4D01-B42D-00C04FC964FF',
        x: true,
        m: 12.34,
        v: Buffer.from('00ff', 'hex'),
        z: null,
        r: 1.5,
        t: new Date('2026-07-29T02:00:00.123Z'),
      },
    ])
  })

  test.each([
    ['1 + 2 * 3', 7],
    ['7 / 2', 3],
    ["N'a' + 'b'", 'ab'],
    ["ISNULL(NULL, 'x')", 'x'],
    ['COALESCE(NULL, NULL, 5)', 5],
    ["CASE 'B' WHEN 'a' THEN 1 WHEN 'b' THEN 2 END", 2],
    ["DATEDIFF(minute, '2026-01-01T00:00:59', '2026-01-01T00:01:00')", 1],
    ["CONVERT(varchar(30), CAST('2026-07-29T02:03:04' AS datetime), 126)", '2026-07-29T02:03:04.000'],
    ["CASE WHEN NULL = NULL THEN 'same' ELSE 'unknown' END", 'unknown'],
    ["UPPER(LEFT(N'LcsCDR', 3))", 'LCS'],
    ["CAST(SERVERPROPERTY('Edition') AS nvarchar(64))", 'Standard Edition (64-bit)'],
    ["DATABASEPROPERTYEX('lcscdr', 'Recovery')", 'SIMPLE'],
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

  test('groups and counts', async () => {
    const pool = await poolOf()
    expect(
      await rowsOf(
        pool,
        'SELECT state_desc, COUNT(*) AS n, MAX(name) AS last FROM sys.databases GROUP BY state_desc HAVING COUNT(*) > 1',
      ),
    ).toEqual([{ state_desc: 'ONLINE', n: 5, last: 'tempdb' }])
    expect(await rowsOf(pool, 'SELECT COUNT(*) AS n FROM LcsCDR.dbo.Calls')).toEqual([{ n: 120 }])
    expect(
      await rowsOf(
        pool,
        'SELECT t.name, p.rows FROM LcsCDR.sys.tables t JOIN LcsCDR.sys.partitions p ON p.object_id = t.object_id ORDER BY t.name DESC',
      ),
    ).toEqual([
      { name: 'Users', rows: '3' },
      { name: 'Calls', rows: '120' },
    ])
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
    ['frobnicate', 2812],
    ['USE nope', 911],
    ['SET NOPE ON', 195],
    ['SELECT 1 WHERE 1', 4145],
    ["SELECT CAST('x' AS int)", 245],
    ['SELECT name FROM sys.databases GROUP BY state', 8120],
    ["BACKUP DATABASE LcsCDR TO DISK = N'a' + N'b'", 102],
    ["BACKUP DATABASE LcsCDR TO DISK = N'a' WITH NOPE", 155],
  ])('%s: %i', async (sql, number) => {
    const { numbers } = await errorsOf((await poolOf()).request().query(sql))
    expect(numbers).toEqual([number])
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
    expect(rows).toEqual([{ name: 'rtcxds', role: 'MIRROR', partner: 'SQL02.CONTOSO.COM\\RTC' }])
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
    expect(await rowsOf(pool, "SELECT sys.fn_hadr_backup_is_preferred_replica(N'rtcxds') AS preferred")).toEqual([
      { preferred: false },
    ])
    expect(
      await rowsOf(
        pool,
        'SELECT r.replica_server_name AS server, s.role_desc AS role FROM sys.availability_replicas r JOIN sys.dm_hadr_availability_replica_states s ON s.replica_id = r.replica_id WHERE s.is_local = 1',
      ),
    ).toEqual([{ server: 'SQL01\\RTC', role: 'SECONDARY' }])
  })
})

test('a prepared statement runs as often as it is asked to', async () => {
  const prepared = new mssql.PreparedStatement(await poolOf())
  prepared.input('id', mssql.Int)
  await prepared.prepare('SELECT name FROM sys.databases WHERE database_id = @id')
  expect((await prepared.execute({ id: 5 })).recordset).toEqual([{ name: 'LcsCDR' }])
  expect((await prepared.execute({ id: 1 })).recordset).toEqual([{ name: 'master' }])
  await prepared.unprepare()
})
