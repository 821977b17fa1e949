/** The machines that live on and that a step works with, or from. */
import { machinesOf } from '../../domain/hosts.ts'
import type { Desired, Pool } from '../../domain/model.ts'
import { poolNamed } from '../../domain/pools.ts'
import type { Row } from '../../domain/procedures/row.ts'
import { distinct, sameSubject, sqlSubject } from '../../domain/subject.ts'
import type { Subject } from '../../domain/words.ts'
import type { LostTogether } from '../recovery/lost-now.ts'

type Helpers = (subject: Subject, found: LostTogether, desired: Desired) => readonly string[]

/** By the id of a row: steps that the operation does not say it of. */
export const helpersByRow: Readonly<Record<string, Helpers>> = {
  're-point-edge': partner,
  'fail-over-pool': partner,
  'sync-conference-content': partner,
  'fail-back-pool': partner,
  'fail-over-central-management': (pool, _, desired) => machinesOfPool(poolNamed(pool, desired)),
  'find-principal': survivor,
  'fail-over-mirror': survivor,
  'point-pool-at-survivor': survivor,
  'uninstall-mirror': survivor,
  'create-mirror': survivor,
}

/** Each once; none that is lost too. */
export function helpersOf({ id, subject, operation }: Row, found: LostTogether, desired: Desired): string[] {
  const own = operation && 'servers' in operation ? operation.servers : []
  const isLost = (machine: string): boolean =>
    found.isLost(machine) || found.loss.machines.some((one) => sameSubject(one, machine))
  return distinct([...own, ...(helpersByRow[id]?.(subject, found, desired) ?? [])]).filter((one) => !isLost(one))
}

function partner(pool: Subject, _: LostTogether, desired: Desired): string[] {
  return machinesOfPool(poolNamed(poolNamed(pool, desired)?.pairedWith ?? '', desired))
}

function machinesOfPool(pool: Pool | null): string[] {
  if (!pool) return []
  const { servers, stores } = pool
  return [...servers, ...(stores.user ? machinesOf(stores.user) : [])]
}

function survivor(store: Subject, { loss }: LostTogether): string[] {
  return loss.mirrors.flatMap((one) => (sameSubject(sqlSubject(one.store), store) ? [one.survivor] : []))
}
