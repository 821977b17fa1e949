import { chooseStore } from './choice.ts'
import type { Cluster, TopologyDocument } from './document.ts'
import { isRole } from './roles.ts'
import type { SqlStores } from './sql-stores.ts'
import type { Warning } from './warning.ts'

interface CentralManagement {
  /** The pool that runs the master. */
  cluster: Cluster | null
  sqlStore: string | null
}

/** Where the active Central Management store is (topology format, section 6, and 10.3, 10.4). */
export function findCentralManagement(
  document: TopologyDocument,
  sql: SqlStores,
  warnings: Warning[],
): CentralManagement {
  const services = document.services.filter((service) => isRole(service, 'CentralMgmt'))
  const active = services.filter((service) => service.active === true)
  const candidates = active.length > 0 ? active : services.filter((service) => service.active === null)
  const [master, second] = candidates
  if (second) {
    const hosts = candidates.map((service) => service.cluster?.fqdn ?? service.id)
    warnings.push(left(`which pool runs the Central Management store is ambiguous: ${hosts.sort().join(', ')}`))
    return { cluster: null, sqlStore: null }
  }
  const { store, ambiguous } = chooseStore(master ? [master] : [], 'centralManagement')
  const sqlStore = sql.nameOf(store)
  if (ambiguous.length > 0 && store === null) {
    const hosts = ambiguous.map((service) => service.sqlInstance?.cluster?.fqdn ?? service.id)
    warnings.push(left(`where the Central Management store is, is ambiguous: ${hosts.sort().join(', ')}`))
  } else if (sqlStore === null) warnings.push(left('the Central Management store is not in this document'))
  return { cluster: master?.cluster ?? null, sqlStore }
}

function left(why: string): Warning {
  const sentence = why.charAt(0).toUpperCase() + why.slice(1)
  return {
    code: 'import-no-central-management',
    message: `${sentence}. centralManagementStore was left out; add it by hand.`,
  }
}
