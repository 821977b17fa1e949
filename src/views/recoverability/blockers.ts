import { foldedIn } from '../../domain/environment-differences.ts'
import type { ProblemCode } from '../../base/problem-codes.ts'
import { unknown, type EnvironmentRecord } from '../../domain/environment-record.ts'
import type { Loss } from '../../domain/loss/loss.ts'
import type { Desired, KeptElsewhere, Pool } from '../../domain/model.ts'
import { distinct, foldSubject, itemKey } from '../../domain/subject.ts'
import type { Flag, Item, ItemKind, Observed, SetSummary } from '../../domain/words.ts'
import { changedSince, recordsFor } from './changed-since.ts'

/** What stands against a restore now; a person mends it, or acknowledges it. */
export interface Blocker {
  code: ProblemCode
  message: string
}

export interface World {
  desired: Desired
  observed: Observed
  flags: readonly Flag[]
  /** The newest ok copy of every item, by `itemKey`. */
  copies: ReadonlyMap<string, SetSummary>
  /** The environment as it is now. */
  today: EnvironmentRecord
}

/** In the order in which they have to be cleared. What is merely unknown blocks nothing, but where the rule says so. */
export function blockersOf(loss: Loss, world: World): Blocker[] {
  if (loss.scenario === null) return [{ code: 'procedure-elsewhere', message: loss.why }]
  return [
    ...centralManagementFirst(loss, world),
    ...withoutCopy(loss, world),
    ...notVerified(loss, world),
    ...keptByNobody(loss, world),
    ...changedSince(loss, world),
    ...patchLevelUnknown(loss, world),
  ]
}

/** Every other procedure needs a topology that can be downloaded and published (domain reference, section 6.1). */
function centralManagementFirst({ centralManagement }: Loss, { flags }: World): Blocker[] {
  const lost = flags.find(({ scenario }) => scenario === 'central-management')
  if (!lost || centralManagement) return []
  const message = `The Central Management store is lost (${lost.subject}): it has to be restored before anything else.`
  return [{ code: 'central-management-first', message }]
}

function withoutCopy({ items }: Loss, { copies }: World): Blocker[] {
  const missing = items.filter((item) => !copies.has(itemKey(item)))
  if (missing.length === 0) return []
  return [
    { code: 'recovery-point-missing', message: `There is no ok copy of ${told(missing)}: it would come back empty.` },
  ]
}

function notVerified({ items }: Loss, { copies }: World): Blocker[] {
  const sets = Map.groupBy(items, (item) => copies.get(itemKey(item)))
  return [...sets].flatMap(([set, held]): Blocker[] => {
    if (!set || Object.keys(set.verified).some((level) => level !== 'structure')) return []
    const level = set.verified.structure === undefined ? 'not verified at all' : 'verified at level structure only'
    return [{ code: 'set-not-verified', message: `${set.id}, which holds ${told(held)}, is ${level}.` }]
  })
}

/** What a restore needs of the things that somebody else keeps (domain reference, section 3.3). */
function keptByNobody({ machines, pools, items }: Loss, { desired }: World): Blocker[] {
  const needed: [KeptElsewhere['what'], boolean][] = [
    ['active-directory', machines.length > 0 || items.length > 0],
    ['certificates', pools.length > 0 && machines.length > 0],
    ['media', machines.length > 0],
  ]
  const named = new Set(desired.deployment.keptElsewhere.map(({ what }) => what))
  const missing = needed.flatMap(([what, isNeeded]) => (isNeeded && !named.has(what) ? [what] : []))
  return missing.map((what) => ({
    code: 'kept-elsewhere-missing',
    message: `keptElsewhere does not say who keeps ${what}, and this restore needs it.`,
  }))
}

const exported: ReadonlySet<ItemKind> = new Set(['configuration', 'user-data', 'response-groups'])

/** Media are at the level of the first release: which level to patch to has to be known (domain reference, 6.13). */
function patchLevelUnknown(loss: Loss, world: World): Blocker[] {
  const { desired } = world
  const imports = loss.items.some(({ kind }) => exported.has(kind))
  const users = desired.pools.filter((pool) => loss.stores.some(({ name }) => pool.stores.user?.name === name))
  const pools = [...new Set([...loss.pools, ...(imports ? users : [])])]
  const records = recordsFor(loss, world).map(({ record }) => record)
  const isKnown = ({ servers }: Pool): boolean =>
    [...records, world.today].some((record) =>
      servers.some((server) => (levelIn(record, server) ?? unknown) !== unknown),
    )
  const dark = distinct(pools.filter((pool) => !isKnown(pool)).map(({ fqdn }) => fqdn))
  if (dark.length === 0) return []
  const message = `No set and no server tells the cumulative update of ${dark.join(', ')}: what it is patched to has to be the same as before.`
  return [{ code: 'patch-level-unknown', message }]
}

function levelIn(record: EnvironmentRecord, server: string): string | undefined {
  return foldedIn(record).get(foldSubject(server))?.['patchLevel']
}

function told(items: readonly Item[]): string {
  return items.map(({ kind, subject }) => `${kind} of ${subject}`).join(', ')
}
