import { partnersOf } from '../../domain/endpoints.ts'
import type { Surroundings } from '../../domain/loss/loss.ts'
import type { Desired, SqlStore } from '../../domain/model.ts'
import { foldSubject, sameSubject, sqlSubject } from '../../domain/subject.ts'
import type { Flag, Observed } from '../../domain/words.ts'

/** What is lost already, by the flags that are open, and what the partners of mirrors say of themselves. */
export function surroundingsOf(desired: Desired, observed: Observed, flags: readonly Flag[]): Surroundings {
  const flagged = new Set(flags.map((flag) => foldSubject(flag.subject)))
  const members = desired.pools.filter(({ fqdn }) => flagged.has(foldSubject(fqdn))).flatMap(({ servers }) => servers)
  const lost = new Set([...flagged, ...members.map(foldSubject)])
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
