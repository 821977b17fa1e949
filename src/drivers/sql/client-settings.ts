import type { Connector } from './connector.ts'
import type { SqlTarget } from './target.ts'

/** A login by user and password: what the client library does by itself. */
export type NamedLogin = Exclude<SqlTarget['login']['authentication'], { kind: 'integrated' }>

interface ClientSettings {
  server: string
  port?: number
  domain?: string
  user: string
  password: string
  /** Milliseconds; 0: for ever. */
  requestTimeout: number
  connectionTimeout: number
  /** How a connection that lay idle is looked at before it is used again. */
  validateConnection: 'socket'
  options: Record<string, unknown>
}

/** The settings of the client library. Its own deadlines would kill a BACKUP, so requests have none: the caller's signal ends them, and `moving.ts` what makes no progress. */
export function clientSettings(
  target: SqlTarget,
  authentication: NamedLogin,
  application: string,
  connector: Connector,
): ClientSettings {
  const { encrypt, ca, trustServerCertificate } = target.login
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
    validateConnection: 'socket',
    options,
  }
}

/** The version alone does not do: its signatures are below the security level that OpenSSL starts with. */
const oldTls = { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }

export const connectMilliseconds = 15_000
/** A BACKUP stops between two of its writes; a slow share takes a while. */
export const cancelMilliseconds = 30_000
