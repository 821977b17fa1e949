import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import mssql from 'mssql'
import { Connection } from 'tedious'
import { describe, expect, test } from 'vitest'
import { connect, databaseOf, factsOf, password, start } from './support.ts'

async function certificate(): Promise<{ key: string; cert: string }> {
  const x509 = await import('@peculiar/x509')
  x509.cryptoProvider.set(webcrypto as never)
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=sql01.contoso.com',
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'sql01.contoso.com' }])],
  })
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return { key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`, cert: made.toString('pem') }
}

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
    const refused = (database: string): Promise<number[]> =>
      new Promise((resolve) => {
        const numbers: number[] = []
        const authentication = { type: 'default', options: { userName: 'backup', password } } as const
        const client = new Connection({
          server: '127.0.0.1',
          authentication,
          options: { port, database, encrypt: false },
        })
        client.on('errorMessage', (error) => numbers.push(error.number))
        client.connect(() => resolve(numbers))
      })
    expect(await refused('LcsLog')).toEqual([4060, 18456])
    expect(await refused('mgc')).toEqual([4060, 18456])
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
    const running = await start(factsOf())
    const pool = await connect(running.port)
    const waiting = pool.request().query("WAITFOR DELAY '00:01:00'")
    const failed = expect(waiting).rejects.toThrow()
    await pool.request().query('SELECT 1 AS one')
    await running.close()
    await failed
  })
})
