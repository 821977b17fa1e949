import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mssql from 'mssql'
import { onTestFinished } from 'vitest'
import { newSqlServer, type SqlDatabase, type SqlServerFacts } from '../../../src/lab/sql/facts.ts'
import { startSqlServer, type SqlServerOptions } from '../../../src/lab/sql/server.ts'

export const password = 'Passw0rd! ü'

export function databaseOf(name: string, more: Partial<SqlDatabase> = {}): SqlDatabase {
  return {
    name,
    guid: '6F9619FF-8B86-4D01-B42D-00C04FC964FF',
    state: 'ONLINE',
    recoveryModel: 'SIMPLE',
    createdAt: '2026-01-02T03:04:05.000Z',
    sizeBytes: 1024 * 1024,
    readOnly: false,
    singleUser: false,
    corruptPages: 0,
    tables: { Calls: 120, Users: 3 },
    mirroring: null,
    availabilityGroup: null,
    ...more,
  }
}

/** Facts of an instance with the database LcsCDR, an administrator `backup` and a plain login `reader`. */
export function factsOf(
  version: SqlServerFacts['version'] = '2016',
  more: Partial<SqlServerFacts> = {},
): SqlServerFacts {
  return {
    ...newSqlServer({ host: 'sql01.contoso.com', instance: 'rtc', version, edition: 'Standard' }),
    logins: [
      { user: 'backup', password, sysadmin: true },
      { user: 'reader', password, sysadmin: false },
    ],
    databases: [databaseOf('LcsCDR')],
    ...more,
  }
}

export interface Running {
  facts: SqlServerFacts
  port: number
  folder: string
  recorded: { sql: string; parameters: Record<string, unknown> }[]
  close(): Promise<void>
}

/** A server over a folder of its own, both gone when the test ends. Every path is mapped by its last part. */
export async function start(facts: SqlServerFacts, more: Partial<SqlServerOptions> = {}): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'lab-sql-'))
  const recorded: Running['recorded'] = []
  const server = await startSqlServer({
    facts: () => facts,
    changed: () => {},
    toLocal: (path) => join(folder, path.split('\\').at(-1) ?? ''),
    certificate: null,
    record: (entry) => void recorded.push(entry),
    ...more,
  })
  onTestFinished(async () => {
    await server.close()
    await rm(folder, { recursive: true, force: true })
  })
  return { facts, port: server.port, folder, recorded, close: () => server.close() }
}

export async function connect(port: number, more: Partial<mssql.config> = {}): Promise<mssql.ConnectionPool> {
  const pool = await new mssql.ConnectionPool({
    server: '127.0.0.1',
    port,
    user: 'backup',
    password,
    requestTimeout: 0,
    pool: { max: 2 },
    ...more,
    options: { encrypt: false, trustServerCertificate: true, ...more.options },
  }).connect()
  pool.on('error', () => {})
  onTestFinished(() => pool.close())
  return pool
}

/** The numbers of all errors of a statement in the order of the server, and the text of the first. */
export async function errorsOf(work: Promise<unknown>): Promise<{ numbers: number[]; first: string }> {
  try {
    await work
  } catch (thrown) {
    const error = thrown as mssql.RequestError & { precedingErrors?: mssql.RequestError[] }
    const all = [...(error.precedingErrors ?? []), error]
    return { numbers: all.map((each) => each.number ?? 0), first: all[0]?.message ?? '' }
  }
  return { numbers: [], first: '' }
}

/** A fresh certificate of sql01.contoso.com that signs itself. */
export async function certificate(): Promise<{ key: string; cert: string }> {
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
