import { Problem, toProblem } from '../../base/problem.ts'
import { partnersOf } from '../../domain/endpoints.ts'
import type { Facts } from '../../domain/facts.ts'
import type { SqlStore } from '../../domain/model.ts'
import { choosePrincipal, movedSince, standOf, type Stand } from '../../domain/principal.ts'
import { parseDatabase, sameSubject, sqlSubject } from '../../domain/subject.ts'
import type { Item } from '../../domain/words.ts'
import type { SqlServer } from '../../drivers/sql/sql-server.ts'
import type { Tools } from '../handler.ts'

interface Partner {
  server: SqlServer
  facts: Facts['sqlInstance'] | null
  problem: unknown
}

/**
 * The instance on which the database can be backed up now, and the role of the database there: a mirror refuses, and a
 * secondary is never asked. `stand` is null where the engine itself is to say why there is nothing to back up.
 */
export async function findPrincipal(
  store: SqlStore,
  database: string,
  tools: Tools,
  signal: AbortSignal,
): Promise<{ server: SqlServer; stand: Stand | null }> {
  const look = async (server: SqlServer): Promise<Partner> => {
    try {
      return { server, facts: await server.facts(signal), problem: null }
    } catch (thrown) {
      signal.throwIfAborted()
      return { server, facts: null, problem: thrown }
    }
  }
  const seen = await Promise.all(partnersOf(store).map((address) => look(tools.drivers.sql(address))))
  const chosen = choosePrincipal(database, seen)
  if (chosen?.facts) return { server: chosen.server, stand: standOf(database, chosen.facts) }
  const [only] = seen
  if (only && seen.length === 1) {
    if (only.facts === null) throw only.problem
    if (!standOf(database, only.facts)?.role) return { server: only.server, stand: null }
  }
  throw new Problem('sql-no-principal', {
    subject: sqlSubject(store, database),
    message: `No partner holds the database as principal, online: ${seen.map((one) => stateAt(one, database)).join('; ')}.`,
    hint: 'Look at the mirroring session (Get-CsDatabaseMirrorState) or the availability group; neither a mirror nor a secondary is backed up. Fail over, then ask for a new run.',
    cause: seen.find(({ problem }) => problem !== null)?.problem,
  })
}

/** Throws `sql-failed-over` where the database does not have the role and identity that it had when its backup began. */
export function expectStill(
  before: Stand | null,
  now: Facts['sqlInstance'],
  server: Pick<SqlServer, 'subject'>,
  item: Item,
): void {
  const database = parseDatabase(item.subject)?.database ?? ''
  const moved = before && movedSince(before, standOf(database, now))
  if (moved === null) return
  throw new Problem('sql-failed-over', {
    subject: item.subject,
    message: `While ${server.subject} backed it up, the database moved: ${moved}.`,
    hint: 'The file is not kept. The partner that holds it now is asked; where this happens each night, move the schedule away from the failovers.',
  })
}

/** For the record of the set. */
export function tellStand(stand: Stand | null): string {
  const role = stand?.role ?? 'no partner'
  return `${role}, database_guid ${stand?.guid ?? 'unknown'}`
}

/** What one partner says of the database, for a person. */
function stateAt({ server, facts, problem }: Partner, database: string): string {
  if (!facts) return `${server.subject}: ${toProblem(problem).message}`
  const found = facts.databases.find(({ name }) => sameSubject(name, database))
  if (!found) return `${server.subject}: no such database`
  const role = found.mirroringRole ?? found.replicaRole
  return `${server.subject}: ${[found.state, role].filter((one) => one !== null).join(', ')}`
}
