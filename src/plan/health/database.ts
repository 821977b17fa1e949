import type { Time } from '../../base/time.ts'
import type { DatabaseFacts } from '../../domain/facts.ts'
import { foldSubject, sameSubject } from '../../domain/subject.ts'
import type { Classified } from '../../domain/statement.ts'
import type { Finished } from '../../domain/model.ts'
import type { Class } from '../../domain/words.ts'
import { isSessionHidden } from '../../domain/mirror.ts'
import { evidence, tellDatabases } from './evidence.ts'
import type { ExpectedDatabase, ExpectedInstance } from './expected.ts'
import type { Scene } from './scene.ts'
import type { Sight } from './sights.ts'
import type { Facts } from '../../domain/facts.ts'

/** The class of one database on one instance, of which `sight` tells (domain reference, sections 8.3 and 8.5). */
function databaseVerdict(
  instance: ExpectedInstance,
  { name, subject }: ExpectedDatabase,
  sight: Sight<Facts['sqlInstance']>,
  scene: Scene,
): Classified {
  const place = instance.subject
  const because = () =>
    [place, ...instance.partners].flatMap((one) =>
      evidence('sqlInstance', scene.sights.of('sqlInstance', one), scene.now, tellDatabases([name])),
    )
  const verdict = (kind: Class, reason: string): Classified => {
    const since = sight.observation?.since ?? scene.now
    return { subject, class: kind, since, reason, because }
  }
  if (sight.state === 'dark') return verdict('unknown', `Nobody has looked at ${place} lately.`)
  if (sight.state === 'silent') {
    const how = sight.observation.answered ? 'answers, but does not show what it holds' : 'does not answer'
    return verdict('unreachable', `${place} ${how}.`)
  }
  const found = find(sight, name)
  if (!found)
    return seesAll(sight.value)
      ? verdict('absent', `${place} answers and has no database ${name}.`)
      : verdict('unknown', `${place} lists no ${name}, but this login may not see every database.`)
  const flaggedSince = scene.flaggedSince(subject, instance.machines)
  if (flaggedSince !== null) {
    const copies = copiesOf(found, instance, name, scene)
    const born = bornAt(copies)
    if (born === null || born >= flaggedSince) {
      const finished = scene.finished(subject, instance.machines)
      const proof = restoredFrom(copies, instance, name, scene) ?? wordOf(finished, born)
      if (proof === null)
        return born === null
          ? verdict('unknown', `${name} is there; when it was created is not known.`)
          : verdict('half-built', `${name} was created after the loss, at ${born}.`)
      if (found.state === 'ONLINE') return verdict('healthy', `${name} is online: ${proof}.`)
    }
  }
  if (found.state === 'ONLINE') return verdict('healthy', `${name} is online.`)
  if (found.state === 'RESTORING' && isCopy(found)) return verdict('healthy', `${name} is the mirror.`)
  const isMirrored = instance.store.highAvailability.kind === 'mirror'
  if (isMirrored && isSessionHidden(found, sight.value) && !isRestoredTwice(name, instance, scene))
    return verdict('unknown', `${name} is ${found.state}, and ${tellPartner(name, instance, scene)}.`)
  return verdict('degraded', `${name} is ${found.state}.`)
}

/** Two copies in RESTORING are no mirror and its principal: nobody is served. */
function isRestoredTwice(name: string, { partners }: ExpectedInstance, { sights }: Scene): boolean {
  return partners.some((partner) => find(sights.of('sqlInstance', partner), name)?.state === 'RESTORING')
}

/** Why the partner's word does not make it the healthy mirror. */
function tellPartner(name: string, { partners }: ExpectedInstance, { sights }: Scene): string {
  const [partner = ''] = partners
  const sight = sights.of('sqlInstance', partner)
  if (sight.state !== 'seen') return `its partner ${partner} does not say whether as the mirror`
  return find(sight, name)?.mirroringState === 'DISCONNECTED'
    ? `its partner ${partner} has no connection to its mirror`
    : `its partner ${partner} does not name it as the mirror`
}

/** What is not listed is not there (sys.databases, "Permissions"). */
function seesAll({ administrator, viewAnyDatabase }: Facts['sqlInstance']): boolean {
  return administrator === true || viewAnyDatabase === true
}

/** Whether the instance answers, shows all that it has, and has nothing of what the topology puts there. */
export function isEmptied(instance: ExpectedInstance, sight: Sight<Facts['sqlInstance']>): boolean {
  if (sight.state !== 'seen' || !seesAll(sight.value) || instance.all.size === 0) return false
  return !sight.value.databases.some(({ name }) => instance.all.has(foldSubject(name)))
}

function find(sight: Sight<Facts['sqlInstance']>, name: string): DatabaseFacts | undefined {
  if (sight.state !== 'seen') return undefined
  return sight.value.databases.find((one) => one.name === name || sameSubject(one.name, name))
}

/** A mirror is always RESTORING, and that is healthy. */
function isCopy({ mirroringRole, replicaRole }: DatabaseFacts): boolean {
  return mirroringRole === 'MIRROR' || replicaRole === 'SECONDARY'
}

/** A copy in a session holds what its partner holds, however new the copy is: both, where they are in step. */
function copiesOf(
  found: DatabaseFacts,
  { partners }: ExpectedInstance,
  name: string,
  { sights }: Scene,
): DatabaseFacts[] {
  if (found.mirroringRole === null && found.replicaRole === null) return [found]
  const others = partners.flatMap((subject) => find(sights.of('sqlInstance', subject), name) ?? [])
  const linked = found.mirroringRole === null || /^SYNCHRONI[ZS]/.test(found.mirroringState ?? '')
  return linked ? [found, ...others] : [found]
}

/** When what they hold came to be: a rebuilt mirror is as old as its principal. Null: not told. */
function bornAt(copies: readonly DatabaseFacts[]): Time | null {
  const dates = copies.flatMap(({ createdAt }) => createdAt ?? [])
  return dates.length === 0 ? null : dates.reduce((oldest, date) => (date < oldest ? date : oldest))
}

/**
 * What proves that they hold what was held before, whenever they were created: a database keeps its family when it is
 * restored, and one that is made anew has another. Null: nothing.
 */
function restoredFrom(
  copies: readonly DatabaseFacts[],
  { store }: ExpectedInstance,
  name: string,
  { recordedFamily }: Scene,
): string | null {
  const families = copies.flatMap(({ family }) => family ?? [])
  const recorded = families.length === 0 ? null : recordedFamily(store, name)
  if (recorded === null || !families.some((family) => sameSubject(family, recorded.family))) return null
  return `it is of the family that ${recorded.set} recorded`
}

/** A person's word, where it speaks of a database of this age too. */
function wordOf(finished: Finished | null, born: Time | null): string | null {
  if (finished === null || (born !== null && born > finished.at)) return null
  return `${finished.by} finished its restore at ${finished.at}`
}

/** Every database of every instance, by folded subject. */
export function databaseVerdicts(instances: Iterable<ExpectedInstance>, scene: Scene): Map<string, Classified> {
  const verdicts = new Map<string, Classified>()
  for (const instance of instances) {
    const sight = scene.sights.of('sqlInstance', instance.subject)
    for (const database of instance.restored)
      verdicts.set(database.key, databaseVerdict(instance, database, sight, scene))
  }
  return verdicts
}
