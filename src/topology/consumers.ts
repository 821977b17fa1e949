import type { Service, TopologyDocument } from './document.ts'

/** The services that depend on each service. */
export function consumersOf(document: TopologyDocument): ReadonlyMap<Service, readonly Service[]> {
  const consumers = new Map<Service, Service[]>()
  for (const service of document.services)
    for (const { on } of service.dependencies) {
      const known = consumers.get(on)
      if (known) known.push(service)
      else consumers.set(on, [service])
    }
  return consumers
}
