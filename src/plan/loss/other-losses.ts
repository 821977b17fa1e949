import { partnersOf } from '../../domain/endpoints.ts'
import { machinesOf } from '../../domain/hosts.ts'
import type { DatabaseFacts } from '../../domain/facts.ts'
import type { OtherLosses } from '../../domain/loss/found.ts'
import type { Desired, SqlStore } from '../../domain/model.ts'
import type { Flag } from '../../domain/statement.ts'
import { foldSubject, parseDatabase, sameSubject, sqlSubject } from '../../domain/subject.ts'
import type { Subject } from '../../domain/words.ts'
import type { Sights } from '../health/sights.ts'

/** What is known of losses while somebody asks about one. */
export interface KnownLosses {
  desired: Desired
  flags: readonly Flag[]
  sights: Sights
  /** Whether a host or a database is seen to be lost now. */
  isSeenLost: (subject: Subject) => boolean
}

/**
 * Who is lost around a subject; flags, restores and their gate ask the same. A machine is lost when it is seen so, or
 * while a flag is open on it or its pool; for a single database also where it lost the same one. A mirror is taken over
 * where its survivor serves; of a subject that is not lost itself, also where it would.
 */
export function otherLossesOf(subject: Subject, known: KnownLosses): OtherLosses {
  const { desired, flags, sights, isSeenLost } = known
  const name = parseDatabase(subject)?.database
  const flagged = flaggedMachines(name, desired, flags)
  const lacks = (machine: string): boolean =>
    name !== undefined &&
    desired.sqlStores
      .filter((store) => machinesOf(store).some((one) => sameSubject(one, machine)))
      .flatMap(partnersOf)
      .some((place) => sameSubject(place.host, machine) && isSeenLost(sqlSubject(place, name)))
  const isLost = isSeenLost(subject) || flags.some((flag) => sameSubject(flag.subject, subject))
  return {
    isLost: (machine) => flagged.has(foldSubject(machine)) || isSeenLost(machine) || lacks(machine),
    isTakenOver(store, survivor) {
      const databases = databasesAt(store, survivor, sights)
      return serves(databases, name === 'lis' ? 'lis' : 'xds') || (!isLost && failsOver(store, databases))
    },
  }
}

/** Folded names of machines that a flag is open on: itself, its pool, or the same database there. */
function flaggedMachines(name: string | undefined, { pools }: Desired, flags: readonly Flag[]): ReadonlySet<string> {
  const subjects = new Set(flags.map((flag) => foldSubject(flag.subject)))
  const members = pools.filter(({ fqdn }) => subjects.has(foldSubject(fqdn))).flatMap(({ servers }) => servers)
  const holders = flags.flatMap((flag) => {
    const database = parseDatabase(flag.subject)
    return database && name !== undefined && sameSubject(database.database, name) ? [database.host] : []
  })
  return new Set([...subjects, ...[...members, ...holders].map(foldSubject)])
}

function databasesAt(store: SqlStore, host: string, sights: Sights): readonly DatabaseFacts[] {
  const place = partnersOf(store).find((one) => sameSubject(one.host, host))
  const sight = place ? sights.of('sqlInstance', sqlSubject(place)) : null
  return sight?.state === 'seen' ? sight.value.databases : []
}

/** As principal, or alone after its session was removed. */
function serves(databases: readonly DatabaseFacts[], name: string): boolean {
  return databases.some(
    (one) => sameSubject(one.name, name) && one.state === 'ONLINE' && one.mirroringRole !== 'MIRROR',
  )
}

/**
 * A synchronized mirror becomes principal by itself, only with a witness ("Back End Server high availability"). Where
 * the survivor does not tell, the topology has the word.
 */
function failsOver({ highAvailability: mode }: SqlStore, databases: readonly DatabaseFacts[]): boolean {
  if (mode.kind !== 'mirror') return true
  const isReady = databases
    .filter(({ mirroringRole }) => mirroringRole !== null)
    .every(
      ({ mirroringState, mirroringWitnessState }) =>
        mirroringWitnessState !== 'DISCONNECTED' && (mirroringState ?? 'SYNCHRONIZED') === 'SYNCHRONIZED',
    )
  return mode.witness !== null && isReady
}
