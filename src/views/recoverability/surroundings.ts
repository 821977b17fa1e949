import { partnersOf } from '../../domain/endpoints.ts'
import type { Surroundings } from '../../domain/loss/loss.ts'
import type { Desired, SqlStore } from '../../domain/model.ts'
import { foldSubject, parseDatabase, sameSubject, sqlSubject } from '../../domain/subject.ts'
import type { Flag, Observed, Subject } from '../../domain/words.ts'

/**
 * What is lost already, by the flags that are open, and what the partners of mirrors say of themselves. For a single
 * database a machine counts as lost when it lost the same one.
 */
export function surroundingsOf(
  subject: Subject,
  { desired, observed, flags }: { desired: Desired; observed: Observed; flags: readonly Flag[] },
): Surroundings {
  const flagged = new Set(flags.map((flag) => foldSubject(flag.subject)))
  const members = desired.pools.filter(({ fqdn }) => flagged.has(foldSubject(fqdn))).flatMap(({ servers }) => servers)
  const name = parseDatabase(subject)?.database
  const holders = flags.flatMap((flag) => {
    const database = parseDatabase(flag.subject)
    return database && name !== undefined && sameSubject(database.database, name) ? [database.host] : []
  })
  const lost = new Set([...flagged, ...[...members, ...holders].map(foldSubject)])
  return {
    isLost: (host) => lost.has(foldSubject(host)),
    isTakenOver: (store, survivor) => isTakenOver(store, survivor, observed),
  }
}

/**
 * A principal stays one; a synchronized mirror becomes one by itself only with a witness ("Back End Server high
 * availability"). Where the survivor does not tell, the topology has the word.
 */
function isTakenOver(store: SqlStore, survivor: string, { facts }: Observed): boolean {
  const mode = store.highAvailability
  if (mode.kind !== 'mirror') return true
  const place = partnersOf(store).find(({ host }) => sameSubject(host, survivor)) ?? store
  const seen = facts.sqlInstance.get(sqlSubject(place))
  const mirrored = seen?.known ? seen.value.databases.filter(({ mirroringRole }) => mirroringRole !== null) : []
  if (mirrored.length > 0 && mirrored.every(({ mirroringRole }) => mirroringRole === 'PRINCIPAL')) return true
  const failsOver = mirrored.every(
    ({ mirroringState, mirroringWitnessState }) =>
      mirroringWitnessState !== 'DISCONNECTED' && (mirroringState ?? 'SYNCHRONIZED') === 'SYNCHRONIZED',
  )
  return mode.witness !== null && failsOver
}
