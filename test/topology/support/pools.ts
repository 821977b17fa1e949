/** Whole pools as Topology Builder makes them, with their stores and dependencies. */
import type { DeploymentBuilder } from './deployment.ts'

type Cluster = ReturnType<DeploymentBuilder['host']>
type Sql = ReturnType<DeploymentBuilder['sql']>
type Service = ReturnType<DeploymentBuilder['service']>
type Uses = readonly (Service | readonly [Service, string])[]

/** Stores of one kind on an instance and, where there is one, on its mirror. */
export function stores(builder: DeploymentBuilder, role: string, sql: Sql, mirror: Sql | null = null): Uses {
  const principal = builder.service(role, sql)
  return mirror === null ? [principal] : [principal, [builder.service(role, mirror), 'Mirror']]
}

interface PoolParts {
  cluster: Cluster
  share: Service
  userServices: Service
  registrar: Service
}

/** Front End services on a cluster; `registrarUses`: archiving, monitoring and the like. */
export function frontEnd(
  builder: DeploymentBuilder,
  cluster: Cluster,
  parts: { userStores: Uses; share: Service; registrarUses?: Uses; owners?: readonly string[]; version?: number },
): PoolParts {
  const { share, version = Number(builder.version) } = parts
  const conferencing = builder.service('ConfServices', cluster, { uses: [share], version })
  const userServices = builder.service('UserServices', cluster, {
    uses: [...parts.userStores, share, conferencing],
    version,
  })
  conferencing.uses.push([userServices, 'Default']) // the graph has cycles
  const web = builder.service('WebServices', cluster, { uses: [share, userServices], version })
  const registrar = builder.service('Registrar', cluster, {
    uses: [userServices, web, ...(parts.registrarUses ?? [])],
    version,
  })
  builder.service('ApplicationServer', cluster, { uses: [registrar, share], owners: parts.owners ?? [], version })
  return { cluster, share, userServices, registrar }
}

export function standardEdition(
  builder: DeploymentBuilder,
  fqdn: string,
  site = builder.sites[0],
): PoolParts & { sql: Sql } {
  const cluster = builder.host(fqdn, { setup: true, ...(site ? { site } : {}) })
  const sql = builder.sql(cluster)
  const pool = frontEnd(builder, cluster, {
    userStores: stores(builder, 'UserStore', sql),
    share: builder.share(cluster, 'lyncshare'),
  })
  return { ...pool, sql }
}

export function enterprise(
  builder: DeploymentBuilder,
  fqdn: string,
  sqlHost: string,
  site = builder.sites[0],
): PoolParts & { sql: Sql } {
  const domain = fqdn.split('.').slice(1).join('.')
  const short = fqdn.split('.')[0] ?? ''
  const where = site ? { site } : {}
  const cluster = builder.host(fqdn, {
    setup: true,
    machines: [`${short}-fe01.${domain}`, `${short}-fe02.${domain}`],
    ...where,
  })
  const sql = builder.sql(builder.host(sqlHost, where))
  const pool = frontEnd(builder, cluster, {
    userStores: stores(builder, 'UserStore', sql),
    share: builder.share(builder.host(`${short}-fs.${domain}`, where), 'share'),
  })
  return { ...pool, sql }
}

/** The Central Management store of a pool. */
export function centralManagement(builder: DeploymentBuilder, cluster: Cluster, sql: Sql, active = true): Service {
  return builder.service('CentralMgmt', cluster, { active, uses: stores(builder, 'CentralMgmtStore', sql) })
}
