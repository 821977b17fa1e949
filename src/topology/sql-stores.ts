import type { HighAvailability } from '../domain/model.ts'
import { instanceName, sqlSubject } from '../domain/subject.ts'
import { chooseStore, type Choice } from './choice.ts'
import type { Service, SqlInstance, TopologyDocument } from './document.ts'
import type { Member } from './members.ts'
import { slug, uniqueNames, type Names } from './names.ts'
import { isRole, storeKindOf, type StoreKind } from './roles.ts'
import type { TopologySqlStore } from './topology.ts'
import type { Warning } from './warning.ts'

export interface SqlStores {
  stores: TopologySqlStore[]
  /** Name of the SQL store in which a store service is; null where it became none. */
  nameOf(store: Service | null): string | null
}

interface Place {
  host: string
  instance: string
  primaryNode: string | null
  services: Service[]
}

const kinds: readonly StoreKind[] = ['user', 'application', 'archiving', 'monitoring', 'persistentChat', 'compliance']

/** The SQL stores of a topology, one for each instance whatever it holds (topology format, section 9, traps 3 to 5). */
export function findSqlStores(
  document: TopologyDocument,
  pools: readonly Member[],
  names: Names,
  warnings: Warning[],
): SqlStores {
  const places = findPlaces(document, names)
  const choices = [
    ...pools.flatMap(({ services }) => kinds.map((kind) => chooseStore(services, kind))),
    ...document.services
      .filter((service) => isRole(service, 'CentralMgmt'))
      .map((service) => chooseStore([service], 'centralManagement')),
  ]
  const consumers = consumersOf(document)
  const old = new Set(pools.filter(({ type }) => type === 'unsupported').flatMap(({ services }) => services))
  const support = supportServices(choices)
  const kept = [...new Set(places.values())].filter((place) => {
    const own = place.services.filter((service) => !support.has(service))
    if (own.length === 0 && place.services.length > 0) return false
    const users = own.flatMap((service) => consumers.get(service) ?? [])
    if (users.length === 0) warnings.push(unused(place))
    else if (users.every((user) => old.has(user) && !isRole(user, 'CentralMgmt'))) {
      warnings.push(onlyUnsupported(place))
      return false
    } else for (const service of own) if (!consumers.has(service)) warnings.push(unusedService(place, service))
    return true
  })
  const stores = name(kept)
  const stored = new Map(stores.map(({ place, store }) => [place, store]))
  for (const { place, store } of stores) store.highAvailability = highAvailabilityOf(place, places, choices, warnings)
  return {
    stores: stores.map(({ store }) => store).sort((a, b) => (a.name < b.name ? -1 : 1)),
    nameOf: (service) => stored.get(placeOf(service, places) ?? ({} as Place))?.name ?? null,
  }
}

/** SQL instances by what they are, so that `""` and `MSSQLSERVER` on one host are one place. */
function findPlaces(document: TopologyDocument, names: Names): Map<SqlInstance, Place> {
  const bySubject = new Map<string, Place>()
  const places = new Map<SqlInstance, Place>()
  const services = Map.groupBy(document.services, ({ sqlInstance }) => sqlInstance)
  for (const instance of document.sqlInstances) {
    const host = instance.cluster && names.host(instance.cluster.fqdn)
    if (host === null) continue
    const place: Place = { host, instance: instanceName(instance.name), primaryNode: null, services: [] }
    const subject = sqlSubject(place).toLowerCase()
    const known = bySubject.get(subject) ?? place
    known.primaryNode ??= instance.primaryNode && names.host(instance.primaryNode)
    known.services.push(...(services.get(instance) ?? []))
    bySubject.set(subject, known)
    places.set(instance, known)
  }
  return places
}

function placeOf(service: Service | null, places: ReadonlyMap<SqlInstance, Place>): Place | null {
  return (service?.sqlInstance && places.get(service.sqlInstance)) ?? null
}

export function consumersOf(document: TopologyDocument): Map<Service, Service[]> {
  const consumers = new Map<Service, Service[]>()
  for (const service of document.services)
    for (const { on } of service.dependencies) consumers.set(on, [...(consumers.get(on) ?? []), service])
  return consumers
}

/** Stores that are only mirrors and witnesses of others. */
function supportServices(choices: readonly Choice[]): Set<Service> {
  const support = new Set(
    choices.flatMap(({ mirror, witness }) => [mirror, witness]).filter((service) => service !== null),
  )
  for (const { store, ambiguous } of choices)
    for (const service of [store, ...ambiguous]) if (service) support.delete(service)
  return support
}

function name(places: readonly Place[]): { place: Place; store: TopologySqlStore }[] {
  const names = uniqueNames(
    places.map(({ host, instance }) => ({
      short: slug(`${host.split('.')[0] ?? ''} ${instance}`),
      long: slug(`${host} ${instance}`),
    })),
  )
  return places.map((place, index) => ({
    place,
    store: {
      name: names[index] ?? '',
      host: place.host,
      instance: place.instance,
      highAvailability: { kind: 'none' },
    },
  }))
}

/** Topology format, section 6: an attribute tells of an availability group, a second dependency of a mirror. */
function highAvailabilityOf(
  place: Place,
  places: ReadonlyMap<SqlInstance, Place>,
  choices: readonly Choice[],
  warnings: Warning[],
): HighAvailability {
  if (place.primaryNode !== null) {
    if (place.primaryNode.toLowerCase() === place.host.toLowerCase()) warnings.push(noListener(place))
    return { kind: 'availability-group', listener: place.host, replicas: [place.primaryNode] }
  }
  const own = choices.filter(({ store }) => placeOf(store, places) === place)
  const partners = new Set(own.map(({ mirror }) => placeOf(mirror, places)).filter((partner) => partner !== null))
  const [partner, second] = partners
  const unclear = own.flatMap(({ ambiguous }) => ambiguous.map((service) => placeOf(service, places) ?? place))
  if (second || unclear.length > 0)
    warnings.push(
      ambiguousMirror(
        place,
        [...new Set([...partners, ...unclear])].map((one) => sqlSubject(one)),
      ),
    )
  if (!partner || second || partner === place) return { kind: 'none' }
  const witness = own.map((choice) => placeOf(choice.witness, places)).find((found) => found !== null)
  return {
    kind: 'mirror',
    partner: { host: partner.host, instance: partner.instance },
    witness: witness ? sqlSubject(witness) : null,
  }
}

function unused(place: Place): Warning {
  return {
    code: 'import-unused',
    message: `${sqlSubject(place)} is unused: no service depends on a store there. It was imported, and nothing refers to it.`,
  }
}

function unusedService(place: Place, service: Service): Warning {
  return {
    code: 'import-unused',
    message: `${storeKindOf(service) === null ? service.role : `The ${service.role}`} on ${sqlSubject(place)} (${service.id}) is unused: no service depends on it.`,
  }
}

function onlyUnsupported(place: Place): Warning {
  return {
    code: 'import-unsupported',
    message: `${sqlSubject(place)} serves only unsupported pools, so it became no resource.`,
  }
}

function noListener(place: Place): Warning {
  return {
    code: 'import-ambiguous',
    message: `The availability group on ${sqlSubject(place)} has no listener of its own name yet; ${place.host} was taken for it. Check listener and replicas.`,
  }
}

function ambiguousMirror(place: Place, others: readonly string[]): Warning {
  return {
    code: 'import-ambiguous',
    message: `The mirror of ${sqlSubject(place)} is ambiguous: ${others.join(', ')}. Set highAvailability by hand.`,
  }
}
