import type { SqlTarget } from '../target.ts'

/** What an ODBC driver is given to connect (document "DSN and Connection String Keywords and Attributes"). No secret is in it. */
export function connectionString(target: SqlTarget & { port: number }, application: string): string {
  const { odbcDriver, encrypt, trustServerCertificate } = target.login
  const parts = {
    Driver: odbcDriver,
    Server: `${target.server},${target.port}`,
    ServerSPN: target.server === target.fqdn ? '' : `MSSQLSvc/${target.fqdn}:${target.instance || target.port}`,
    HostNameInCertificate: target.fqdn,
    Trusted_Connection: 'Yes',
    Encrypt: encrypt ? 'Yes' : 'No',
    TrustServerCertificate: trustServerCertificate ? 'Yes' : 'No',
    APP: application,
  }
  return Object.entries(parts)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}=${quoted(value)};`) // FreeTDS takes the brace along where nothing follows it
    .join('')
}

function quoted(value: string): string {
  return `{${value.replaceAll('}', '}}')}}`
}
