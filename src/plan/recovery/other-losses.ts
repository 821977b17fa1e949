import { partnersOf } from '../../domain/endpoints.ts'
import type { DatabaseFacts } from '../../domain/facts.ts'
import type { OtherLosses } from '../../domain/loss/found.ts'
import type { Desired, SqlStore } from '../../domain/model.ts'
import { foldSubject, parseDatabase, sameSubject, sqlSubject } from '../../domain/subject.ts'
import type { Observed } from '../../domain/observation.ts'
import type { Flag } from '../../domain/statement.ts'
import type { Subject } from '../../domain/words.ts'

/**
 * What is lost already, by the flags that are open, and what the partners of mirrors say of themselves: of a subject
 * that is lost, whether one serves its databases; else also whether it would. For a single database a machine counts as
 * lost when it lost the same one.
 */
export function otherLossesOf(
  subject: Subject,
  { desired, observed, flags }: { desired: Desired; observed: Observed; flags: readonly Flag[] },
): OtherLosses {
  const flagged = new Set(flags.map((flag) => foldSubject(flag.subject)))
  const members = desired.pools.filter(({ fqdn }) => flagged.has(foldSubject(fqdn))).flatMap(({ servers }) => servers)
  const name = parseDatabase(subject)?.database
  const holders = flags.flatMap((flag) => {
    const database = parseDatabase(flag.subject)
    return database && name !== undefined && sameSubject(database.database, name) ? [database.host] : []
  })
  const lost = new Set([...flagged, ...[...members, ...holders].map(foldSubject)])
  const isFlagged = flags.some((flag) => sameSubject(flag.subject, subject))
  return {
    isLost: (host) => lost.has(foldSubject(host)),
    isTakenOver: (store, survivor) => {
      const databases = databasesAt(store, survivor, observed)
      return isServed(databases) || (!isFlagged && failsOver(store, databases))
    },
  }
}

function databasesAt(store: SqlStore, host: string, { facts }: Observed): readonly DatabaseFacts[] {
  const place = partnersOf(store).find((one) => sameSubject(one.host, host)) ?? store
  const seen = facts.sqlInstance.get(sqlSubject(place))
  return seen?.known ? seen.value.databases.filter(({ mirroringRole }) => mirroringRole !== null) : []
}

function isServed(databases: readonly DatabaseFacts[]): boolean {
  return databases.length > 0 && databases.every(({ mirroringRole }) => mirroringRole === 'PRINCIPAL')
}

/**
 * A synchronized mirror becomes principal by itself, only with a witness ("Back End Server high availability"). Where
 * the survivor does not tell, the topology has the word.
 */
function failsOver({ highAvailability: mode }: SqlStore, databases: readonly DatabaseFacts[]): boolean {
  if (mode.kind !== 'mirror') return true
  const isReady = databases.every(
    ({ mirroringState, mirroringWitnessState }) =>
      mirroringWitnessState !== 'DISCONNECTED' && (mirroringState ?? 'SYNCHRONIZED') === 'SYNCHRONIZED',
  )
  return mode.witness !== null && isReady
}
