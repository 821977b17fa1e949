/** Several losses at once: each is asked while the others are lost too, and all of them are brought back in one order. */
import { compareItems } from '../inventory.ts'
import type { Desired } from '../model.ts'
import { distinct, foldSubject, itemKey, parseDatabase, sameSubject } from '../subject.ts'
import type { Subject } from '../words.ts'
import type { Loss, OtherLosses } from './found.ts'
import { lossOf } from './loss.ts'

/**
 * What is lost with each of these subjects (hosts, pools, databases or file stores) when all of them are lost, in the order
 * given; null for what the topology does not name. `around`: who else is lost, asked for each subject.
 */
export function lossesOf(
  subjects: readonly Subject[],
  desired: Desired,
  around: (subject: Subject) => OtherLosses,
): (Loss | null)[] {
  return subjects.map((subject) => {
    const known = around(subject)
    const gone = new Set(
      subjects
        .filter((other) => !sameSubject(other, subject))
        .flatMap((other) => machinesWith(other, subject, desired)),
    )
    return lossOf(subject, desired, {
      ...known,
      isLost: (host) => gone.has(foldSubject(host)) || known.isLost(host),
    })
  })
}

/** The machines, folded, that are lost with `other` as far as `subject` is concerned: of the same database, where it is. */
function machinesWith(other: Subject, subject: Subject, { pools }: Desired): string[] {
  if (other.startsWith('\\\\')) return []
  const database = parseDatabase(other)
  if (database) {
    const own = parseDatabase(subject)
    return own && sameSubject(own.database, database.database) ? [foldSubject(database.host)] : []
  }
  const pool = pools.find(({ fqdn }) => sameSubject(fqdn, other))
  return (pool?.servers ?? [other]).map(foldSubject)
}

/** Which loss the others wait for; "reason: every database step needs a topology that can be published" (section 6.1). */
function rank({ scenario, pools, centralManagement }: Loss): number {
  if (centralManagement) return 0
  switch (scenario) {
    case 'file-store':
      return 1
    case 'central-management':
    case 'standard-edition':
    case 'back-end':
    case 'mirror-partner':
    case 'pool':
      return 2
    case 'member-server':
      return pools.some(({ type }) => type === 'front-end') ? 3 : 4
    case 'archiving-monitoring':
    case 'persistent-chat':
    case null:
      return 5
  }
}

/** The same losses in the order in which they are brought back (domain reference, section 6.1). */
export function inOrderOfRestore(losses: readonly Loss[]): Loss[] {
  return [...losses].sort((a, b) => rank(a) - rank(b))
}

/** All losses as one, whose subject is the deployment; one alone stays what it is. What stands in two of them is there once. */
export function together(losses: readonly Loss[], { deployment }: Desired): Loss {
  const [first, another] = losses
  if (first && !another) return first
  const stores = byName(losses.flatMap((loss) => loss.stores))
  const items = new Map(losses.flatMap((loss) => loss.items).map((item) => [itemKey(item), item]))
  return {
    ...{ subject: deployment.name, scenario: first?.scenario ?? null, why: '' },
    machines: distinct(losses.flatMap(({ machines }) => machines)),
    pools: [...new Set(losses.flatMap(({ pools }) => pools))],
    stores,
    mirrors: [
      ...new Map(losses.flatMap(({ mirrors }) => mirrors).map((mirror) => [mirror.store.name, mirror])).values(),
    ],
    fileStores: byName(losses.flatMap(({ fileStores }) => fileStores)),
    centralManagement: losses.some(({ centralManagement }) => centralManagement),
    items: [...items.values()].sort(compareItems),
  }
}

function byName<T extends { name: string }>(things: readonly T[]): T[] {
  return [...new Map(things.map((one) => [one.name, one])).values()]
}
