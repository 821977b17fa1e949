import type { Cluster, Dependency, Service, SqlInstance } from './document.ts'
import { storeKindOf, type StoreKind } from './roles.ts'

/** Which of the stores of one kind that a pool depends on is the store, and which is its mirror. */
export interface Choice {
  store: Service | null
  mirror: Service | null
  witness: Service | null
  /** More than one could be meant; empty when it is clear. */
  ambiguous: Service[]
}

/** The services that lead to a store of a kind (topology format, section 6, dependencies). */
const consumers: Readonly<Partial<Record<StoreKind, RegExp>>> = {
  user: /^userservices$/i,
  archiving: /^(registrar|archivingserver)$/i,
  monitoring: /^(registrar|monitoringserver)$/i,
  application: /^applicationserver$/i,
  centralManagement: /^centralmgmt$/i,
  persistentChat: /^persistentchat/i,
  compliance: /^persistentchat/i,
  file: /^(?!centralmgmt$)/i,
}

/** Follows the dependencies of a pool's services by one step: the graph has cycles (section 9, trap 6). */
export function chooseStore(services: readonly Service[], kind: StoreKind): Choice {
  const usual = services.filter(({ role }) => consumers[kind]?.test(role) ?? true)
  const named = storesIn(usual, kind)
  return choose(named.length > 0 ? named : storesIn(services, kind))
}

function storesIn(services: readonly Service[], kind: StoreKind): Dependency[] {
  return services.flatMap((service) =>
    service.dependencies.filter(({ on }) => storeKindOf(on) === kind && placeOf(on) !== null),
  )
}

/**
 * One store: that one. Several: the one used as `Default` is the principal, another one its mirror. Two by default, or
 * none, is for a person to decide (section 6, mirror partner; inferred, hence never guessed).
 */
function choose(dependencies: readonly Dependency[]): Choice {
  const witness = dependencies.find(({ usage }) => /witness/i.test(usage))?.on ?? null
  const places = Map.groupBy(
    dependencies.filter(({ usage }) => !/witness/i.test(usage)),
    ({ on }) => placeOf(on),
  )
  const stores = [...places.values()].flatMap(([first]) => (first ? [first.on] : [])).sort(byHost)
  const [only, second] = stores
  if (only && !second) return { store: only, mirror: null, witness, ambiguous: [] }
  const defaults = stores.filter((store) => places.get(placeOf(store))?.some(isDefault))
  const [store] = defaults
  if (!store || defaults.length > 1) return { store: null, mirror: null, witness, ambiguous: stores }
  const others = stores.filter((other) => other !== store)
  return others.length === 1
    ? { store, mirror: others[0] ?? null, witness, ambiguous: [] }
    : { store, mirror: null, witness, ambiguous: others }
}

/** Another order in the document makes no other message. */
function byHost(a: Service, b: Service): number {
  return hostOf(a) < hostOf(b) ? -1 : 1
}

function hostOf({ cluster, sqlInstance }: Service): string {
  return `${(cluster ?? sqlInstance?.cluster)?.fqdn ?? ''}\\${sqlInstance?.name ?? ''}`
}

function isDefault({ usage }: Dependency): boolean {
  return usage.toLowerCase() === 'default'
}

/** What distinguishes two stores of one kind: where they are, of a file store also its share. Null when nobody knows. */
function placeOf(store: Service): SqlInstance | Cluster | string | null {
  if (store.share === null) return store.sqlInstance ?? store.cluster
  const host = store.cluster ?? store.sqlInstance?.cluster
  return host ? `${host.fqdn}\\${store.share}`.toLowerCase() : null
}
