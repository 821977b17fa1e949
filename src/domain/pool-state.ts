import type { Facts } from './facts.ts'
import { sameSubject } from './subject.ts'
import type { Subject } from './words.ts'

/** Whose servers the users of a pool are signed in to. */
type ServedBy = 'itself' | 'partner' | 'unknown'

/**
 * `PoolState`, "current state for the Registrar pool" (Set-CsRegistrarConfiguration). While it is failed over, and until the
 * failback has ended, its users work on its backup pool (Invoke-CsPoolFailOver). A word that the reference does not know
 * says nothing.
 */
const known: ReadonlyMap<string, ServedBy> = new Map([
  ['Active', 'itself'],
  ['FailingOver', 'partner'],
  ['FailedOver', 'partner'],
  ['FailingBack', 'partner'],
])

export function servedBy(state: string): ServedBy {
  return known.get(state) ?? 'unknown'
}

/** The state of one pool; null: nobody told. */
export function stateIn({ pools }: Facts['poolStates'], pool: Subject): string | null {
  return pools.find(({ fqdn }) => sameSubject(fqdn, pool))?.state ?? null
}
