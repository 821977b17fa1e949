import type { HostConfig, SqlConfig, SqlDefaults as Defaults } from './config.ts'
import type { ConfigFields, LoginFields } from './schema.ts'
import type { References } from './secrets.ts'

const builtIn: Defaults = {
  authentication: { kind: 'integrated' },
  encrypt: true,
  ca: null,
  trustServerCertificate: false,
}

/** `sql` at the top of the file. */
export function readSqlDefaults(fields: LoginFields, references: References): Promise<Defaults> {
  return readLogin(fields, builtIn, ['sql'], references)
}

/** One entry of `hosts`; what it does not say of SQL Server is taken from `defaults`. */
export async function readHost(
  name: string,
  fields: ConfigFields['hosts'][string],
  defaults: Defaults,
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
  defaults: Defaults,
  path: readonly string[],
  references: References,
): Promise<Defaults> {
  return {
    authentication: await readAuthentication(fields, defaults, path, references),
    encrypt: fields.encrypt ?? defaults.encrypt,
    ca: fields.ca === undefined ? defaults.ca : await references.file(fields.ca, [...path, 'ca']),
    trustServerCertificate: fields.trustServerCertificate ?? defaults.trustServerCertificate,
  }
}

async function readAuthentication(
  fields: LoginFields,
  defaults: Defaults,
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
