/** Pools by what one looks for; found once for each revision, for every host of thousands is asked about. */
import { onceFor } from '../base/once-for.ts'
import type { Desired, Pool } from './model.ts'
import { foldSubject } from './subject.ts'

const byName = onceFor(({ pools }: Desired) => new Map(pools.map((pool) => [foldSubject(pool.fqdn), pool])))

/** Null: the topology has no pool of this name. */
export function poolNamed(fqdn: string, desired: Desired): Pool | null {
  return byName(desired).get(foldSubject(fqdn)) ?? null
}

/** In the order of the topology, each once. */
export function poolsNamed(names: readonly string[], desired: Desired): Pool[] {
  const found = new Set(names.map((name) => poolNamed(name, desired)))
  return found.size < 2 ? [...found].filter((pool) => pool !== null) : desired.pools.filter((pool) => found.has(pool))
}

/** By the name of each store that they use, in any role. */
export const poolsByStore = onceFor(({ pools }: Desired): ReadonlyMap<string, readonly Pool[]> => {
  const found = new Map<string, Pool[]>()
  for (const pool of pools)
    for (const name of new Set(Object.values(pool.stores).map((store) => store.name)))
      found.set(name, [...(found.get(name) ?? []), pool])
  return found
})
