/** What is seen of the steps that bring databases back (domain reference, sections 6.5, 6.6, 6.11 and 8.3). */
import { partnersOf } from '../../../domain/endpoints.ts'
import type { DatabaseFacts } from '../../../domain/facts.ts'
import type { SqlStore } from '../../../domain/model.ts'
import { foldSubject, sameSubject, sqlSubject } from '../../../domain/subject.ts'
import type { Subject } from '../../../domain/words.ts'
import { allOf, looked, oncePassed, type Ground, type Look, type Sighting } from './sighting.ts'

/** Those whose loss calls for a restore: which others setup makes differs between versions. */
function expectedOn(instance: Subject, { digest }: Ground): ReadonlySet<string> {
  const restored = digest.classes.scene.expected.instances.get(foldSubject(instance))?.restored ?? []
  return new Set(restored.map(({ name }) => foldSubject(name)))
}

/** Judges the databases that the topology puts on an instance. */
function onInstance(
  instance: Subject,
  ground: Ground,
  judge: (found: readonly DatabaseFacts[], missing: readonly string[]) => [boolean, string] | null,
  wanted: ReadonlySet<string> = expectedOn(instance, ground),
): Sighting | null {
  if (wanted.size === 0) return null
  return looked('sqlInstance', instance, ground, ({ databases }) => {
    const found = databases.filter(({ name }) => wanted.has(foldSubject(name)))
    const there = new Set(found.map(({ name }) => foldSubject(name)))
    return judge(
      found,
      [...wanted].filter((name) => !there.has(name)),
    )
  })
}

/** That they are there: whether empty or filled since, the step that makes them is done. */
const areThere =
  (only?: ReadonlySet<string>): Look =>
  (instance, ground) =>
    onInstance(
      instance,
      ground,
      (found, missing) => {
        if (missing.length > 0) return [false, `${instance} has no ${missing.join(', ')}.`]
        // RESTORING is the mirror, or what a restore of the next steps left that broke off: it is there, and restored anew.
        const off = found.filter(({ state }) => state !== 'ONLINE' && state !== 'RESTORING')
        return off.length > 0
          ? [false, `${off.map(({ name, state }) => `${name} is ${state}`).join(', ')} on ${instance}.`]
          : [true, `${found.map(({ name }) => name).join(', ')} are there on ${instance}.`]
      },
      only,
    )

/** What a restore has not ended on; the mirror is RESTORING too. */
function beingRestored(instance: Subject, { digest: { classes } }: Ground): Subject[] {
  const sight = classes.scene.sights.of('sqlInstance', instance)
  if (sight.state !== 'seen') return []
  const found = sight.value.databases.filter(
    ({ state, mirroringRole }) => state === 'RESTORING' && mirroringRole === null,
  )
  return found.map(({ name }) => name)
}

/** What is not open cannot be tested: of what is being restored nothing is known. */
const haveTheirVersion: Look = (instance, ground) => {
  const [host = '', name = ''] = instance.split('\\')
  const restoring = beingRestored(instance, ground)
  const found = looked('databaseTests', host, ground, ({ databases }) => {
    const own = databases.filter((one) => sameSubject(one.instance, name))
    const isOpen = (database: string): boolean => !restoring.some((one) => sameSubject(one, database))
    const behind = own.filter((one) => !one.succeed && isOpen(one.name))
    if (own.length === 0) return null
    return behind.length > 0
      ? [false, `Test-CsDatabase fails on ${behind.map((one) => one.name).join(', ')} of ${instance}.`]
      : [true, `Test-CsDatabase succeeds on every database of ${instance}.`]
  })
  if (found?.seen !== 'yes' || restoring.length === 0) return found
  return { ...found, seen: 'unknown', fact: `${restoring.join(', ')} on ${instance}: restored, and not open yet.` }
}

/** Of the family that a set recorded: the class of the database says so, and the flag clears by the same word. */
const restored: Look = (subject, { digest: { classes, now } }) => {
  const verdict = classes.databases.get(foldSubject(subject))
  if (!verdict) return null
  const { class: kind, reason } = verdict
  if (kind === 'healthy') return { seen: 'yes', fact: reason, at: now }
  const isSeen = kind === 'absent' || kind === 'half-built' || kind === 'degraded'
  return { seen: isSeen ? 'no' : 'unknown', fact: reason, at: now }
}

function storeOf(subject: Subject, { digest }: Ground): SqlStore | undefined {
  return digest.desired.sqlStores.find((store) => sameSubject(sqlSubject(store), subject))
}

/** The instances of a store, and of a mirrored one only that on `machine`. */
function instancesOf(subject: Subject, ground: Ground, machine?: string): Subject[] {
  const store = storeOf(subject, ground)
  const places = store ? partnersOf(store) : []
  return places.filter(({ host }) => machine === undefined || sameSubject(host, machine)).map((one) => sqlSubject(one))
}

function survivorOf(subject: Subject, ground: Ground): Subject[] {
  const store = storeOf(subject, ground)
  const survivor = ground.loss.mirrors.find((one) => one.store.name === store?.name)?.survivor
  return survivor === undefined ? [] : instancesOf(subject, ground, survivor)
}

const survivorServes: Look = (subject, ground) =>
  allOf(
    survivorOf(subject, ground).map((instance) =>
      onInstance(instance, ground, (found) => {
        const mirrors = found.filter(({ mirroringRole }) => mirroringRole === 'MIRROR')
        return mirrors.length > 0
          ? [false, `${instance} is still the mirror of ${mirrors.map(({ name }) => name).join(', ')}.`]
          : [true, `${instance} is the mirror of nothing any more.`]
      }),
    ),
  )

const hasNoSession: Look = (subject, ground) =>
  allOf(
    survivorOf(subject, ground).map((instance) =>
      onInstance(instance, ground, (found) => {
        const mirrored = found.filter(({ mirroringRole }) => mirroringRole !== null)
        return mirrored.length > 0
          ? [false, `${mirrored.map(({ name }) => name).join(', ')} on ${instance} are in a session.`]
          : [true, `No database on ${instance} is in a session.`]
      }),
    ),
  )

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
          ? [false, `${without.map(({ name }) => name).join(', ')} on ${instance} have no witness.`]
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

const answers: Look = (instance, ground) =>
  looked('sqlInstance', instance, ground, ({ version }) => [true, `${instance} answers with version ${version}.`])

const central = new Set(['xds', 'lis'])

export const databaseEvidence: Readonly<Record<string, Look>> = {
  'create-availability-group': answers,
  'create-databases': areThere(),
  'create-central-management-store': areThere(central),
  'update-databases': haveTheirVersion,
  'restore-databases': restored,
  'fail-over-mirror': survivorServes,
  'uninstall-mirror': oncePassed(hasNoSession),
  'create-mirror': isMirrored,
  'restore-witness': hasWitness,
  'join-availability-group': isJoined,
}
