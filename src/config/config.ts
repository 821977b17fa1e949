/** `holdfast.yaml`: what this daemon needs to reach the world. It stands outside the repository of desired state. */

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
}

export interface Config {
  /** Absolute path of the file it was read from. */
  file: string
  git: { url: string; branch: string; path: string; intervalSeconds: number }
  /** Absolute path of the state store. */
  state: string
  /** Random id of this daemon, kept in `owner.id` beside the file; made when missing. */
  owner: string
  listen: { host: string; port: number }
  /** UNC prefix -> as this machine reaches it; longest prefix first. */
  pathMap: readonly { unc: string; local: string }[]
  shell: { transport: 'local'; command: readonly string[]; scratch: string } | null
  dns: { servers: readonly string[] }
  limits: { sqlInstance: number; share: number; shellHost: number; overall: number }
  /** FQDN in lower case -> how to reach it. */
  hosts: Readonly<Record<string, HostConfig>>
  /** Used for every SQL host that `hosts` gives no settings of its own. */
  sql: Omit<SqlConfig, 'instances'>
  log: { level: string }
}

/** Reads and checks the file; registers every secret as it is read. Throws a Problem `config-invalid` that lists all faults. */
export function readConfig(_file: string): Promise<Config> {
  throw new Error('not built yet')
}
