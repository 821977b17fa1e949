import { onceFor } from '../../base/once-for.ts'
import { isDomain, machinesOf, serverOf } from '../hosts.ts'
import type { Desired, FileStore, Pool, SqlStore } from '../model.ts'
import { foldSubject } from '../subject.ts'

/** What is on one machine, by the topology. */
export interface Holdings {
  pools: readonly Pool[]
  stores: readonly SqlStore[]
  fileStores: readonly FileStore[]
  /** Mirrors that it is the witness of. */
  witnessed: readonly SqlStore[]
}

type Draft = { -readonly [K in keyof Holdings]: Holdings[K][number][] }

const byHost = onceFor(find)

/** Null for a machine that the topology does not name. Found once for each revision: every host is asked about. */
export function holdingsOf(host: string, desired: Desired): Holdings | null {
  return byHost(desired).get(foldSubject(host)) ?? null
}

function find(desired: Desired): ReadonlyMap<string, Holdings> {
  const { pools, sqlStores, fileStores } = desired
  const found = new Map<string, Draft>()
  const at = (host: string): Draft => {
    const key = foldSubject(host)
    const draft = found.get(key) ?? { pools: [], stores: [], fileStores: [], witnessed: [] }
    found.set(key, draft)
    return draft
  }
  for (const pool of pools) for (const server of pool.servers) at(server).pools.push(pool)
  for (const store of sqlStores) {
    for (const machine of machinesOf(store)) at(machine).stores.push(store)
    const { highAvailability: mode } = store
    if (mode.kind === 'mirror' && mode.witness !== null) at(mode.witness).witnessed.push(store)
  }
  for (const store of fileStores) {
    const server = serverOf(store.path)
    if (server !== null && !isDomain(server, desired)) at(server).fileStores.push(store)
  }
  return found
}
