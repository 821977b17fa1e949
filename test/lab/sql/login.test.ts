import mssql from 'mssql'
import { describe, expect, test } from 'vitest'
import { certificate, connect, databaseOf, factsOf, password, start } from './support.ts'

async function loginError(
  port: number,
  more: Partial<mssql.config>,
): Promise<{ code: string; message: string; number: number | undefined }> {
  try {
    await connect(port, more)
  } catch (thrown) {
    const error = thrown as mssql.ConnectionError
    return {
      code: error.code,
      message: error.message,
      number: (error.originalError as { number?: number } | undefined)?.number,
    }
  }
  return { code: '', message: '', number: undefined }
}

describe('logging in', () => {
  test('works without encryption, and the session knows itself', async () => {
    const { port } = await start(factsOf())
    const pool = await connect(port, { database: 'lcscdr' })
    const { recordset } = await pool
      .request()
      .query("SELECT DB_NAME() AS db, SUSER_SNAME() AS who, IS_SRVROLEMEMBER('sysadmin') AS admin")
    expect(recordset).toEqual([{ db: 'LcsCDR', who: 'backup', admin: 1 }])
  })

  test('works over TLS with a certificate that the client checks', async () => {
    const pair = await certificate()
    const { port } = await start(factsOf(), { certificate: pair })
    const pool = await connect(port, {
      options: {
        encrypt: true,
        trustServerCertificate: false,
        serverName: 'sql01.contoso.com',
        cryptoCredentialsDetails: { ca: pair.cert },
      },
    })
    const text = 'x'.repeat(40_000)
    const { recordset } = await pool
      .request()
      .input('text', mssql.NVarChar(mssql.MAX), text)
      .query('SELECT @text AS back')
    expect(recordset[0]?.back).toBe(text)
  })

  test('over TLS is refused by a client that does not know the authority', async () => {
    const { port } = await start(factsOf(), { certificate: await certificate() })
    const { code } = await loginError(port, { options: { encrypt: true, trustServerCertificate: false } })
    expect(code).toBe('ESOCKET')
  })

  test('fails with a wrong password, an unknown login, and when the instance refuses', async () => {
    const { port, facts } = await start(factsOf())
    expect(await loginError(port, { password: 'wrong' })).toMatchObject({
      code: 'ELOGIN',
      message: "Login failed for user 'backup'.",
    })
    expect(await loginError(port, { user: 'nobody' })).toMatchObject({
      code: 'ELOGIN',
      message: "Login failed for user 'nobody'.",
    })
    facts.faults.refuseLogin = true
    expect(await loginError(port, {})).toMatchObject({ code: 'ELOGIN' })
  })

  test('fails for a database that is not there or not open', async () => {
    const { port } = await start(factsOf('2016', { databases: [databaseOf('mgc', { state: 'OFFLINE' })] }))
    const refused = async (database: string): Promise<number[]> => {
      const numbers: number[] = []
      const refusal = await loginError(port, {
        database,
        beforeConnect: (connection) => void connection.on('errorMessage', (error) => numbers.push(error.number)),
      })
      expect(refusal.code).toBe('ELOGIN')
      return numbers
    }
    expect(await refused('LcsLog')).toEqual([4060, 18456])
    expect(await refused('mgc')).toEqual([4060, 18456])
  })

  test('a reset of the connection puts the session back where it began', async () => {
    const { port } = await start(factsOf())
    const opened: { reset(done: () => void): void }[] = []
    const pool = await connect(port, { pool: { max: 1 }, beforeConnect: (connection) => void opened.push(connection) })
    const where = async (before: string): Promise<unknown> =>
      (await pool.request().batch(`${before} SELECT DB_NAME() AS name`)).recordset[0]?.name
    expect(await where('USE LcsCDR;')).toBe('LcsCDR')
    await new Promise<void>((resolve) => opened.at(-1)?.reset(() => resolve()))
    expect(await where('')).toBe('master')
  })

  test('with Windows credentials is refused as from an untrusted domain', async () => {
    const { port } = await start(factsOf())
    expect((await loginError(port, { domain: 'CONTOSO' })).message).toContain('untrusted domain')
  })

  test('an instance that does not run answers nobody', async () => {
    const { port } = await start(factsOf('2016', { running: false }))
    expect((await loginError(port, {})).code).toBe('ESOCKET')
  })

  test('passwords are not recorded', async () => {
    const { port, recorded } = await start(factsOf())
    await (await connect(port)).request().input('name', 'LcsCDR').query('SELECT 1 AS one WHERE @name IS NOT NULL')
    expect(recorded).toContainEqual(expect.objectContaining({ user: 'backup', parameters: { name: 'LcsCDR' } }))
    expect(JSON.stringify(recorded)).not.toContain(password)
  })

  test('closing the server drops its connections at once', async () => {
    const running = await start(factsOf('2016', { faults: { slowBackupSeconds: 60 } }))
    const pool = await connect(running.port)
    const waiting = pool.request().query("BACKUP DATABASE LcsCDR TO DISK = '\\\\b\\s\\a.bak'")
    const failed = expect(waiting).rejects.toThrow()
    await pool.request().query('SELECT 1 AS one')
    await running.close()
    await failed
  })
})
