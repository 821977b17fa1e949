import { onceFor } from '../../base/once-for.ts'
import type { ServiceFacts } from '../../domain/facts.ts'
import type { PoolType } from '../../domain/model.ts'
import { sameSubject } from '../../domain/subject.ts'
import type { ExpectedHost } from './expected.ts'

/** What the domain reference, sections 2.2 and 2.3, gives each type of pool. */
interface RoleServices {
  /**
   * Names that the documentation confirms; a server with other services and none of these lost its role. A Front End
   * without any of them does not vote in its pool ("Topologies and components for Front End Servers").
   */
  confirmed: readonly string[]
  /** [unconfirmed] names: their absence is told, and nothing is decided on it. */
  unconfirmed: readonly string[]
}

/**
 * Services that every server of the type has, whatever it was given to do. Null: the documents name none, or (Edge) none
 * can be asked for from inside, so an empty list proves nothing.
 */
export const servicesOf: Record<PoolType, RoleServices | null> = {
  'front-end': { confirmed: ['RTCSRV', 'FabricHostSvc'], unconfirmed: [] },
  'standard-edition': { confirmed: ['RTCSRV', 'FabricHostSvc'], unconfirmed: [] },
  director: { confirmed: [], unconfirmed: ['RTCSRV'] },
  mediation: { confirmed: [], unconfirmed: ['RTCMEDSRV'] },
  'persistent-chat': { confirmed: [], unconfirmed: [] },
  edge: null,
  'trusted-application': null,
  'survivable-branch': null,
  unsupported: null,
}

/** The backup service, on members of paired pools only. */
const pairedService = 'LYNCBACKUP'

/** The services of its roles: whether anything is said of them, which are confirmed, and all that it needs. */
export const roleServices = onceFor(({ types, isPaired }: ExpectedHost) => {
  const rules = types.flatMap((type) => servicesOf[type] ?? [])
  const named = rules.flatMap(({ confirmed, unconfirmed }) => [...confirmed, ...unconfirmed])
  return {
    isRuled: rules.length > 0,
    confirmed: rules.flatMap(({ confirmed }) => confirmed),
    needed: isPaired && named.length > 0 ? [...named, pairedService] : named,
  }
})

export function isListed(wanted: string, services: readonly ServiceFacts[]): boolean {
  return services.some(({ name }) => name === wanted) || services.some(({ name }) => sameSubject(name, wanted))
}
