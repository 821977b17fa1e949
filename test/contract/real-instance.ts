import { readFileSync } from 'node:fs'
import type { SqlTarget } from '../../src/drivers/sql/target.ts'
import type { Instance } from './instance.ts'

/** The instance that `HOLDFAST_TEST_SQL_...` names (docs/how-to/prove-your-estate.md); null without any. */
export function realInstance(environment: NodeJS.ProcessEnv): Instance | null {
  const value = (name: string): string | undefined => environment[`HOLDFAST_TEST_SQL_${name}`]
  const needed = (name: string): string => {
    const found = value(name)
    if (found === undefined || found === '')
      throw new Error(`HOLDFAST_TEST_SQL_SERVER is set, so HOLDFAST_TEST_SQL_${name} must be too.`)
    return found
  }
  const host = value('SERVER')
  if (host === undefined || host === '') return null
  const instance = value('INSTANCE') ?? ''
  const port = value('PORT') ?? (instance === '' ? '1433' : undefined)
  const authority = value('CA')
  return {
    target: {
      subject: instance === '' ? host : `${host}\\${instance}`,
      fqdn: host,
      server: value('ADDRESS') ?? host,
      port: port === undefined ? null : Number(port),
      instance,
      login: {
        authentication: authenticationOf(value('USER'), value('DOMAIN'), () => needed('PASSWORD')),
        encrypt: value('ENCRYPT') !== 'false',
        ca: authority === undefined ? null : readFileSync(authority, 'utf8'),
        trustServerCertificate: value('TRUST') === 'true',
        odbcDriver: value('ODBC_DRIVER') ?? 'ODBC Driver 18 for SQL Server',
      },
      allowOldTls: value('OLD_TLS') === 'true',
    },
    database: needed('DATABASE'),
    backups: needed('BACKUPS'),
    restores: needed('RESTORES'),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

function authenticationOf(
  user: string | undefined,
  domain: string | undefined,
  password: () => string,
): SqlTarget['login']['authentication'] {
  if (user === undefined) return { kind: 'integrated' }
  if (domain === undefined) return { kind: 'sql', user, password: password() }
  return { kind: 'ntlm', domain, user, password: password() }
}
