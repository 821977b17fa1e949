/** Takes back what desired state would refuse because the product cannot have it, and says so. */
import type { Product } from '../domain/model.ts'
import { sqlSubject } from '../domain/subject.ts'
import type { Topology, TopologyPool, TopologySqlStore } from './topology.ts'
import type { Warning } from './warning.ts'

/** Domain reference, section 2.1: Persistent Chat and mirroring ended with 2015, availability groups began with it. */
const late: readonly Product[] = ['skype-for-business-2019', 'skype-for-business-se']
const lastWithPersistentChat: Product = 'skype-for-business-2015'

export function fitToProducts(topology: Topology, warnings: Warning[]): Topology {
  const pools = topology.pools.map((pool) => fitPersistentChat(pool, topology.product, warnings))
  const users = usersOf(pools)
  const sqlStores = topology.sqlStores.map((store) =>
    fitHighAvailability(store, users.get(store.name) ?? [], topology.product, warnings),
  )
  return { ...topology, pools, sqlStores }
}

function fitPersistentChat(pool: TopologyPool, common: Product, warnings: Warning[]): TopologyPool {
  if (!late.includes(pool.product ?? common)) return pool
  if (pool.type === 'persistent-chat') {
    const message = `Persistent Chat pool ${pool.fqdn} seems newer than the last product that has Persistent Chat; it was taken to be ${lastWithPersistentChat}. Check its product.`
    warnings.push({ code: 'import-unknown-version', message })
    return { ...pool, product: lastWithPersistentChat }
  }
  const { persistentChat, ...stores } = pool.stores
  if (persistentChat === undefined) return pool
  const message = `Pool ${pool.fqdn} refers to the Persistent Chat store ${persistentChat}, which its product cannot have. The reference was left out: nothing of that store is backed up.`
  warnings.push({ code: 'import-unknown-version', message })
  return { ...pool, stores }
}

function usersOf(pools: readonly TopologyPool[]): Map<string, TopologyPool[]> {
  const pairs = pools.flatMap((pool) => [...new Set(Object.values(pool.stores))].map((name) => ({ name, pool })))
  const grouped = Map.groupBy(pairs, ({ name }) => name)
  return new Map([...grouped].map(([name, uses]) => [name, uses.map(({ pool }) => pool)]))
}

function fitHighAvailability(
  store: TopologySqlStore,
  users: readonly TopologyPool[],
  common: Product,
  warnings: Warning[],
): TopologySqlStore {
  const { kind } = store.highAvailability
  const products = users.map(({ product }) => product ?? common)
  const impossible =
    (kind === 'mirror' && products.some((product) => late.includes(product))) ||
    (kind === 'availability-group' &&
      (products.includes('lync-server-2013') || users.some(({ stores }) => stores.persistentChat === store.name)))
  if (!impossible) return store
  const message = `${sqlSubject(store)} looks like a member of a ${kind}, which is ambiguous: the product of ${users.map(({ fqdn }) => fqdn).join(', ')} does not support that. highAvailability was left at none.`
  warnings.push({ code: 'import-ambiguous', message })
  return { ...store, highAvailability: { kind: 'none' } }
}
