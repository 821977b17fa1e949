import type { Desired, PoolType } from '../../domain/model.ts'
import type { PublishedTopology } from '../../domain/published.ts'
import { fileStoreSubject, foldSubject, sameSubject, sqlSubject } from '../../domain/subject.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Subject } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import { publishedOf, remember } from './published.ts'
import {
  deploymentFields,
  fileStoreFields,
  poolFields,
  sqlStoreFields,
  storesOf,
  type Field,
} from './topology-fields.ts'
import { isUntoldOfAll } from './untold.ts'
import type { FindingRule } from './rule.ts'

/** The published topology against Git, in both directions; what of it was not seen is not judged. */
export const publishedOtherwise: FindingRule = {
  codes: ['unmanaged', 'not-published', 'published-differs'],
  find,
  isDark,
}

function find({ desired, observed }: Digest): Fresh<Finding>[] {
  const published = publishedOf(desired, observed)
  return published === null ? [] : compare(desired, published)
}

/** A commit alone settles whether Git names something; all else needs a look. */
function isDark({ code, subject }: Finding, digest: Digest): boolean {
  const { deployment, pools, sqlStores, fileStores } = digest.desired
  const named = [
    deployment.name,
    ...pools.map(({ fqdn }) => fqdn),
    ...sqlStores.map((store) => sqlSubject(store)),
    ...fileStores.map(fileStoreSubject),
  ]
  const isNamed = named.some((one) => sameSubject(one, subject))
  return isNamed === (code !== 'unmanaged') && isUntoldOfAll('publishedTopology', digest)
}

/** Neither changes often, so the answer is kept while both are the same. */
const compare = remember((desired: Desired, published: PublishedTopology): Fresh<Finding>[] => {
  const stores = storesOf(published)
  const pools = matched(desired.pools, published.pools, ({ fqdn }) => fqdn)
  const sqlStores = matched(desired.sqlStores, published.sqlStores, (store) => sqlSubject(store))
  const fileStores = matched(desired.fileStores, published.fileStores, fileStoreSubject)
  const asPublished = <A, B>(pairs: Pair<A, B>[], fields: (a: A, b: B) => Field[]): Fresh<Finding>[] =>
    pairs.flatMap(({ subject, desired: git, published: seen }) =>
      differs(subject, git && seen ? fields(git, seen) : []),
    )
  return [
    ...pools.flatMap(({ subject, desired: git, published: seen }) => {
      if (!git && seen && seen.type !== 'unsupported')
        return [unmanaged(subject, `${seen.type} pool`, holdsData.has(seen.type) ? 'error' : 'warning')]
      return git && !seen && git.type !== 'unsupported' ? [notPublished(subject, `${git.type} pool`)] : []
    }),
    ...oneSided(sqlStores, 'SQL store'),
    ...oneSided(fileStores, 'file store'),
    ...asPublished(pools, (git, seen) => poolFields(git, seen, stores)),
    ...asPublished(sqlStores, sqlStoreFields),
    ...asPublished(fileStores, fileStoreFields),
    ...differs(desired.deployment.name, deploymentFields(desired, published, stores)),
  ]
})

interface Pair<A, B> {
  subject: Subject
  desired: A | undefined
  published: B | undefined
}

function matched<A, B>(
  desired: readonly A[],
  published: readonly B[],
  subjectOf: (one: A | B) => Subject,
): Pair<A, B>[] {
  const pairs = new Map<string, Pair<A, B>>()
  for (const one of desired) {
    const subject = subjectOf(one)
    pairs.set(foldSubject(subject), { subject, desired: one, published: undefined })
  }
  for (const one of published) {
    const subject = subjectOf(one)
    const pair = pairs.get(foldSubject(subject))
    if (pair) pair.published = one
    else pairs.set(foldSubject(subject), { subject, desired: undefined, published: one })
  }
  return [...pairs.values()]
}

function oneSided(pairs: Pair<unknown, unknown>[], what: string): Fresh<Finding>[] {
  return pairs.flatMap(({ subject, desired, published }) => {
    if (desired === undefined) return [unmanaged(subject, what)]
    return published === undefined ? [notPublished(subject, what)] : []
  })
}

/** The others hold nothing of their own and are rebuilt from the topology. */
const holdsData: ReadonlySet<PoolType> = new Set(['front-end', 'standard-edition', 'persistent-chat'])

function unmanaged(subject: Subject, what: string, severity: Finding['severity'] = 'error'): Fresh<Finding> {
  return {
    code: 'unmanaged',
    severity,
    subject,
    desired: 'in Git, or not published',
    observed: `published ${what}`,
    message: `The ${what} is published and not in Git: nothing of it is backed up, and its loss would go unnoticed.`,
  }
}

function notPublished(subject: Subject, what: string): Fresh<Finding> {
  return {
    code: 'not-published',
    severity: 'warning',
    subject,
    desired: what,
    observed: 'not published',
    message: `Git names this ${what}, but the published topology does not: a restore would rebuild what no longer belongs to the deployment.`,
  }
}

function differs(subject: Subject, fields: readonly Field[]): Fresh<Finding>[] {
  if (fields.length === 0) return []
  const names = fields.map(({ field }) => field)
  return [
    {
      code: 'published-differs',
      severity: 'warning',
      subject,
      desired: fields.map(({ field, desired }) => `${field}: ${desired}`).join('; '),
      observed: fields.map(({ field, published }) => `${field}: ${published}`).join('; '),
      message: `The published topology is not what Git says (${names.join(', ')}): what is backed up, and how it is rebuilt, goes by Git.`,
    },
  ]
}
