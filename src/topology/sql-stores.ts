import { sqlSubject } from '../domain/subject.ts'
import { chooseStore, type Choice } from './choice.ts'
import { consumersOf } from './consumers.ts'
import type { Service, TopologyDocument } from './document.ts'
import { highAvailabilityOf } from './high-availability.ts'
import type { Member } from './members.ts'
import { slug, uniqueNames, type Names } from './names.ts'
import { isRole, type StoreKind } from './roles.ts'
import { findPlaces, type Place } from './sql-places.ts'
import type { TopologySqlStore } from './topology.ts'
import type { Warning } from './warning.ts'

export interface SqlStores {
  stores: TopologySqlStore[]
  /** Name of the SQL store in which a store service is; null where it became none. */
  nameOf(store: Service | null): string | null
}

const kinds: readonly StoreKind[] = ['user', 'application', 'archiving', 'monitoring', 'persistentChat', 'compliance']

/** The SQL stores of a topology, one for each instance whatever it holds (topology format, section 9, traps 3 to 5). */
export function findSqlStores(
  document: TopologyDocument,
  pools: readonly Member[],
  names: Names,
  warnings: Warning[],
): SqlStores {
  const places = findPlaces(document, names, warnings)
  const choices = choicesOf(document, pools)
  const kept = keptPlaces(places.all, document, pools, choices, warnings)
  const byPlace = Map.groupBy(choices, ({ store }) => places.of(store))
  const named = new Map(nameAll(kept).map((one) => [one.place, one.name]))
  const stores = [...named].map(([place, name]): TopologySqlStore => ({
    name,
    host: place.host,
    instance: place.instance,
    highAvailability: highAvailabilityOf(place, byPlace.get(place) ?? [], places, warnings),
  }))
  return {
    stores: stores.sort((a, b) => (a.name < b.name ? -1 : 1)),
    nameOf: (service) => {
      const place = places.of(service)
      return (place && named.get(place)) ?? null
    },
  }
}

function choicesOf(document: TopologyDocument, pools: readonly Member[]): Choice[] {
  const central = document.services.filter((service) => isRole(service, 'CentralMgmt'))
  return [
    ...pools.flatMap(({ services }) => kinds.map((kind) => chooseStore(services, kind))),
    ...central.map((service) => chooseStore([service], 'centralManagement')),
  ]
}

/** Every place but mirror partners, witnesses, and what only unsupported pools use. */
function keptPlaces(
  places: readonly Place[],
  document: TopologyDocument,
  pools: readonly Member[],
  choices: readonly Choice[],
  warnings: Warning[],
): Place[] {
  const consumers = consumersOf(document)
  const support = supportServices(choices)
  const old = new Set(pools.filter(({ type }) => type === 'unsupported').flatMap(({ services }) => services))
  const isOld = (user: Service): boolean => old.has(user) && !isRole(user, 'CentralMgmt')
  return places.filter((place) => {
    const own = place.services.filter((service) => !support.has(service))
    if (own.length === 0 && place.services.length > 0) return false
    const users = own.flatMap((service) => consumers.get(service) ?? [])
    if (users.length === 0) warnings.push(unused(place))
    else if (users.every(isOld)) {
      warnings.push(onlyUnsupported(place))
      return false
    } else for (const service of own) if (!consumers.has(service)) warnings.push(unusedService(place, service))
    return true
  })
}

/** Stores that are only mirrors and witnesses of others. */
function supportServices(choices: readonly Choice[]): Set<Service> {
  const support = new Set(choices.flatMap(({ mirror, witness }) => [mirror ?? [], witness ?? []].flat()))
  for (const { store, ambiguous } of choices) for (const one of [store, ...ambiguous]) if (one) support.delete(one)
  return support
}

function nameAll(places: readonly Place[]): { place: Place; name: string }[] {
  const names = uniqueNames(
    places.map(({ host, instance }) => ({
      short: slug(`${host.split('.')[0] ?? ''} ${instance}`),
      long: slug(`${host} ${instance}`),
    })),
  )
  return places.map((place, index) => ({ place, name: names[index] ?? '' }))
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
    message: `The ${service.role} on ${sqlSubject(place)} (${service.id}) is unused: no service depends on it.`,
  }
}

function onlyUnsupported(place: Place): Warning {
  return {
    code: 'import-unsupported',
    message: `${sqlSubject(place)} serves only unsupported pools, so it did not become a resource.`,
  }
}
