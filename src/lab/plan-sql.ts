import type { Desired } from '../desired/load.ts'
import { same, type LabSqlListener } from './world.ts'
import { productFacts, type StoreUse } from './roles.ts'
import type { SqlEdition, SqlVersion } from './sql/facts.ts'

type SqlStore = Desired['sqlStores'][number]
type Pool = Desired['pools'][number]

/** One SQL Server instance that the deployment needs, and what it is for. */
export interface PlannedSql {
  host: string
  instance: string
  version: SqlVersion
  edition: SqlEdition
  /** Where the machine stands: the site of the first pool that uses it. */
  site: string
  uses: Set<StoreUse>
  /** Its part in a pair or a group; null when it stands alone. */
  part:
    | null
    | { kind: 'principal' | 'mirror'; partner: string; witness: string | null }
    | { kind: 'primary' | 'secondary'; group: string; listener: string; replicas: string[] }
  /** Of a failover cluster. */
  nodes?: string[]
}

export interface SqlPlan {
  servers: PlannedSql[]
  listeners: LabSqlListener[]
  /** Hosts that only watch or stand by, without databases of ours. */
  bystanders: { fqdn: string; role: string; site: string }[]
}

/** Where a pool keeps its users: its store, or the local instance that every Standard Edition server has. */
export function backEndOf(pool: Pool): { host: string; instance: string } | null {
  const store = pool.stores.user
  if (store) return { host: store.host, instance: store.instance }
  if (pool.type === 'standard-edition') return { host: pool.servers[0] ?? pool.fqdn, instance: 'rtc' }
  return null
}

/** The store of the Central Management databases; where nobody wrote it down, the first Back End. */
export function centralStoreOf(desired: Desired): { host: string; instance: string } | null {
  const written = desired.deployment.centralManagementStore
  if (written) return { host: written.host, instance: written.instance }
  return desired.pools.map(backEndOf).find((store) => store !== null) ?? null
}

/** The pool whose members own the Central Management store. */
export function centralPoolOf(desired: Desired): Pool | undefined {
  const central = centralStoreOf(desired)
  const owns = (pool: Pool): boolean => {
    const backEnd = backEndOf(pool)
    return central !== null && backEnd !== null && same(nameOf(backEnd), nameOf(central))
  }
  return desired.pools.find(owns) ?? desired.pools.find((pool) => backEndOf(pool) !== null)
}

/** The site of the first pool of that kind; machines that serve several sites stand in the first. */
export function siteWhere(desired: Desired, uses: (pool: Pool) => boolean): string {
  return (desired.pools.find(uses) ?? desired.pools[0])?.site ?? ''
}

/** Every instance of the deployment with its uses: store hosts, partners, replicas, local Express instances. */
export function planSql(desired: Desired): SqlPlan {
  const plan: SqlPlan = { servers: [], listeners: [], bystanders: [] }
  for (const store of desired.sqlStores) placeStore(plan, store, desired)
  for (const pool of desired.pools) {
    const backEnd = backEndOf(pool)
    if (backEnd && !serversAt(plan, backEnd).length) plan.servers.push(localExpress(backEnd, pool.product, pool.site))
    const stores: [StoreUse, { host: string; instance: string } | null | undefined][] = [
      ['user', backEnd],
      ['application', backEnd],
      ['archiving', pool.stores.archiving],
      ['monitoring', pool.stores.monitoring],
      ['persistentChat', pool.stores.persistentChat],
      ['compliance', pool.stores.compliance],
    ]
    for (const [use, store] of stores) if (store) useStore(plan, store, use)
  }
  const central = centralStoreOf(desired)
  if (central) useStore(plan, central, 'centralManagement')
  return plan
}

/** All copies behind a store's address: the instance itself, a mirror and its partner, the replicas of a listener. */
export function serversAt(plan: SqlPlan, store: { host: string; instance: string }): PlannedSql[] {
  const here = (server: PlannedSql): boolean => same(server.host, store.host) && same(server.instance, store.instance)
  const direct = plan.servers.find(here)
  if (direct?.part && 'partner' in direct.part) {
    const { partner } = direct.part
    return [direct, ...plan.servers.filter((server) => same(nameOf(server), partner))]
  }
  if (direct) return [direct]
  const listener = plan.listeners.find(({ fqdn, instance }) => same(fqdn, store.host) && same(instance, store.instance))
  return listener ? plan.servers.filter((server) => listener.replicas.some((name) => same(name, nameOf(server)))) : []
}

