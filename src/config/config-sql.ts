import type { ConfigFields, LoginFields } from './schema.ts'
import type { References } from './secrets.ts'

/** How one host is reached when its name alone does not do: NAT, tunnels, the lab. */
export interface HostConfig {
  address: string | null
  /** Published port -> the port to use instead. */
  ports: Readonly<Record<number, number>>
  sql: SqlConfig | null
}

export interface SqlConfig {
  /** Instance name in lower case (empty: default instance) -> TCP port. */
  instances: Readonly<Record<string, number>>
  authentication:
    | { kind: 'integrated' }
    | { kind: 'sql'; user: string; password: string }
    | { kind: 'ntlm'; domain: string; user: string; password: string }
  encrypt: boolean
  /** PEM text of a private certificate authority. */
  ca: string | null
  trustServerCertificate: boolean
  /** Name under which the ODBC driver is registered by which `integrated` connects. */
  odbcDriver: string
  /** TLS 1.0 and its weak ciphers are accepted. */
  allowOldTls: boolean
}

/** What holds for every SQL host that `hosts` gives no settings of its own. */
export type SqlDefaults = Omit<SqlConfig, 'instances' | 'allowOldTls'>

const builtIn: SqlDefaults = {
  authentication: { kind: 'integrated' },
  encrypt: true,
  ca: null,
  trustServerCertificate: false,
  odbcDriver: 'ODBC Driver 18 for SQL Server',
}

/** `sql` at the top of the file. */
export function readSqlDefaults(fields: LoginFields, references: References): Promise<SqlDefaults> {
  return readLogin(fields, builtIn, ['sql'], references)
}

/** One entry of `hosts`; what it does not say of SQL Server is taken from `defaults`. */
export async function readHost(
  name: string,
  fields: ConfigFields['hosts'][string],
  defaults: SqlDefaults,
  references: References,
): Promise<HostConfig> {
  const { sql } = fields
  const instances = Object.entries(sql?.instances ?? {}).map(
    ([instance, port]) => [instanceKey(instance), port] as const,
  )
  return {
    address: fields.address ?? null,
    ports: fields.ports,
    sql: sql
      ? {
          instances: Object.fromEntries(instances),
          allowOldTls: sql.allowOldTls ?? false,
          ...(await readLogin(sql, defaults, ['hosts', name, 'sql'], references)),
        }
      : null,
  }
}

function instanceKey(instance: string): string {
  const name = instance.toLowerCase()
  return name === 'mssqlserver' ? '' : name
}

async function readLogin(
  fields: LoginFields,
  defaults: SqlDefaults,
  path: readonly string[],
  references: References,
): Promise<SqlDefaults> {
  return {
    authentication: await readAuthentication(fields, defaults, path, references),
    encrypt: fields.encrypt ?? defaults.encrypt,
    ca: fields.ca === undefined ? defaults.ca : await references.file(fields.ca, [...path, 'ca']),
    trustServerCertificate: fields.trustServerCertificate ?? defaults.trustServerCertificate,
    odbcDriver: fields.odbcDriver ?? defaults.odbcDriver,
  }
}

async function readAuthentication(
  fields: LoginFields,
  defaults: SqlDefaults,
  path: readonly string[],
  references: References,
): Promise<SqlConfig['authentication']> {
  if (fields.authentication === 'integrated') return { kind: 'integrated' }
  if (fields.user === undefined || fields.password === undefined) return defaults.authentication
  const user = await references.text(fields.user, [...path, 'user'])
  const password = await references.secret(fields.password, [...path, 'password'])
  if (fields.domain === undefined) return { kind: 'sql', user, password }
  return { kind: 'ntlm', domain: await references.text(fields.domain, [...path, 'domain']), user, password }
}
