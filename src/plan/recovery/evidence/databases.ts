/** What is seen of the steps that bring databases back (domain reference, sections 6.5, 6.11 and 8.3). */
import type { DatabaseFacts } from '../../../domain/facts.ts'
import { isCentralDatabase } from '../../../domain/databases.ts'
import { poolNamed } from '../../../domain/pools.ts'
import { foldSubject, sameSubject, sqlSubject } from '../../../domain/subject.ts'
import type { Subject } from '../../../domain/words.ts'
import { looked, type Ground, type Judged, type Look, type Sighting } from './sighting.ts'

/** Those whose loss calls for a restore: which others setup makes differs between versions. */
export function expectedOn(instance: Subject, { digest }: Ground): ReadonlySet<string> {
  const restored = digest.classes.scene.expected.instances.get(foldSubject(instance))?.restored ?? []
  return new Set(restored.map(({ name }) => foldSubject(name)))
}

/** Judges the databases that the topology puts on an instance. */
export function onInstance(
  instance: Subject,
  ground: Ground,
  judge: (found: readonly DatabaseFacts[], missing: readonly string[]) => Judged | null,
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
        // SQL Server starts: nothing is lost by that.
        const isStarting = off.every(({ state }) => state === 'RECOVERING')
        return off.length > 0
          ? [
              isStarting && 'hidden',
              `${off.map(({ name, state }) => `${name} is ${state}`).join(', ')} on ${instance}.`,
            ]
          : [true, `${found.map(({ name }) => name).join(', ')} are there on ${instance}.`]
      },
      only,
    )

/** Those that setup makes on a Standard Edition server; null: it is none. */
export const hasLocalDatabases: Look = (server, ground, before) => {
  const pool = poolNamed(server, ground.digest.desired)
  const store = pool?.type === 'standard-edition' ? pool.stores.user : undefined
  if (!store) return null
  const instance = sqlSubject(store)
  const own = [...expectedOn(instance, ground)].filter((name) => !isCentralDatabase(name))
  return areThere(new Set(own))(instance, ground, before)
}

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

const central = new Set(['xds', 'lis'])

export const databaseEvidence: Readonly<Record<string, Look>> = {
  'create-databases': areThere(),
  'create-local-databases': hasLocalDatabases,
  'create-central-management-store': areThere(central),
  'update-databases': haveTheirVersion,
  'restore-databases': restored,
}
