/** What is seen of the Central Management store, of pools and of file stores (domain reference, sections 6.3, 6.10, 7.6 and 8.4). */
import { servedBy, stateIn } from '../../../domain/pool-state.ts'
import { poolNamed } from '../../../domain/pools.ts'
import { foldSubject, sameSubject, sqlSubject } from '../../../domain/subject.ts'
import type { Subject } from '../../../domain/words.ts'
import { canServe } from '../../../domain/procedures/pair-rules.ts'
import { survivingPlace } from '../../../domain/procedures/context.ts'
import { gateOfDifference, isAccepted } from '../accepted.ts'
import { blockerOf, differencesSince } from '../changed-since.ts'
import { countsSince } from '../step-runs.ts'
import { servesAll } from './machines.ts'
import { allOf, looked, oncePassed, untilDone, type Ground, type Look } from './sighting.ts'

const deploymentOf = ({ digest }: Ground): Subject => digest.desired.deployment.name

/** Never seen whole: what is different, and not accepted by name, speaks against it; a person's word is for the rest. */
const surroundings: Look = (_, ground) => {
  const { digest, loss, recovery } = ground
  const [first, ...others] = differencesSince(loss, recovery).flatMap(({ set, difference }) => {
    const { code, message } = blockerOf(difference, set, loss)
    const what = gateOfDifference(code)
    // A SQL Server of another version is not around what is lost: it has a step of its own.
    if (what === 'sql-version-older') return []
    const { subject, fact } = difference
    return isAccepted({ what, subject, fact }, ground) ? [] : [message]
  })
  if (first === undefined) return null
  const more = others.length > 0 ? ` And ${others.length} more.` : ''
  return { seen: 'no', fact: `${first}${more}`, at: digest.now }
}

const pointsAt =
  (wanted: (subject: Subject, ground: Ground) => Subject | null): Look =>
  (subject, ground) => {
    const place = wanted(subject, ground)
    if (place === null) return null
    return looked('centralManagement', deploymentOf(ground), ground, ({ location }) => [
      location !== null && sameSubject(location, place),
      location === null ? 'Active Directory points at no store.' : `Active Directory points at ${location}.`,
    ])
  }

const survivorOf = (subject: Subject, { loss }: Ground): Subject | null => {
  const found = loss.mirrors.find(({ store }) => sameSubject(sqlSubject(store), subject))
  return found ? sqlSubject(survivingPlace(found)) : null
}

/** It names the principal; whether it names the mirror too is not told. */
const pointsAtPrincipal: Look = (subject, ground, before) => {
  const found = pointsAt(() => survivorOf(subject, ground) ?? subject)(subject, ground, before)
  return found?.seen === 'yes' ? null : found
}

/** Where an active master answers, nothing is to be created; that none does proves nothing. */
const noMasterAnswers: Look = (store, ground) =>
  looked('centralManagement', deploymentOf(ground), ground, ({ activeMaster }) =>
    activeMaster === null || servesNewStore(activeMaster, store, ground)
      ? null
      : [false, `${activeMaster} is the active master of a Central Management store.`],
  )

/** Whose own store was created since the loss: who creates it and says so in one breath is seen with the new one. */
function servesNewStore(master: string, store: Subject, { digest: { desired, classes }, flag }: Ground): boolean {
  const own = desired.pools.find(({ servers }) => servers.some((server) => sameSubject(server, master)))?.stores.user
  const sight = classes.scene.sights.of('sqlInstance', store)
  if (!own || !sameSubject(sqlSubject(own), store) || sight.state !== 'seen') return false
  const xds = sight.value.databases.find(({ name }) => sameSubject(name, 'xds'))
  return (xds?.createdAt ?? '') >= flag.since
}

const centralFailedOver: Look = (pool, ground) => {
  const store = poolNamed(pool, ground.digest.desired)?.stores.user
  if (!store) return null
  const found = looked('centralManagement', deploymentOf(ground), ground, ({ location, activeMaster }) =>
    location !== null && activeMaster !== null && sameSubject(location, sqlSubject(store))
      ? [true, `${activeMaster} is the active master, and Active Directory points at ${location}.`]
      : null,
  )
  return found?.seen === 'yes' ? { ...found, branch: 'failed-over' } : null
}

/** Git is at hand: no word stands for what it does not say. */
const gitNamesStore: Look = (pool, { digest: { desired, now } }) => {
  const [wanted, named] = [poolNamed(pool, desired)?.stores.user, desired.deployment.centralManagementStore]
  const fact = `Git names ${named?.name ?? 'no store'} as the Central Management store.`
  return { seen: wanted !== undefined && wanted.name === named?.name ? 'yes' : 'no', fact, at: now }
}

const topologyTold: Look = (_, ground) =>
  looked('publishedTopology', deploymentOf(ground), ground, ({ topology }) => {
    const wanted = ground.digest.desired.pools.map(({ fqdn }) => fqdn)
    const there = new Set(topology.pools.map(({ fqdn }) => foldSubject(fqdn)))
    const missing = wanted.filter((fqdn) => !there.has(foldSubject(fqdn)))
    return missing.length > 0
      ? [false, `The published topology has no ${missing.join(', ')}.`]
      : [true, 'The published topology has every pool of the deployment.']
  })

