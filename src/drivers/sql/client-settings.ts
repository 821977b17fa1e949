import type { Connector } from './connector.ts'
import type { SqlTarget } from './target.ts'

interface ClientSettings {
  server: string
  port?: number
  domain?: string
  user?: string
  password?: string
  /** Milliseconds; 0: for ever. */
  requestTimeout: number
  connectionTimeout: number
  /** How a connection that lay idle is looked at before it is used again. */
  validateConnection?: 'socket'
  /** For ODBC only. */
  connectionString?: string
  options: Record<string, unknown>
}

/** The settings of the client library. Its own deadlines would kill a BACKUP, so requests have none: the caller's signal ends them, and `moving.ts` what makes no progress. */
export function clientSettings(target: SqlTarget, application: string, connector: Connector): ClientSettings {
  const { authentication, encrypt, ca, trustServerCertificate } = target.login
  if (authentication.kind === 'integrated')
    return {
      server: target.server,
      requestTimeout: 0,
      connectionTimeout: connectMilliseconds,
      options: { useUTC: true },
      connectionString: odbcConnectionString(target, application),
    }
  const options = {
    appName: application,
    connector,
    encrypt,
    trustServerCertificate,
    serverName: target.fqdn,
    maxRetriesOnTransientErrors: 0,
    cancelTimeout: cancelMilliseconds,
    cryptoCredentialsDetails: {
      // This authority alone: the public ones beside it would cost each connection 45 ms and 1 MB.
      ...(ca === null ? {} : { ca: [ca] }),
      ...(target.allowOldTls ? oldTls : {}),
    },
  }
  return {
    server: target.server,
    ...(target.port === null ? {} : { port: target.port }),
    ...('domain' in authentication ? { domain: authentication.domain } : {}),
    user: authentication.user,
    password: authentication.password,
    requestTimeout: 0,
    connectionTimeout: connectMilliseconds,
    validateConnection: 'socket' as const,
    options,
  }
}

/** The version alone does not do: its signatures are below the security level that OpenSSL starts with. */
const oldTls = { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }

const connectMilliseconds = 15_000
/** A BACKUP stops between two of its writes; a slow share takes a while. */
const cancelMilliseconds = 30_000

function odbcConnectionString(target: SqlTarget, application: string): string {
  const server = target.port === null ? `${target.server}\\${target.instance}` : `${target.server},${target.port}`
  const parts = {
    Driver: 'ODBC Driver 18 for SQL Server',
    Server: server,
    ServerSPN: target.server === target.fqdn ? '' : `MSSQLSvc/${target.fqdn}:${target.port ?? target.instance}`,
    HostNameInCertificate: target.fqdn,
    Trusted_Connection: 'Yes',
    Encrypt: target.login.encrypt ? 'Yes' : 'No',
    TrustServerCertificate: target.login.trustServerCertificate ? 'Yes' : 'No',
    APP: application,
  }
  return Object.entries(parts)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}={${value.replaceAll('}', '}}')}`)
    .join(';')
}
