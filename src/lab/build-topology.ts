/** The published topology of a desired state (topology format, sections 2, 5 and 6). */
import type { Desired } from '../desired/load.ts'
import { guidOf } from './chance.ts'
import {
  backEndOf,
  centralPoolOf,
  centralStoreOf,
  serversAt,
  siteWhere,
  type PlannedSql,
  type SqlPlan,
} from './plan-sql.ts'
import { applicationPorts, productFacts } from './roles.ts'
import { splitUnc } from './shares.ts'
import { addCluster } from './topology-clusters.ts'
import { numberSites, serviceNumbers } from './topology-numbers.ts'
import type { ClusterId, Service, ServiceId, Topology } from './topology.ts'
import { same, sqlName } from './world.ts'

type Pool = Desired['pools'][number]
type Dependency = ServiceId & { usage: string }

interface Builder {
  topology: Topology
  sites: Map<string, number>
  number: ReturnType<typeof serviceNumbers>
  desired: Desired
  plan: SqlPlan
  /** `kind host\instance` or `FileStore path` -> the service of that store. */
  stores: Map<string, ServiceId[]>
  registrars: Map<string, Service>
}

export function buildTopology(desired: Desired, plan: SqlPlan): Topology {
  const sites = numberSites(desired)
  const branches = (name: string): boolean => {
    const here = desired.pools.filter((pool) => pool.site === name)
    return here.length > 0 && here.every(({ type }) => type === 'survivable-branch')
  }
  const builder: Builder = {
    topology: {
      signature: guidOf(`topology ${desired.deployment.name}`),
      sipDomains: [...desired.deployment.sipDomains],
      sites: [...sites].map(([name, id]) => ({ id, name, branch: branches(name) })),
      clusters: [],
      sqlInstances: [],
      services: [],
    },
    sites,
    number: serviceNumbers(desired),
    desired,
    plan,
    stores: new Map(),
    registrars: new Map(),
  }
  for (const pool of desired.pools) poolCluster(builder, pool)
  for (const store of desired.sqlStores) sqlInstances(builder, store)
  for (const store of desired.fileStores) fileStoreService(builder, store)
  const central = centralPoolOf(desired)
  for (const pool of desired.pools) addPool(builder, pool, pool === central)
  pairRegistrars(builder)
  return builder.topology
}

function siteOf(builder: Builder, name: string): number {
  return builder.sites.get(name) ?? [...builder.sites.values()][0] ?? 1
}

function poolCluster(builder: Builder, pool: Pool): ClusterId {
  return addCluster(builder.topology, {
    site: siteOf(builder, pool.site),
    fqdn: pool.fqdn,
    setup: pool.type !== 'trusted-application',
    machines: [...pool.servers],
  })
}

/** The site of whoever uses it first. */
function siteOfStore(builder: Builder, uses: (pool: Pool) => boolean): number {
  return siteOf(builder, siteWhere(builder.desired, uses))
}

function sqlInstances(builder: Builder, store: Desired['sqlStores'][number]): void {
  const site = siteOfStore(builder, (pool) => Object.values(pool.stores).some(({ name }) => same(name, store.name)))
  const group = store.highAvailability.kind === 'availability-group' ? store.highAvailability : null
  if (group) instanceAt(builder, { ...store, site, primaryNode: group.replicas[0] ?? store.host })
  else for (const server of serversAt(builder.plan, store)) instanceAt(builder, { ...server, site, primaryNode: null })
}

function instanceAt(
  { topology }: Builder,
  at: { host: string; instance: string; site: number; primaryNode: string | null },
): { cluster: ClusterId; sqlInstance: string } {
  const cluster = addCluster(topology, { site: at.site, fqdn: at.host, setup: false, machines: [at.host] })
  const known = topology.sqlInstances.some(
    (one) => one.cluster.site === cluster.site && one.cluster.number === cluster.number && same(one.name, at.instance),
  )
  if (!known) topology.sqlInstances.push({ name: at.instance, cluster, primaryNode: at.primaryNode })
  return { cluster, sqlInstance: at.instance }
}

function fileStoreService(builder: Builder, store: Desired['fileStores'][number]): void {
  const { server, parts } = splitUnc(store.path)
  const site = siteOfStore(builder, (pool) => pool.fileStore !== null && same(pool.fileStore.name, store.name))
  const cluster = addCluster(builder.topology, { site, fqdn: server, setup: false, machines: [server] })
  const id = builder.number(site, 'FileStore', null)
  builder.stores.set(`FileStore ${store.path.toLowerCase()}`, [id])
  builder.topology.services.push({
    ...{ ...id, generation: generationOf(builder.desired.deployment.product), dependsOn: [], ports: [] },
    ...{ installedOn: { cluster, sqlInstance: null }, attributes: { ShareName: parts.join('\\') } },
  })
}

/** The services of a SQL store, made once: the first is the principal's, a second one its mirror's. */
function storeServices(
  builder: Builder,
  role: string,
  store: { host: string; instance: string } | null | undefined,
  pool: Pool,
): Dependency[] {
  if (!store) return []
  const key = `${role} ${sqlName(store).toLowerCase()}`
  const known = builder.stores.get(key)
  const ids =
    known ??
    copiesOf(builder, store).map((copy) => {
      const site = siteOf(builder, pool.site)
      const id = builder.number(site, role, null)
      const installedOn = instanceAt(builder, { ...copy, site })
      builder.topology.services.push({
        ...id,
        generation: generationOf(pool.product),
        dependsOn: [],
        installedOn,
        ports: [],
        attributes: {},
      })
      return id
    })
  builder.stores.set(key, ids)
  return ids.map((id, index) => ({ ...id, usage: index === 0 ? 'Default' : 'Mirror' }))
}

