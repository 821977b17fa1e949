import { addSeconds, type Time } from '../base/time.ts'
import type { Desired } from '../desired/load.ts'
import { buildSqlServer } from './build-sql.ts'
import { buildTopology } from './build-topology.ts'
import { giveStandby } from './central-store.ts'
import { chanceOf } from './chance.ts'
import { buildDhcpServer } from './dhcp.ts'
import { namesOf } from './names.ts'
import { backEndOf, centralPoolOf, centralStoreOf, planSql, serversAt, siteWhere, type SqlPlan } from './plan-sql.ts'
import { memberServices, productFacts, smbPort, tlsPortsOf } from './roles.ts'
import { splitUnc } from './shares.ts'
import { loginAt } from './sql-login.ts'
import type { SqlLogin } from './sql/facts.ts'
import {
  same,
  sqlName,
  type LabCertificate,
  type LabHost,
  type LabPool,
  type LabShare,
  type LabSqlServer,
  type World,
} from './world.ts'

/** The deployment that a desired state describes, whole and healthy, as it stands when the lab is made. */
export function buildWorld(desired: Desired, login: SqlLogin, now: Time): World {
  const plan = planSql(desired)
  const hosts = buildHosts(desired, plan)
  const central = centralStoreOf(desired)
  const sqlServers = plan.servers.map((planned) => ({
    local: null,
    facts: buildSqlServer(planned, loginAt(planned, login, desired), now),
    ...(planned.nodes ? { nodes: planned.nodes } : {}),
  }))
  const pools = desired.pools.map((pool) => buildPool(pool, plan, pool === centralPoolOf(desired)))
  const partner = pools.find(({ fqdn }) => same(fqdn, centralPoolOf(desired)?.pairedWith ?? ''))
  const world: World = {
    format: 1,
    deployment: desired.deployment.name,
    createdAt: now,
    clockOffsetSeconds: 0,
    hosts,
    sqlServers,
    sqlListeners: plan.listeners,
    pools,
    centralManagement: central ? serversAt(plan, central).map(sqlName) : [],
    storeLocation: central ? sqlName(central) : '',
    directory: homings(pools, sqlServers),
    moved: [],
    settings: [
      {
        element: 'ConferencingPolicy',
        scope: 'Global',
        values: { MaxMeetingSize: '250', MaxVideoConferenceResolution: '720' },
      },
      { element: 'UserServiceSettings', scope: 'Global', values: { MaxContacts: '250', MaxSubscriptions: '200' } },
    ],
    configuredAt: now,
    shares: buildShares(desired),
    dhcpServers: [buildDhcpServer(desired)],
    complianceAdapter: 'Microsoft.Rtc.Internal.Chat.Server.Compliance.XmlAdapter,compliance',
    simpleUrls: desired.deployment.sipDomains.flatMap((domain) =>
      ['Meet', 'Dialin', 'Admin'].map((component) => ({
        ...{ component, domain, url: `https://${component.toLowerCase()}.${domain}` },
      })),
    ),
    names: namesOf(desired, hosts),
    unanswered: [],
    certificates: [
      ...hosts.filter(speaksTls).map(({ fqdn }) => certificateOf(fqdn, [fqdn], now)),
      certificateOf(desired.deployment.name, [...desired.deployment.sipDomains], now),
    ],
    managementShell: {
      module: productFacts(desired.deployment.product).module,
      product: desired.deployment.product,
      behaviours: {},
    },
    topology: buildTopology(desired, plan),
    cutOff: false,
    ports: { dns: null, daemon: 0 },
    changes: [],
  }
  if (partner) giveStandby(world, partner)
  return world
}

/** The same users as their pools hold. */
function homings(pools: readonly LabPool[], sqlServers: readonly LabSqlServer[]): World['directory'] {
  return pools.flatMap(({ fqdn, backEnd }) => {
    const home = sqlServers.find(({ facts }) => backEnd.some((name) => same(name, sqlName(facts))))
    const users = home?.facts.databases.find(({ name }) => name === 'rtcxds')?.tables.Resource
    return users === undefined ? [] : [{ pool: fqdn, users }]
  })
}

function buildPool(pool: Desired['pools'][number], plan: SqlPlan, central: boolean): LabPool {
  const { fqdn, site, type, product, servers, applications } = pool
  const backEnd = backEndOf(pool)
  return {
    ...{ fqdn, site, type, product, servers: [...servers], applications: [...applications] },
    backEnd: backEnd ? serversAt(plan, backEnd).map(sqlName) : [],
    backupModules: pool.pairedWith === null ? [] : modules(central),
  }
}

