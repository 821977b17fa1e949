/** What is seen of mirrors, groups and clusters while they come back (domain reference, sections 6.6, 6.14 and 8.3). */
import { partnersOf } from '../../../domain/endpoints.ts'
import type { DatabaseFacts } from '../../../domain/facts.ts'
import { isSessionHidden } from '../../../domain/mirror.ts'
import type { SqlStore } from '../../../domain/model.ts'
import { foldSubject, sameSubject, sqlSubject } from '../../../domain/subject.ts'
import type { Subject } from '../../../domain/words.ts'
import { expectedOn, onInstance } from './databases.ts'
import { allOf, looked, oncePassed, orSilent, type Ground, type Look, type Sighting } from './sighting.ts'

function storeOf(subject: Subject, { digest }: Ground): SqlStore | undefined {
  return digest.desired.sqlStores.find((store) => sameSubject(sqlSubject(store), subject))
}

function instancesOf(subject: Subject, ground: Ground): Subject[] {
  const store = storeOf(subject, ground)
  return store ? partnersOf(store).map((one) => sqlSubject(one)) : []
}

/** The instance of a mirrored store that is left, and whether it is the one that Git names as the host. */
function survivorOf(subject: Subject, ground: Ground): { instance: Subject; isHost: boolean } | null {
  const store = storeOf(subject, ground)
  const survivor = ground.loss.mirrors.find((one) => one.store.name === store?.name)?.survivor
  const place = store && partnersOf(store).find(({ host }) => sameSubject(host, survivor ?? ''))
  return place ? { instance: sqlSubject(place), isHost: sameSubject(place.host, store.host) } : null
}

/**
 * Judges what the survivor shows. A copy in RESTORING of which this login sees no session may be the mirror, or not: what
 * the others would prove is unknown then, and what they disprove is not.
 */
function onSurvivor(
  subject: Subject,
  ground: Ground,
  judge: (found: readonly DatabaseFacts[], instance: Subject) => [boolean, string] | null,
): Sighting | null {
  const survivor = survivorOf(subject, ground)
  if (!survivor) return null
  const { instance } = survivor
  const hidden = hiddenOn(instance, ground)
  const found = onInstance(instance, ground, (all) =>
    judge(
      all.filter((one) => !hidden.includes(one.name)),
      instance,
    ),
  )
  if (hidden.length === 0 || found?.seen === 'no') return found
  const fact = `${hidden.join(', ')} on ${instance}: RESTORING, and only sysadmin is shown whether as a mirror.`
  return { seen: 'unknown', fact, at: found?.at ?? ground.digest.now }
}

function hiddenOn(instance: Subject, ground: Ground): string[] {
  const sight = ground.digest.classes.scene.sights.of('sqlInstance', instance)
  if (sight.state !== 'seen') return []
  const wanted = expectedOn(instance, ground)
  const { databases } = sight.value
  return databases
    .filter((one) => wanted.has(foldSubject(one.name)) && isSessionHidden(one, sight.value))
    .map(({ name }) => name)
}

const isMirror = ({ mirroringRole }: DatabaseFacts): boolean => mirroringRole === 'MIRROR'
const named = (databases: readonly DatabaseFacts[]): string => databases.map(({ name }) => name).join(', ')

/**
 * Which way out of a halved mirror: by the role of the survivor, and by what Git says of it. One that is published as the
 * partner becomes the store of the pool, whoever made it principal and when [derived]; the way that was seen first stays.
 */
const principal: Look = (subject, ground, before) => {
  const survivor = survivorOf(subject, ground)
  if (!survivor) return null
  const { state, proof, branch: former, evidence = '' } = before ?? {}
  if (state === 'done' && former !== undefined && proof?.how !== 'said')
    return { seen: 'yes', fact: evidence, at: ground.digest.now, branch: former }
  let branch = survivor.isHost ? 'mirror-lost' : 'principal-lost'
  const found = onSurvivor(subject, ground, (databases, instance) => {
    const mirrors = databases.filter(isMirror)
    if (mirrors.length > 0) {
      branch = 'principal-lost'
      return [true, `${instance} is the mirror of ${named(mirrors)}: the lost partner was principal.`]
    }
    if (databases.some((one) => one.state !== 'ONLINE')) return null
    const place = survivor.isHost ? 'host' : 'partner'
    return [true, `${instance} is principal, and Git names it as the ${place} of the store.`]
  })
  return found?.seen === 'yes' ? { ...found, branch } : found
}

/** Every type of database moved: those of the Central Management store too, where it is here. */
const survivorServes: Look = (subject, ground) =>
  onSurvivor(subject, ground, (found, instance) => {
    const mirrors = found.filter(isMirror)
    const off = found.filter((one) => !isMirror(one) && one.state !== 'ONLINE')
    if (mirrors.length > 0) return [false, `${instance} is still the mirror of ${named(mirrors)}.`]
    return off.length > 0
      ? [false, `${named(off)} on ${instance} are not ONLINE.`]
      : [true, `${named(found)} are ONLINE on ${instance}, and mirrors of nothing.`]
  })

