import { everyItem, protectedKeys, protectionKey } from '../../domain/inventory.ts'
import type { Desired, FileStore, SqlStore } from '../../domain/model.ts'
import type { Coverage } from '../../domain/plan.ts'
import type { PublishedFileStore, PublishedTopology } from '../../domain/published.ts'
import { foldSubject } from '../../domain/subject.ts'
import type { Observed } from '../../domain/observation.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Item, Subject } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import { recordOf } from '../recorded.ts'
import { publishedOf, remember } from './published.ts'
import { storesOf } from './topology-fields.ts'
import { isUntoldOfAll } from './untold.ts'
import type { FindingRule } from './rule.ts'

/** Null while the published topology is unknown: Git alone does not tell what exists. */
export function coverage(desired: Desired, observed: Observed): Coverage | null {
  const published = publishedOf(desired, observed)
  if (published === null) return null
  const { existing, bare } = covered(desired, published)
  return { protected: existing - bare.length, existing }
}

/**
 * What is published and in Git, and still in no set: every policy's `include` leaves some of it out. And what the newest
 * configuration export holds besides: a restore of it brings that back, published now or not.
 */
export const uncovered: FindingRule = {
  codes: ['export-unmanaged'],
  find,
  isDark: (_, digest) => isUntoldOfAll('publishedTopology', digest) || isExportUnread(digest),
}

function find(digest: Digest): Fresh<Finding>[] {
  const { desired, observed } = digest
  const [published, exported] = [publishedOf(desired, observed), exportedOf(digest)]
  const now = published && covered(desired, published)
  const then = exported && coveredByExport(desired, exported)
  const isTold = ({ subject }: Bare): boolean => now?.subjects.has(foldSubject(subject)) === true
  return [
    ...(now?.bare.filter(({ managed }) => managed).map(leftOut) ?? []),
    ...(then?.bare.filter((one) => !isTold(one)).map(leftOutOfExport) ?? []),
  ]
}

/** The topology inside the newest ok copy of the configuration; null where nobody could read it. */
function exportedOf(digest: Digest): PublishedTopology | null {
  const seen = recordOf('configuration', digest)
  return (seen?.known === true ? seen.value.exported : null) ?? null
}

function isExportUnread(digest: Digest): boolean {
  return recordOf('configuration', digest)?.known === false
}

interface Bare {
  subject: Subject
  missing: readonly Item[]
  /** Git names what it belongs to. */
  managed: boolean
}

interface Covered {
  existing: number
  /** Folded. */
  subjects: ReadonlySet<string>
  bare: Bare[]
}

const covered = remember(coveredBy)
const coveredByExport = remember(coveredBy)

function coveredBy(desired: Desired, published: PublishedTopology): Covered {
  const everything = perSubject(asDesired(desired, published))
  const bySubject = Map.groupBy(everything, ({ subject }) => foldSubject(subject))
  const taken = protectedKeys(desired)
  const known = new Set(perSubject(desired).map(protectionKey))
  const bare = [...bySubject.values()].flatMap((items): Bare[] => {
    const missing = items.filter((item) => !taken.has(protectionKey(item)))
    const subject = items[0]?.subject ?? ''
    return missing.length === 0
      ? []
      : [{ subject, missing, managed: missing.every((item) => known.has(protectionKey(item))) }]
  })
  return { existing: bySubject.size, subjects: new Set(bySubject.keys()), bare }
}

const perDeployment: ReadonlySet<string> = new Set(['configuration', 'location-information', 'environment'])

function perSubject(desired: Desired): Item[] {
  return everyItem(desired).filter(({ kind }) => !perDeployment.has(kind))
}

/** The published topology in the form of desired state, so that one inventory tells what needs a backup. */
function asDesired(desired: Desired, published: PublishedTopology): Desired {
  const { sql, files } = storesOf(published)
  const stored = (store: PublishedFileStore): FileStore => ({ ...store, exclude: [] })
  const fileStoreOf = (name: string | null): FileStore | null => {
    const store = name === null ? undefined : files.get(name)
    return store ? stored(store) : null
  }
  const sqlStores = published.sqlStores.map((store): SqlStore => ({ ...store, port: null, version: null }))
  const resolved = new Map(sqlStores.map((store) => [store.name, store]))
  const pools = published.pools.map((pool) => ({
    ...pool,
    product: pool.product ?? published.product,
    stores: Object.fromEntries(
      Object.entries(pool.stores).flatMap(([role, name]) => (sql.has(name) ? [[role, resolved.get(name)]] : [])),
    ),
    fileStore: fileStoreOf(pool.fileStore),
  }))
  return { ...desired, pools, sqlStores, fileStores: published.fileStores.map(stored) }
}

function leftOut({ subject, missing }: Bare): Fresh<Finding> {
  const kinds = missing.map(({ kind }) => kind).join(', ')
  return {
    code: 'export-unmanaged',
    severity: 'error',
    subject,
    desired: 'in the sets of a policy',
    observed: `in no policy: ${kinds}`,
    message: `It is published, and no policy backs it up (${kinds}): a restore would bring it back without its data.`,
  }
}

/** A warning: what is inside an export is known from practice only. */
function leftOutOfExport(one: Bare): Fresh<Finding> {
  return {
    ...leftOut(one),
    severity: 'warning',
    message:
      'The newest configuration export holds it, and no policy backs it up: a restore would bring it back without its data.',
  }
}