/** All is quiet. The pool without the Central Management store never exported one (domain reference, section 7.6). */
function modules(central: boolean): LabPool['backupModules'] {
  return [
    { name: 'UserServices.PresenceFocus', exported: 'SteadyState', imported: 'NormalState' },
    { name: 'ConfServices.DataConf', exported: 'FinalState', imported: 'NormalState' },
    { name: 'CentralMgmt.CMSMaster', exported: central ? 'FinalState' : 'NotInitialized', imported: 'NormalState' },
  ]
}

/** Every machine once, with all that it does. */
function buildHosts(desired: Desired, plan: SqlPlan): LabHost[] {
  const hosts = new Map<string, LabHost>()
  const add = (fqdn: string, role: string, site: string): LabHost => {
    const key = fqdn.toLowerCase()
    const host = hosts.get(key) ?? newHost(fqdn, site, hosts.size)
    if (!host.roles.includes(role)) host.roles.push(role)
    hosts.set(key, host)
    return host
  }
  const central = centralPoolOf(desired)
  for (const pool of desired.pools)
    for (const fqdn of pool.servers) {
      const host = add(fqdn, pool.type, pool.site)
      const services = memberServices({ type: pool.type, central: pool === central, paired: pool.pairedWith !== null })
      for (const name of services)
        if (!host.services.some((one) => one.name === name)) host.services.push({ name, running: true })
      if (services.includes('REPLICA'))
        host.replica ??= { upToDate: true, productVersion: productFacts(pool.product).version, silentSince: null }
      for (const [port, service] of tlsPortsOf[pool.type] ?? [])
        host.listeners.push({ port, local: null, tls: true, service })
    }
  for (const { host, site } of plan.servers) add(host, 'sql-server', site)
  for (const { fqdn, site } of plan.listeners) add(fqdn, 'sql-listener', site)
  for (const { fqdn, role, site } of plan.bystanders) add(fqdn, role, site)
  for (const { name, path } of desired.fileStores) {
    const site = siteWhere(desired, ({ fileStore }) => fileStore !== null && same(fileStore.name, name))
    add(splitUnc(path).server, 'file-server', site)
  }
  const mainSite = siteWhere(desired, () => true)
  for (const location of desired.locations) {
    add(location.host, 'backup-server', mainSite)
    add(splitUnc(location.share).server, 'backup-server', mainSite)
  }
  for (const host of hosts.values())
    if (!host.roles.includes('edge')) host.listeners.push({ port: smbPort, local: null, tls: false, service: null })
  return [...hosts.values()]
}

function newHost(fqdn: string, site: string, index: number): LabHost {
  const address = `10.20.${Math.floor((index + 10) / 250)}.${((index + 10) % 250) + 1}`
  return { fqdn, roles: [], address, powered: true, site, network: 'open', services: [], replica: null, listeners: [] }
}

function buildShares(desired: Desired): LabShare[] {
  const shares: LabShare[] = []
  const add = (unc: string, holds: LabShare['holds']): void => {
    const { server, parts } = splitUnc(unc)
    if (!shares.some((share) => same(share.unc, unc)))
      shares.push({ unc, folder: [server.toLowerCase(), ...parts].join('/'), holds })
  }
  for (const { share, copies } of desired.locations)
    for (const unc of [share, ...copies.map((copy) => copy.share)]) add(unc, 'backups')
  for (const { path } of desired.fileStores) add(path, 'file-store')
  return shares
}

/** TDS is encrypted, too. */
function speaksTls({ roles, listeners }: LabHost): boolean {
  return roles.includes('sql-server') || roles.includes('sql-listener') || listeners.some(({ tls }) => tls)
}

function certificateOf(fqdn: string, names: string[], now: Time): LabCertificate {
  const chance = chanceOf(`certificate ${fqdn} ${now}`)
  const serial = Array.from({ length: 16 }, (_, index) =>
    Math.floor(chance() * (index === 0 ? 7 : 16) + (index === 0 ? 1 : 0)).toString(16),
  )
  return {
    fqdn,
    serial: serial.join(''),
    names,
    notBefore: addSeconds(now, -30 * 86_400),
    notAfter: addSeconds(now, 700 * 86_400),
  }
}
