import { partnersOf } from '../../domain/endpoints.ts'
import type { Pool, SqlStore } from '../../domain/model.ts'
import { sameSubject, sqlSubject } from '../../domain/subject.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Subject } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import { isUntold } from './untold.ts'
import type { FindingRule } from './rule.ts'

/**
 * Two Central Management stores at work: what is published in one is overwritten from the other ([field]: a planned failover
 * of two Standard Edition servers has left both active). A standby copy of `xds` is normal at the paired pool, and so may its
 * services be; so a store counts only where it can be written to, replicates to servers, and is sent to the partner, all at
 * once. It warns, and decides nothing.
 */
export const centralManagementTwice: FindingRule = {
  codes: ['central-management-twice'],
  find,
  isDark: (_, digest) => holders(digest).some((holder) => isHidden(holder, digest)),
}

/** A store of users, and the pools of which it may hold the Central Management store as well. */
interface Holder {
  store: SqlStore
  pools: readonly Pool[]
}

function find(digest: Digest): Fresh<Finding>[] {
  const active = holders(digest).flatMap((holder) => signsOf(holder, digest) ?? [])
  if (active.length < 2) return []
  return [
    {
      code: 'central-management-twice',
      severity: 'warning',
      subject: digest.desired.deployment.name,
      desired: 'one active Central Management store',
      observed: active.join('; '),
      message:
        'Two Central Management stores are at work: publish and change nothing before it is settled which one stays, for servers may follow either.',
    },
  ]
}

function holders({ desired }: Digest): Holder[] {
  const byStore = Map.groupBy(desired.pools, ({ stores }) => stores.user)
  return [...byStore].flatMap(([store, pools]) => (store ? [{ store, pools }] : []))
}

/** What is seen of an active store in words; null: it is not seen to be one. */
function signsOf({ store, pools }: Holder, digest: Digest): string | null {
  const place = partnersOf(store)
    .map((one) => sqlSubject(one))
    .find((one) => isOpen(one, digest))
  const master = pools.flatMap(({ servers }) => servers).find((server) => replicates(server, digest))
  if (place === undefined || master === undefined) return null
  const paired = pools.flatMap(({ fqdn }) => exportOf(fqdn, digest) ?? [])
  if (paired.includes(neverExported)) return null
  const [status] = paired
  return `xds is open on ${place}, MASTER runs on ${master}${status === undefined ? '' : `, CMSMaster is ${status}`}`
}

function isOpen(instance: Subject, { classes: { scene } }: Digest): boolean {
  const sight = scene.sights.of('sqlInstance', instance)
  if (sight.state !== 'seen') return false
  return sight.value.databases.some(
    ({ name, state, mirroringRole, replicaRole }) =>
      sameSubject(name, 'xds') && state === 'ONLINE' && mirroringRole !== 'MIRROR' && replicaRole !== 'SECONDARY',
  )
}

/** The Master Replicator [field: the name of its service]. */
function replicates(server: Subject, { classes: { scene } }: Digest): boolean {
  const sight = scene.sights.of('services', server)
  return (
    sight.state === 'seen' &&
    sight.value.services.some(({ name, status }) => sameSubject(name, 'MASTER') && status === 'Running')
  )
}

/** "Normal on the pool without the active CMS" (domain reference, section 7.6). */
const neverExported = 'NotInitialized'

/** How the backup service of a pool stands with the store; null: it has none, or does not say. */
function exportOf(pool: Subject, { classes: { scene } }: Digest): string | null {
  const sight = scene.sights.of('pairing', pool)
  if (sight.state !== 'seen') return null
  return sight.value.modules.find(({ name }) => sameSubject(name, 'CentralMgmt.CMSMaster'))?.exportStatus ?? null
}

function isHidden({ store, pools }: Holder, digest: Digest): boolean {
  return (
    partnersOf(store).some((place) => isUntold('sqlInstance', sqlSubject(place), digest)) ||
    pools.some(
      ({ fqdn, servers }) =>
        isUntold('pairing', fqdn, digest) || servers.some((server) => isUntold('services', server, digest)),
    )
  )
}
