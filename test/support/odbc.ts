/** Integrated login as far as it goes on Linux: a real ODBC driver (FreeTDS) and a real Kerberos ticket. */
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { vi } from 'vitest'
import type { SqlDefaults } from '../../src/config/config.ts'
import type { SqlServerFacts } from '../../src/lab/sql/facts.ts'
import { startRealm, type Realm } from './kerberos.ts'
import { lacking, pathOf } from './programs.ts'

/** What to say of what is not installed here; null: all is. */
export const lackingOdbc = lacking('libtdsodbc.so', 'isql', 'krb5kdc', 'kadmin.local', 'kinit')

/** The driver and its version, as it stands in its file. */
export function odbcDriver(): string {
  const version = /freetds v([\d.]+)/.exec(readFileSync(pathOf('libtdsodbc.so') ?? '', 'latin1'))?.[1]
  return `FreeTDS (ODBC) ${version ?? 'of an unknown version'}`
}

const account = 'svc-holdfast'

/** The login by that driver. */
export const integrated: SqlDefaults = {
  authentication: { kind: 'integrated' },
  encrypt: false,
  ca: null,
  trustServerCertificate: false,
  odbcDriver: 'FreeTDS of the tests',
}

/** The same instance, which lets the account in. */
export function withAccount(facts: SqlServerFacts): SqlServerFacts {
  const user = `CONTOSO\\${account}`
  return { ...facts, logins: [...facts.logins, { user, password: 'not by password', sysadmin: true }] }
}

/**
 * Registers the driver for this process and those that it starts, and logs the account in to a realm in which the instance
 * `rtc` of `host` is.
 */
export async function startOdbc(folder: string, host: string): Promise<Realm> {
  await registerDriver(folder)
  await mkdir(join(folder, 'realm'))
  const realm = await startRealm(join(folder, 'realm'), `MSSQLSvc/${host}:rtc`, account)
  for (const [name, value] of Object.entries(realm.environment)) vi.stubEnv(name, value)
  return realm
}

async function registerDriver(folder: string): Promise<void> {
  await writeFile(join(folder, 'odbcinst.ini'), `[FreeTDS of the tests]\nDriver=${pathOf('libtdsodbc.so') ?? ''}\n`)
  vi.stubEnv('ODBCSYSINI', folder)
}
