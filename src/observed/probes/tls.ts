import type { Desired, PoolType } from '../../domain/model.ts'
import { sameSubject } from '../../domain/subject.ts'
import type { Probe } from '../probe.ts'
import { distinct } from '../subjects.ts'

/**
 * The listener whose certificate tells most of a server, by type of pool; null where none is fixed ("Ports and
 * protocols for internal servers"). It is only looked at: nothing is decided on which port answers.
 */
const portOf: Record<PoolType, number | null> = {
  'front-end': 5061,
  'standard-edition': 5061,
  director: 5061,
  edge: 5061,
  'survivable-branch': 5061,
  mediation: 5067,
  'persistent-chat': 5041,
  'trusted-application': null,
  unsupported: null,
}

export const tlsProbe: Probe<'tls'> = {
  source: 'TLS',
  everySeconds: 900,
  deadlineSeconds: 10,
  atOnce: 8,
  subjects: (desired) =>
    distinct(desired.pools.flatMap(({ type, servers }) => (portOf[type] === null ? [] : [...servers]))),
  look: (subject, { desired, drivers }, signal) =>
    drivers.network.certificate(subject, listenerOf(subject, desired), signal),
}

function listenerOf(host: string, desired: Desired): number {
  const ports = desired.pools
    .filter(({ servers }) => servers.some((server) => sameSubject(server, host)))
    .map(({ type }) => portOf[type])
  return ports.find((port) => port !== null) ?? 5061
}