/** The session with the partner that is gone; one that is in step is with the partner that was made anew. */
const isOutOfSession: Look = (subject, ground) =>
  onSurvivor(subject, ground, (found, instance) => {
    const tied = found.filter(
      ({ mirroringRole, mirroringState }) => mirroringRole !== null && !isInStep(mirroringState),
    )
    return tied.length > 0
      ? [false, `${named(tied)} on ${instance} are in a session with the lost partner.`]
      : [true, `No database on ${instance} is in a session with the lost partner.`]
  })

const isInStep = (state: string | null | undefined): boolean => /^SYNCHRONI[SZ](ED|ING)$/.test(state ?? '')

/** A pool whose store is published at the survivor, without its mirror. */
const publishedAlone: Look = (subject, ground) => {
  const survivor = survivorOf(subject, ground)
  if (!survivor) return null
  return looked('publishedTopology', ground.digest.desired.deployment.name, ground, ({ topology }) => {
    const published = topology.sqlStores.find((one) => sameSubject(sqlSubject(one), survivor.instance))
    if (!published) return [false, `The published topology does not name ${survivor.instance} as a store.`]
    return published.highAvailability.kind === 'mirror'
      ? [false, `The published topology still mirrors ${survivor.instance}.`]
      : [true, `The published topology names ${survivor.instance}, without a mirror.`]
  })
}

/** What is published is what Git says: the same host, and the same partner. */
const gitSaysTheSame: Look = (subject, ground) => {
  const store = storeOf(subject, ground)
  if (store?.highAvailability.kind !== 'mirror') return null
  const partner = sqlSubject(store.highAvailability.partner)
  return looked('publishedTopology', ground.digest.desired.deployment.name, ground, ({ topology }) => {
    const published = topology.sqlStores.find((one) => sameSubject(sqlSubject(one), subject))
    const mode = published?.highAvailability
    return mode?.kind === 'mirror' && sameSubject(sqlSubject(mode.partner), partner)
      ? [true, `What is published is what Git says: ${subject}, mirrored to ${partner}.`]
      : [false, `Git says ${subject}, mirrored to ${partner}, and the published topology does not.`]
  })
}

const isMirrored: Look = (subject, ground) =>
  allOf(
    instancesOf(subject, ground).map((instance) =>
      onInstance(instance, ground, (found, missing) => {
        const apart = found.filter(({ mirroringState }) => !/^SYNCHRONI[SZ]ED$/.test(mirroringState ?? ''))
        const names = [...missing, ...apart.map(({ name }) => name)]
        return names.length > 0
          ? [false, `${names.join(', ')} on ${instance} are not in step with a mirror.`]
          : [true, `The databases on ${instance} are in step.`]
      }),
    ),
  )

const hasWitness: Look = (subject, ground) =>
  allOf(
    instancesOf(subject, ground).map((instance) =>
      onInstance(instance, ground, (found) => {
        // Only the principal tells of its witness.
        const principals = found.filter(({ mirroringRole }) => mirroringRole === 'PRINCIPAL')
        const without = principals.filter(({ mirroringWitnessState: state }) => state !== 'CONNECTED')
        return without.length > 0
          ? [false, `${named(without)} on ${instance} have no witness.`]
          : [true, `${instance} has its witness.`]
      }),
    ),
  )

const isJoined: Look = (subject, ground) =>
  allOf(
    instancesOf(subject, ground).map((instance) =>
      onInstance(instance, ground, (found, missing) => {
        const names = [...missing, ...found.filter(({ replicaRole }) => replicaRole === null).map(({ name }) => name)]
        return names.length > 0
          ? [false, `${names.join(', ')} on ${instance} are in no group.`]
          : [true, `The databases on ${instance} are in the group.`]
      }),
    ),
  )

/** Every command that names the listener fails before it answers: no word stands against that. */
const listenerAnswers: Look = (instance, ground) =>
  orSilent('sqlInstance', instance, ground, ({ version }) => [true, `${instance} answers with version ${version}.`])

/** Its name answers; before SQL Server is on it nothing is to be seen. */
const clusterAnswers: Look = (instance, ground) => {
  const found = listenerAnswers(instance, ground, undefined)
  return found?.seen === 'yes' ? found : null
}

export const mirrorEvidence: Readonly<Record<string, Look>> = {
  'find-principal': principal,
  'fail-over-mirror': oncePassed(survivorServes),
  'point-pool-at-survivor': oncePassed(publishedAlone),
  'uninstall-mirror': oncePassed(isOutOfSession),
  'create-mirror': isMirrored,
  'restore-witness': hasWitness,
  'swap-partners-in-git': gitSaysTheSame,
  'build-windows-cluster': clusterAnswers,
  'create-availability-group': listenerAnswers,
  'join-availability-group': isJoined,
}
