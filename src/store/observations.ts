/** The last observations, so that a restart knows what was seen and since when. */
import { isDeepStrictEqual } from 'node:util'
import { secondsBetween } from '../base/time.ts'
import { eachFact, type Facts } from '../domain/facts.ts'
import type { Observation, Observed, Subject } from '../domain/words.ts'
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
  /** As the file has them. The values are those of the snapshot, which stay the same objects while they say the same. */
  const written = new Map<string, { fact: string; subject: Subject; observation: AnyObservation }>()
  let loaded = false
  function read(): Observed['facts'] | null {
    const rows = database.all(build.selectFrom('observation').selectAll())
    const facts = factsOf(rows)
    if (!loaded) for (const row of everyOne(facts)) written.set(keyOf(row.fact, row.subject), row)
    loaded = true
    return rows.length === 0 ? null : facts
  }
  return {
    read,
    write(facts) {
      if (!loaded) read()
      const changed: ObservationRow[] = []
      const seen = new Set<string>()
      for (const { fact, subject, observation } of everyOne(facts)) {
        const key = keyOf(fact, subject)
        seen.add(key)
        const before = written.get(key)
        if (before && !isNews(before.observation, observation)) continue
        written.set(key, { fact, subject, observation })
        changed.push(rowOf(fact, subject, observation))
      }
      const gone = [...written].filter(([key]) => !seen.has(key))
      if (changed.length + gone.length === 0) return
      database.briefly(() => {
        for (const row of changed) save(database, row)
        for (const [key, { fact, subject }] of gone) {
          written.delete(key)
          database.run(build.deleteFrom('observation').where('fact', '=', fact).where('subject', '=', subject))
        }
      })
    },
  }
}

function* everyOne(facts: Observed['facts']) {
  for (const [fact, observations] of Object.entries(facts))
    for (const [subject, observation] of observations)
      yield { fact, subject, observation: observation as AnyObservation }
}

function save(database: Database, row: ObservationRow): void {
  database.run(
    build
      .insertInto('observation')
      .values(row)
      .onConflict((conflict) => conflict.columns(['fact', 'subject']).doUpdateSet(row)),
  )
}

function isNews(before: AnyObservation, now: AnyObservation): boolean {
  if (before === now) return false
  const same = before.since === now.since && before.source === now.source && saysTheSame(before, now)
  return !same || Math.abs(secondsBetween(before.at, now.at)) >= staleSeconds
}

function saysTheSame(before: AnyObservation, now: AnyObservation): boolean {
  if (!before.known || !now.known) return !before.known && !now.known && before.error === now.error
  return before.value === now.value || isDeepStrictEqual(before.value, now.value)
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