const poolState =
  (judge: (state: string) => [boolean, string] | null): Look =>
  (pool, ground) =>
    looked('poolStates', deploymentOf(ground), ground, (states) => {
      const state = stateIn(states, pool)
      return state === null ? null : judge(state)
    })

/**
 * While the partner serves, the way is seen. Where it is lost too, nobody can see whether it comes back with what users wrote
 * there: a person says so.
 */
const poolFailedOver: Look = (pool, ground) => {
  const found = poolState((state) => [servedBy(state) === 'partner', `${pool} is ${state}.`])(pool, ground, undefined)
  if (found?.seen === 'no') return { ...found, seen: 'unknown', notBranch: 'failed-over' }
  if (found?.seen !== 'yes') return found
  const partner = poolNamed(poolNamed(pool, ground.digest.desired)?.pairedWith ?? '', ground.digest.desired)
  if (!partner || canServe(partner, ground)) return { ...found, branch: 'failed-over' }
  const fact = `${found.fact} But ${partner.fqdn}, which serves its users, is lost too: choose failed-over where it comes back with what they wrote there, from-set where it does not.`
  return { seen: 'unknown', fact, at: found.at, isOpen: true }
}

const failedBack: Look = (pool, ground, before) =>
  poolState((state) => [servedBy(state) === 'itself', `${pool} is ${state}.`])(pool, ground, before)

/** Where the partner is gone, the state may not be changed any more: then a person's word stands. */
const failoverEnded: Look = (pool, ground, before) => {
  const found = failedBack(pool, ground, before)
  return found?.seen === 'no' ? { ...found, seen: 'unknown' } : found
}

const fabricIsWhole: Look = (pool, ground) =>
  looked('fabric', pool, ground, ({ routingGroups, withoutPrimary, withoutSecondary }) => [
    withoutPrimary + withoutSecondary === 0,
    `Of ${routingGroups} routing groups of ${pool}, ${withoutPrimary} lack a primary and ${withoutSecondary} a secondary.`,
  ])

const fabricServes: Look = (pool, ground) =>
  looked('fabric', pool, ground, ({ routingGroups, withoutPrimary }) => [
    withoutPrimary === 0,
    `Of ${routingGroups} routing groups of ${pool}, ${withoutPrimary} lack a primary.`,
  ])

const allStopped: Look = (pool, ground) =>
  allOf(
    (poolNamed(pool, ground.digest.desired)?.servers ?? []).map((server) =>
      looked('services', server, ground, ({ services }) => {
        const running = services.filter(({ status }) => status !== 'Stopped').map(({ name }) => name)
        return running.length > 0
          ? [false, `${running.join(', ')} of ${server} ${running.length === 1 ? 'is' : 'are'} not stopped.`]
          : [true, `No service of ${server} runs.`]
      }),
    ),
  )

/** What they were stopped for has come: that they run again undoes nothing. */
const stoppedForImport: Look = (pool, ground, before) => {
  const { subject: of, since } = ground.flag
  const loss = { of, since, lostAgainAt: before?.lostAgainAt ?? null }
  const at = before ? countsSince({ id: 'import-user-data', subject: pool }, loss, ground.digest) : null
  if (at === null) return oncePassed(allStopped)(pool, ground, before)
  return { seen: 'yes', fact: `User data were imported while they were stopped, at ${at}.`, at }
}

const allRun: Look = (pool, ground, before) =>
  allOf((poolNamed(pool, ground.digest.desired)?.servers ?? []).map((server) => servesAll(server, ground, before)))

const shareAnswers: Look = (path, ground) => {
  const found = looked('fileStore', path, ground, () => [true, `${path} answers.`])
  const sight = ground.digest.classes.scene.sights.of('fileStore', path)
  return found && sight.state === 'silent' && sight.observation.code === 'file-gone' ? { ...found, seen: 'no' } : found
}

/** That every byte is there is proved by who copied it, and not by a look. */
const shareHolds: Look = (path, ground) =>
  looked('fileStore', path, ground, ({ entries }) =>
    entries === 0 ? [false, `The service folders of ${path} are empty.`] : null,
  )

export const poolEvidence: Readonly<Record<string, Look>> = {
  'check-surroundings': untilDone(surroundings),
  'fail-over-central-management': oncePassed(centralFailedOver),
  'name-store-in-git': gitNamesStore,
  'prove-store-empty': untilDone(noMasterAnswers),
  'point-directory': pointsAt((store) => store),
  'point-directory-at-survivor': oncePassed(pointsAt(survivorOf)),
  'point-directory-at-mirror': untilDone(pointsAtPrincipal),
  'import-configuration': topologyTold,
  'import-local-replica': topologyTold,
  'fail-over-pool': oncePassed(poolFailedOver),
  'fail-back-pool': failedBack,
  'end-failover': oncePassed(failoverEnded),
  'recover-quorum': fabricServes,
  'reset-pool': fabricIsWhole,
  'stop-services': stoppedForImport,
  'start-services': allRun,
  'share-file-store': shareAnswers,
  'restore-file-store': shareHolds,
}
