/** The last observations, so that a restart knows what was seen and since when. */
import { isDeepStrictEqual } from 'node:util'
import type { ProblemCode } from '../base/problem-codes.ts'
import { secondsBetween, type Time } from '../base/time.ts'
import { writtenSeconds, writtenTogetherSeconds } from '../domain/cadence.ts'
import { eachFact, type Facts } from '../domain/facts.ts'
import type { Observation, Observed } from '../domain/observation.ts'
import type { Subject } from '../domain/words.ts'
import type { Database } from './database.ts'
import type { ObservationRow } from './schema.ts'
import { sql, upsert } from './statement.ts'

type AnyObservation = Observation<Facts[keyof Facts]>

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
  /** Something new was written, and the times of the others were not brought up since. */
  let behind = false
  let together: Time | null = null
  function read(): Observed['facts'] | null {
    const rows = database.all(sql<ObservationRow>`SELECT * FROM observation`)
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
      const later: { fact: string; subject: Subject; observation: AnyObservation }[] = []
      const seen = new Set<string>()
      for (const row of everyOne(facts)) {
        const { fact, subject, observation } = row
        const key = keyOf(fact, subject)
        seen.add(key)
        const before = written.get(key)?.observation
        if (before && (before === observation || !isNews(before, observation))) {
          if (before.at !== observation.at) later.push(row)
          continue
        }
        written.set(key, row)
        changed.push(rowOf(fact, subject, observation))
      }
      const gone = [...written].filter(([key]) => !seen.has(key))
      behind ||= changed.length > 0
      const now = behind ? latest(facts) : null
      const due =
        now !== null && (together === null || Math.abs(secondsBetween(together, now)) >= writtenTogetherSeconds)
      const vouched = due ? later : later.filter((row) => isStale(written.get(keyOf(row.fact, row.subject)), row))
      if (due) [behind, together] = [false, now]
      if (changed.length + gone.length + vouched.length === 0) return
      try {
        database.briefly(() => {
          for (const row of changed) save(database, row)
          for (const row of vouched) {
            written.set(keyOf(row.fact, row.subject), row)
            saveTime(database, row.fact, row.subject, row.observation.at)
          }
          for (const [key, { fact, subject }] of gone) {
            written.delete(key)
            database.run(sql`DELETE FROM observation WHERE fact = ${fact} AND subject = ${subject}`)
          }
        })
      } catch (thrown) {
        written.clear() // nothing of it was taken: what the file has is read again
        ;[loaded, behind, together] = [false, true, null]
        throw thrown
      }
    },
  }
}

function* everyOne(facts: Observed['facts']) {
  for (const [fact, observations] of Object.entries(facts))
    for (const [subject, observation] of observations)
      yield { fact, subject, observation: observation as AnyObservation }
}

function save(database: Database, row: ObservationRow): void {
  database.run(upsert('observation', ['fact', 'subject'], row))
}

function saveTime(database: Database, fact: string, subject: Subject, at: Time): void {
  database.run(sql`UPDATE observation SET at = ${at} WHERE fact = ${fact} AND subject = ${subject}`)
}

function isNews(before: AnyObservation, now: AnyObservation): boolean {
  return before.since !== now.since || before.source !== now.source || !saysTheSame(before, now)
}

function isStale(
  before: { observation: AnyObservation } | undefined,
  { observation }: { observation: AnyObservation },
) {
  return !before || Math.abs(secondsBetween(before.observation.at, observation.at)) >= writtenSeconds
}

/** The time of the newest look. */
function latest(facts: Observed['facts']): Time | null {
  let newest: Time | null = null
  for (const { observation } of everyOne(facts)) if (newest === null || observation.at > newest) newest = observation.at
  return newest
}

function saysTheSame(before: AnyObservation, now: AnyObservation): boolean {
  if (before.known && now.known) return before.value === now.value || isDeepStrictEqual(before.value, now.value)
  if (before.known || now.known) return false
  return before.code === now.code && before.answered === now.answered && before.error === now.error
}

function keyOf(fact: string, subject: string): string {
  return `${fact} ${subject}`
}

/** `of`: the value, or the words of what is unknown; only then the others. A store of an older version has no others. */
interface Content {
  subject: Subject
  of: unknown
  code?: ProblemCode
  answered?: boolean
}

function rowOf(fact: string, key: string, observation: AnyObservation): ObservationRow {
  const { subject, at, since, source, known } = observation
  const content: Content = known
    ? { subject, of: observation.value }
    : { subject, of: observation.error, code: observation.code, answered: observation.answered }
  return { fact, subject: key, at, since, source, known: known ? 1 : 0, content: JSON.stringify(content) }
}

function factsOf(rows: readonly ObservationRow[]): Observed['facts'] {
  const facts: { [F in keyof Facts]: Map<string, Observation<Facts[F]>> } = eachFact(() => new Map<string, never>())
  for (const row of rows) {
    if (!Object.hasOwn(facts, row.fact)) continue
    const { subject, of, code = 'unexpected', answered = false } = JSON.parse(row.content) as Content
    const seen = { subject, at: row.at, since: row.since, source: row.source }
    const what = row.known === 1 ? { known: true, value: of } : { known: false, code, answered, error: of }
    const map = facts[row.fact as keyof Facts] as Map<string, unknown>
    map.set(row.subject, { ...seen, ...what })
  }
  return facts
}
