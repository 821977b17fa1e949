import { instanceField } from '../desired/specs/names.ts'
import { instanceName, sqlSubject } from '../domain/subject.ts'
import type { Service, SqlInstance, TopologyDocument } from './document.ts'
import type { Names } from './names.ts'
import type { Warning } from './warning.ts'

/** A SQL Server instance with the services in it, however often the document lists it. */
export interface Place {
  host: string
  /** Empty for the default instance. */
  instance: string
  /** Of an availability group. */
  primaryNode: string | null
  services: Service[]
}

export interface Places {
  all: readonly Place[]
  of(service: Service | null): Place | null
}

/** SQL instances by what they are, so that `""` and `MSSQLSERVER` on one host are one place. */
export function findPlaces(document: TopologyDocument, names: Names, warnings: Warning[]): Places {
  const bySubject = new Map<string, Place>()
  const places = new Map<SqlInstance, Place>()
  const services = Map.groupBy(document.services, ({ sqlInstance }) => sqlInstance)
  for (const instance of document.sqlInstances) {
    const host = instance.cluster && names.host(instance.cluster.fqdn)
    if (host === null) continue
    if (!instanceField.safeParse(instance.name).success) {
      warnings.push(unusable(host, instance.name))
      continue
    }
    const place: Place = { host, instance: instanceName(instance.name), primaryNode: null, services: [] }
    const subject = sqlSubject(place).toLowerCase()
    const known = bySubject.get(subject) ?? place
    bySubject.set(subject, known)
    known.primaryNode ??= instance.primaryNode && names.host(instance.primaryNode)
    for (const service of services.get(instance) ?? []) known.services.push(service)
    places.set(instance, known)
  }
  return {
    all: [...bySubject.values()],
    of: (service) => (service?.sqlInstance && places.get(service.sqlInstance)) ?? null,
  }
}

function unusable(host: string, instance: string): Warning {
  return {
    code: 'import-name-unusable',
    message: `"${instance.slice(0, 120)}" on ${host} is not the name of a SQL Server instance, so what is on it was left out.`,
  }
}
