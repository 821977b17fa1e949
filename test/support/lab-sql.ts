/** What tests of the lab's SQL Server begin with: a database, a login and the way there. */
import type { SqlDefaults } from '../../src/config/config.ts'
import type { SqlTarget } from '../../src/drivers/sql/target.ts'
import { newDatabase, newSqlServer, type SqlDatabase, type SqlServerFacts } from '../../src/lab/sql/facts.ts'

export const guid = '6F9619FF-8B86-D011-B42D-00C04FC964FF'
const password = 'Pa$$w0rd'

export const login: SqlDefaults = {
  authentication: { kind: 'sql', user: 'holdfast', password },
  encrypt: false,
  ca: null,
  trustServerCertificate: false,
  odbcDriver: 'ODBC Driver 18 for SQL Server',
}

/** A small database under SIMPLE, online, unless told otherwise. */
export function labDatabase(name: string, more: Partial<SqlDatabase> = {}): SqlDatabase {
  const fresh = newDatabase(name, guid, '2026-01-02T03:04:05.000Z')
  return { ...fresh, recoveryModel: 'SIMPLE', sizeBytes: 512 * 1024, tables: { Sessions: 3 }, ...more }
}

/** Facts of `host\rtc` with an administrator, whose login is the one above. */
export function labInstance(
  host: string,
  databases: SqlDatabase[],
  version: SqlServerFacts['version'] = '2016',
): SqlServerFacts {
  const facts = newSqlServer({ host, instance: 'rtc', version, edition: 'Standard' })
  return { ...facts, logins: [{ user: 'holdfast', password, sysadmin: true }], databases }
}

/** Where the server of those facts is reached. */
export function labTarget({ host }: Pick<SqlServerFacts, 'host'>, port: number): SqlTarget {
  const [server, instance] = ['127.0.0.1', 'rtc']
  return { subject: `${host}\\${instance}`, fqdn: host, server, port, instance, login, allowOldTls: false }
}