function useStore(plan: SqlPlan, store: { host: string; instance: string }, use: StoreUse): void {
  for (const server of serversAt(plan, store)) server.uses.add(use)
}

function placeStore(plan: SqlPlan, store: SqlStore, desired: Desired): void {
  const product = productOf(store, desired)
  const site = siteWhere(desired, ({ stores }) => Object.values(stores).some(({ name }) => same(name, store.name)))
  const local = desired.pools.some(
    ({ type, fqdn, servers }) =>
      type === 'standard-edition' && [fqdn, ...servers].some((name) => same(name, store.host)),
  )
  if (local) {
    add(plan, {
      ...localExpress(store, product, site),
      version: versionOf(store, productFacts(product).expressVersion),
    })
    return
  }
  const base = {
    instance: store.instance,
    version: versionOf(store, productFacts(product).sqlVersion),
    edition: 'Standard' as const,
    site,
  }
  const availability = store.highAvailability
  if (availability.kind === 'mirror') {
    const { partner, witness } = availability
    add(plan, {
      ...base,
      host: store.host,
      uses: new Set(),
      part: { kind: 'principal', partner: nameOf(partner), witness },
    })
    add(plan, { ...base, ...partner, uses: new Set(), part: { kind: 'mirror', partner: nameOf(store), witness } })
    if (witness !== null) plan.bystanders.push({ fqdn: witness.split('\\')[0] ?? witness, role: 'sql-witness', site })
    return
  }
  if (availability.kind === 'availability-group') {
    placeGroup(plan, store, base, availability)
    return
  }
  const nodes = availability.kind === 'failover-cluster' ? availability.nodes : []
  add(plan, {
    ...{ ...base, host: store.host, uses: new Set(), part: null },
    ...(nodes.length > 0 ? { nodes: [...nodes] } : {}),
  })
  plan.bystanders.push(...nodes.map((fqdn) => ({ fqdn, role: 'sql-cluster-node', site })))
}

/** The first replica is primary. A group whose replicas nobody wrote down has one, under the listener's name. */
function placeGroup(
  plan: SqlPlan,
  store: SqlStore,
  base: Pick<PlannedSql, 'instance' | 'version' | 'site'>,
  { listener, replicas }: { listener: string; replicas: readonly string[] },
): void {
  const others = replicas.filter((fqdn) => !same(fqdn, listener))
  const hosts = others.length > 0 ? others : [listener]
  const names = hosts.map((host) => nameOf({ host, instance: base.instance }))
  hosts.forEach((host, index) => {
    const kind = index === 0 ? ('primary' as const) : ('secondary' as const)
    const part = { kind, group: store.name, listener, replicas: names }
    add(plan, { ...base, edition: 'Enterprise', host, uses: new Set(), part })
  })
  for (const fqdn of new Set([listener, store.host]))
    if (!hosts.some((host) => same(host, fqdn)))
      plan.listeners.push({ fqdn, instance: base.instance, site: base.site, local: null, replicas: names })
}

function localExpress(at: { host: string; instance: string }, product: string, site: string): PlannedSql {
  return {
    host: at.host,
    instance: at.instance,
    version: productFacts(product).expressVersion,
    edition: 'Express',
    site,
    uses: new Set(),
    part: null,
  }
}

function add(plan: SqlPlan, server: PlannedSql): void {
  if (!plan.servers.some((other) => same(nameOf(other), nameOf(server)))) plan.servers.push(server)
}

function productOf(store: SqlStore, desired: Desired): string {
  const user = desired.pools.find(({ stores }) => Object.values(stores).some(({ name }) => same(name, store.name)))
  return user?.product ?? desired.deployment.product
}

const versions: readonly SqlVersion[] = ['2008 R2', '2012', '2014', '2016', '2017', '2019', '2022']

function versionOf(store: SqlStore, usual: SqlVersion): SqlVersion {
  return versions.find((version) => version === store.version) ?? usual
}

function nameOf({ host, instance }: { host: string; instance: string }): string {
  return instance === '' ? host : `${host}\\${instance}`
}
