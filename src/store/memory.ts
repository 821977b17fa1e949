/** What only Holdfast knows from one pass to the next: what it said of the world, and by which revision. */
import type { Clock } from '../base/clock.ts'
import type { Time } from '../base/time.ts'
import type { Observed } from '../domain/observation.ts'
import type { Plan, ReplacedStore } from '../domain/plan.ts'
import type { Standing } from '../domain/statement.ts'
import type { Database } from './database.ts'
import type { Journal, NewEntry } from './journal.ts'
import type { Observations } from './observations.ts'
import { sql, upsert } from './statement.ts'

interface Applied {
  revision: string
  subjects: number
}

export interface Recollection {
  standing(): Standing
  applied(): Applied | null
  /** False from a store's birth until every set that was found on the shares has been verified. */
  settled(): boolean
  lastPlan(): Plan | null
  /** When this process last finished a pass; null before its first. */
  lastPass(): Time | null
  remember(after: Plan, observed: Observed, applied: Applied, entries: readonly NewEntry[]): void
  /** Damaged stores in whose place this one was begun, as far as nobody has acknowledged them. */
  replaced(): readonly ReplacedStore[]
  replaces(damaged: ReplacedStore): void
  forgetReplaced(): void
}

const none: readonly ReplacedStore[] = []
const nothing: Standing = { conditions: [], findings: [], flags: [], runbooks: [] }

export function openMemory(
  database: Database,
  journal: Journal,
  observations: Observations,
  clock: Clock,
): Recollection {
  const planOf = remembered<Plan>(database, 'plan', withRunbooks)
  const appliedOf = remembered<Applied>(database, 'applied')
  const settledOf = remembered<boolean>(database, 'settled')
  const replacedOf = remembered<readonly ReplacedStore[]>(database, 'replaced')
  let lastPass: Time | null = null
  return {
    standing: () => planOf.read() ?? nothing,
    applied: () => appliedOf.read(),
    settled: () => settledOf.read() ?? false,
    lastPlan: () => planOf.read(),
    lastPass: () => lastPass,
    remember(after, observed, applied, entries) {
      const before = planOf.read()
      const isWritten =
        before !== null && says(before) === says(after) && appliedOf.read()?.revision === applied.revision
      if (!isWritten || entries.length > 0)
        database.durably(() => {
          for (const entry of entries) journal.append(entry)
          planOf.write(after)
          appliedOf.write(applied)
        })
      observations.write(observed.facts)
      if (settledOf.read() !== true && isSettled(observed)) database.briefly(() => settledOf.write(true))
      lastPass = clock.now()
    },
    replaced: () => replacedOf.read() ?? none,
    replaces(damaged) {
      database.durably(() => {
        replacedOf.write([...(replacedOf.read() ?? []), damaged])
        journal.append({
          actor: 'holdfast',
          cause: 'observed',
          revision: '',
          type: 'state-store-replaced',
          subject: 'state-store',
          message: `The state store was damaged (${damaged.reason}); it is kept as ${damaged.path}, and this one was begun.`,
        })
      })
    },
    forgetReplaced() {
      database.durably(() => replacedOf.write([]))
    },
  }
}

/** What an earlier version remembered has none. */
function withRunbooks(plan: Plan): Plan {
  return Object.hasOwn(plan, 'runbooks') ? plan : { ...plan, runbooks: [] }
}

/** The plan without what the mere passing of time changes in it. */
function says(plan: Plan): string {
  const { at: _at, flags, ...rest } = plan
  const grounds = flags.map((flag) => ({
    ...flag,
    evidence: flag.evidence.map(({ fact, value, source }) => [fact, value, source]),
  }))
  return JSON.stringify([rest, grounds])
}

/** Every location answered, and every set that has a commit record has been checked since this store began. */
function isSettled(observed: Observed): boolean {
  const locations = [...observed.facts.location.values()]
  if (locations.length === 0 || locations.some((location) => !location.known)) return false
  return observed.sets.every(
    (set) => !['complete', 'partial'].includes(set.state) || Object.keys(set.verified).length > 0,
  )
}

export interface Remembered<T> {
  read(): T | null
  write(value: T): void
}

/** One named JSON value. It is parsed once as long as its text stays the same. */
export function remembered<T>(
  database: Database,
  name: string,
  complete: (value: T) => T = (value) => value,
): Remembered<T> {
  let parsed: { content: string; value: T } | null = null
  return {
    read() {
      const row = database.first(sql<{ content: string }>`SELECT content FROM remembered WHERE name = ${name}`)
      if (!row) return null
      if (parsed?.content !== row.content)
        parsed = { content: row.content, value: complete(JSON.parse(row.content) as T) }
      return parsed.value
    },
    write(value) {
      database.run(upsert('remembered', ['name'], { name, content: JSON.stringify(value) }))
    },
  }
}
