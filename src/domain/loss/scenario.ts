import type { Pool, PoolType, StoreRole, Desired } from '../model.ts'
import { poolsByStore } from '../pools.ts'
import { isHit } from './items.ts'
import type { Found, Loss } from './found.ts'

/** The procedures of the domain reference, section 6.1; of several, the one that the others wait for. */
export function scenarioOf(found: Found, desired: Desired): Pick<Loss, 'scenario' | 'why'> {
  const { pools, stores, mirrors, fileStores, databases } = found
  const usersOf = (role: StoreRole): Pool[] =>
    isHit(role, databases)
      ? stores.flatMap(({ name }) =>
          (poolsByStore(desired).get(name) ?? []).filter((pool) => pool.stores[role]?.name === name),
        )
      : []
  const uses = (role: StoreRole): boolean => usersOf(role).length > 0
  const [pool] = pools
  if (found.isPool) return { scenario: 'pool', why: '' }
  if (found.centralManagement) return { scenario: 'central-management', why: '' }
  if ([...pools, ...usersOf('user')].some(({ type }) => type === 'standard-edition'))
    return { scenario: 'standard-edition', why: '' }
  // Before a mirror that lives on: the data of users are lost with this one.
  if (uses('user')) return { scenario: 'back-end', why: '' }
  if (mirrors.some(({ store }) => store.highAvailability.kind === 'mirror'))
    return { scenario: 'mirror-partner', why: '' }
  if (pool) return ofMember(pool.type)
  if (uses('persistentChat') || uses('compliance')) return { scenario: 'persistent-chat', why: '' }
  if (uses('archiving') || uses('monitoring')) return { scenario: 'archiving-monitoring', why: '' }
  if (fileStores.length > 0) return { scenario: 'file-store', why: '' }
  if (mirrors.length > 0)
    return {
      scenario: null,
      why: 'A node of a cluster or a replica of a group is added again by SQL Server’s own tools.',
    }
  return { scenario: stores.length > 0 ? 'back-end' : 'mirror-partner', why: '' } // at last: only a witness
}

/** What the vendor's chapter does not cover ("Restoring an Enterprise Edition member server"). */
function ofMember(type: PoolType): Pick<Loss, 'scenario' | 'why'> {
  if (type === 'unsupported')
    return { scenario: null, why: 'What is older than Lync Server 2013 has a restore procedure of its own.' }
  if (type === 'survivable-branch')
    return { scenario: null, why: 'A Survivable Branch Appliance is restored as its vendor describes.' }
  return { scenario: 'member-server', why: '' }
}