function copiesOf(
  { plan }: Builder,
  store: { host: string; instance: string },
): { host: string; instance: string; primaryNode: string | null }[] {
  const servers = serversAt(plan, store)
  const group = servers.find(({ part }) => part && 'group' in part)
  if (group) return [{ ...store, primaryNode: servers[0]?.host ?? store.host }]
  return (servers.length > 0 ? servers : [store as PlannedSql]).map(({ host, instance }) => ({
    host,
    instance,
    primaryNode: null,
  }))
}

/** One pool, with what every role of it needs. */
interface Place {
  builder: Builder
  pool: Pool
  /** The file store's service, where the pool has one. */
  files: ServiceId | undefined
  /** Some Registrar to lean on: the first of the deployment. */
  nextHop: ServiceId | undefined
  holdsCentralManagement: boolean
  id: (role: string) => ServiceId
  add: (
    service: ServiceId,
    dependsOn: (ServiceId | Dependency | undefined)[],
    more?: Partial<Pick<Service, 'ports' | 'attributes'>>,
  ) => Service
  store: (role: string, store: { host: string; instance: string } | null | undefined) => Dependency[]
}

function addPool(builder: Builder, pool: Pool, holdsCentralManagement: boolean): void {
  const { number, topology, stores } = builder
  const site = siteOf(builder, pool.site)
  const cluster = poolCluster(builder, pool)
  servicesByType[pool.type]({
    ...{ builder, pool, holdsCentralManagement },
    files: stores.get(`FileStore ${pool.fileStore?.path.toLowerCase() ?? ''}`)?.[0],
    nextHop: [...builder.registrars.values()][0],
    id: (role) => number(site, role, pool.fileStore),
    add(service, dependsOn, more = {}) {
      const made: Service = {
        ...{ ...service, generation: pool.type === 'unsupported' ? 5 : generationOf(pool.product) },
        dependsOn: dependsOn.filter((one) => one !== undefined).map(dependency),
        ...{ installedOn: { cluster, sqlInstance: null }, ports: [], attributes: {}, ...more },
      }
      topology.services.push(made)
      return made
    },
    store: (role, store) => storeServices(builder, role, store, pool),
  })
}

function dependency(one: ServiceId | Dependency): Dependency {
  const { site, role, instance } = one
  return { site, role, instance, usage: 'usage' in one ? one.usage : 'Default' }
}

/** What each type of pool runs, and on what it depends (topology format, section 6). */
const servicesByType: Record<Pool['type'], (place: Place) => void> = {
  'front-end': addFrontEnd,
  'standard-edition': addFrontEnd,
  director(place) {
    const web = place.id('WebServices')
    addRegistrar(place, place.id('Registrar'), [web], true)
    place.add(web, [place.files])
  },
  'survivable-branch'(place) {
    addRegistrar(place, place.id('Registrar'), [], false)
  },
  mediation({ add, id, nextHop }) {
    add(id('MediationServer'), [nextHop])
  },
  edge({ add, id, nextHop }) {
    add(id('EdgeServer'), [nextHop], { ports: [{ owner: 'urn:component:Replication', port: 4443 }] })
    add(id('ManagementServices'), [])
  },
  'persistent-chat'({ add, id, files, store, pool: { stores } }) {
    add(id('PersistentChatService'), [
      ...[files, ...store('PersistentChatStore', stores.persistentChat)],
      ...store('PersistentChatComplianceStore', stores.compliance),
    ])
  },
  'trusted-application'({ add, id, nextHop }) {
    add(id('ExternalServer'), [nextHop])
  },
  unsupported({ add, id }) {
    add(id('UserServices'), [])
    add(id('Registrar'), [], { attributes: { IsDirector: 'false' } })
  },
}

function addFrontEnd(place: Place): void {
  const { add, id, files, store, pool, builder } = place
  const [users, registrar] = [id('UserServices'), id('Registrar')]
  const [web, conferences] = [id('WebServices'), id('ConfServices')]
  const backEnd = backEndOf(pool)
  add(users, [...store('UserStore', backEnd), files, conferences])
  addRegistrar(place, registrar, [users, web], false)
  add(web, [files, users])
  add(conferences, [files, web, users])
  const ports = pool.applications.map((name) => applicationPorts[name]).filter((port) => port !== undefined)
  add(id('ApplicationServer'), [registrar, files, ...store('ApplicationStore', backEnd)], {
    ports: [...ports, { owner: 'urn:application:testbot', port: 5076 }],
  })
  if (place.holdsCentralManagement)
    add(id('CentralMgmt'), [...store('CentralMgmtStore', centralStoreOf(builder.desired)), files], {
      attributes: { IsActive: 'true' },
    })
}

/** Registrars report to the archiving and monitoring stores of their pool. */
function addRegistrar({ builder, pool, add, store }: Place, id: ServiceId, uses: ServiceId[], director: boolean): void {
  const { archiving, monitoring } = pool.stores
  const made = add(id, [...uses, ...store('ArchivingStore', archiving), ...store('MonitoringStore', monitoring)], {
    attributes: { IsDirector: String(director) },
  })
  builder.registrars.set(pool.fqdn.toLowerCase(), made)
}

/** A pair: each pool's Registrar has the other's as its backup. */
function pairRegistrars({ desired, registrars }: Builder): void {
  for (const { fqdn, pairedWith } of desired.pools) {
    const other = registrars.get(pairedWith?.toLowerCase() ?? '')
    if (!other) continue
    const { site, role, instance } = other
    registrars.get(fqdn.toLowerCase())?.dependsOn.push({ site, role, instance, usage: 'Backup' })
  }
}

function generationOf(product: string): number {
  return productFacts(product).generation
}
