import type { Config, SqlDefaults } from '../../config/config.ts'
import { instanceName, sqlSubject } from '../../domain/subject.ts'
import type { SqlAddress } from './sql-server.ts'

/** Where one instance really is, and how to log in there. */
export interface SqlTarget {
  /** `host\instance`, as published. */
  subject: string
  /** The name in the server's certificate: the FQDN as published, wherever we connect to. */
  fqdn: string
  /** Host name or address to connect to. */
  server: string
  /** Null: ask SQL Server Browser for the port of `instance`. */
  port: number | null
  instance: string
  login: SqlDefaults
  /** TLS 1.0 and its weak ciphers are accepted. */
  allowOldTls: boolean
}

/** The address as published, with what `holdfast.yaml` says of the host. */
export function targetOf(config: Pick<Config, 'hosts' | 'sql'>, address: SqlAddress): SqlTarget {
  const host = config.hosts[address.host.toLowerCase()]
  const instance = instanceName(address.instance)
  return {
    subject: sqlSubject(address),
    fqdn: address.host,
    server: host?.address ?? address.host,
    port: host?.sql?.instances[instance.toLowerCase()] ?? publishedPort(address, instance, host?.ports ?? {}),
    instance,
    login: host?.sql ?? config.sql,
    allowOldTls: host?.sql?.allowOldTls ?? false,
  }
}

function publishedPort(address: SqlAddress, instance: string, ports: Readonly<Record<number, number>>): number | null {
  const published = address.port ?? (instance === '' ? 1433 : null)
  return published === null ? null : (ports[published] ?? published)
}
