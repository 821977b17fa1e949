/** The last observations, so that a restart knows what was seen and since when. */
import { secondsBetween } from '../base/time.ts'
import { eachFact, type Facts } from '../domain/facts.ts'
import type { Observation, Observed } from '../domain/words.ts'
import { build, type Database } from './database.ts'
import type { ObservationRow } from './schema.ts'

type AnyObservation = Observation<Facts[keyof Facts]>

/** An observation that says the same again is written down anew only when the stored time is older than this. */
const staleSeconds = 300

export interface Observations {
  /** Null when nothing was ever seen. */
  read(): Observed['facts'] | null
  /** Within a transaction or not; writes only what says something new. */
  write(facts: Observed['facts']): void
}

export function openObservations(database: Database): Observations {
  const written = new Map<string, { observation: AnyObservation | null; row: ObservationRow }>()
  let loaded = false
  function load(): ObservationRow[] {
    const rows = database.all(build.selectFrom('observation').selectAll())
    if (!loaded) for (const row of rows) written.set(keyOf(row.fact, row.subject), { observation: null, row })
    loaded = true
    return rows
  }
  return {
    read() {
      const rows = database.all(build.selectFrom('observation').selectAll())
      return rows.length === 0 ? null : factsOf(rows)
    },
    write(facts) {
      if (!loaded) load()
      const changed: ObservationRow[] = []
      const seen = new Set<string>()
      for (const [fact, observations] of Object.entries(facts))
        for (const [subject, observation] of observations) {
          const key = keyOf(fact, subject)
          seen.add(key)
          const before = written.get(key)
          if (before?.observation === observation) continue
          const row = rowOf(fact, subject, observation)
          if (before && !isNews(before.row, row)) continue
          written.set(key, { observation, row })
          changed.push(row)
        }
      const gone = [...written].filter(([key]) => !seen.has(key))
      if (changed.length + gone.length === 0) return
      database.briefly(() => {
        for (const row of changed) save(database, row)
        for (const [key, { row }] of gone) {
          written.delete(key)
          database.run(build.deleteFrom('observation').where('fact', '=', row.fact).where('subject', '=', row.subject))
        }
      })
    },
  }
}

function save(database: Database, row: ObservationRow): void {
  database.run(
    build
      .insertInto('observation')
      .values(row)
      .onConflict((conflict) => conflict.columns(['fact', 'subject']).doUpdateSet(row)),
  )
}

function isNews(before: ObservationRow, now: ObservationRow): boolean {
  const same =
    before.content === now.content &&
    before.known === now.known &&
    before.since === now.since &&
    before.source === now.source
  return !same || Math.abs(secondsBetween(before.at, now.at)) >= staleSeconds
}

function keyOf(fact: string, subject: string): string {
  return `${fact} ${subject}`
}

function rowOf(fact: string, key: string, observation: AnyObservation): ObservationRow {
  const { subject, at, since, source, known } = observation
  const content = JSON.stringify({ subject, of: known ? observation.value : observation.error })
  return { fact, subject: key, at, since, source, known: known ? 1 : 0, content }
}

function factsOf(rows: readonly ObservationRow[]): Observed['facts'] {
  const facts: { [F in keyof Facts]: Map<string, Observation<Facts[F]>> } = eachFact(() => new Map<string, never>())
  for (const row of rows) {
    if (!Object.hasOwn(facts, row.fact)) continue
    const { subject, of } = JSON.parse(row.content) as { subject: string; of: unknown }
    const seen = { subject, at: row.at, since: row.since, source: row.source }
    const observation = row.known === 1 ? { ...seen, known: true, value: of } : { ...seen, known: false, error: of }
    const map = facts[row.fact as keyof Facts] as Map<string, unknown>
    map.set(row.subject, observation)
  }
  return facts
}
