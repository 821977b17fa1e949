import type { Time } from '../base/time.ts'
import { machineOf } from '../domain/hosts.ts'
import type { Plan } from '../domain/plan.ts'
import { foldSubject, sameSubject } from '../domain/subject.ts'
import type { Runbook } from '../domain/runbook.ts'
import type { Condition, Finding, Flag, Standing } from '../domain/statement.ts'

/** A statement before it is known how long it has held. */
export type Fresh<T extends { since: Time }> = Omit<T, 'since'>
export interface FreshStanding {
  conditions: readonly Fresh<Condition>[]
  findings: readonly Fresh<Finding>[]
  /** Flags know since when by themselves: the loss began before they rose. */
  flags: readonly Flag[]
  /** They remember what they need themselves. */
  runbooks: readonly Runbook[]
  leftovers?: readonly Runbook[]
}

type Statement = Condition | Finding | Flag

/**
 * Why a statement holds no more. `gone`: what it said is over, or Git names its subject no more; `ignored`: a Suspension
 * leaves it out, and it may well be so still; `flagged`: a flag on its machine says it now.
 */
export type Closing = 'gone' | 'ignored' | 'flagged'

/** What journal and notices need: a statement that is new, says something else than before, or holds no more. */
export type Change =
  | { type: 'opened' | 'changed'; statement: Statement }
  /** `because`: one sentence for a person. */
  | { type: 'closed'; statement: Statement; ending: Closing; because: string }

/** Gives each statement the time since when it holds: that of the last pass where it said the same, else `at`. */
export function carry(before: Standing, now: FreshStanding, at: Time): Standing {
  return {
    conditions: since(before.conditions, now.conditions, conditionKey, (row) => `${row.status} ${row.reason}`, at),
    findings: since(before.findings, now.findings, findingKey, (row) => row.severity, at),
    flags: now.flags,
    runbooks: now.runbooks,
    ...(now.leftovers?.length ? { leftovers: now.leftovers } : {}),
  }
}

/**
 * What became different between two passes. A condition opens when it is first said; it never closes but with its
 * subject. A new revision or another time alone is no change.
 */
export function changes(before: Standing, after: After): Change[] {
  return [
    ...compare(before.conditions, after.conditions, conditionKey, conditionText, () => ({
      ending: 'gone',
      because: 'Git no longer names its subject.',
    })),
    ...compare(before.findings, after.findings, findingKey, findingText, endOfFinding(after)),
    ...compare(before.flags, after.flags, flagKey, flagText, ({ since }) => ({
      ending: 'gone',
      because: `It is no longer flagged; it was since ${since}.`,
    })),
  ]
}

type After = Standing & Partial<Pick<Plan, 'ignored'>>
type End = Pick<Change & { type: 'closed' }, 'ending' | 'because'>

function endOfFinding({ flags, ignored = [] }: After): (row: Finding) => End {
  return (row) => {
    const rule = ignored.find(({ finding }) => findingKey(finding) === findingKey(row))
    if (rule)
      return {
        ending: 'ignored',
        because: `Suspension ${rule.suspension} ignores it until ${rule.until}: ${rule.reason}`,
      }
    const machine = machineOf(row.subject)
    const flag = flags.find(({ subject }) => sameSubject(subject, row.subject) || sameSubject(subject, machine))
    return flag
      ? { ending: 'flagged', because: `The flag on ${flag.subject} covers it now.` }
      : { ending: 'gone', because: `It is over; it was: ${row.observed}` }
  }
}

const conditionKey = (row: Fresh<Condition>): string => `${row.type} ${foldSubject(row.subject)}`
const findingKey = (row: Fresh<Finding>): string => `${row.code} ${foldSubject(row.subject)}`
const flagKey = (row: Fresh<Flag>): string => foldSubject(row.subject)

const conditionText = (row: Condition): string => `${row.status} ${row.reason} ${row.message}`
const findingText = (row: Finding): string => `${row.severity} ${row.desired} ${row.observed} ${row.message}`
const flagText = (row: Flag): string => `${row.scenario} ${row.reason}`

function since<T extends { since: Time }>(
  before: readonly T[],
  now: readonly Fresh<T>[],
  key: (row: Fresh<T>) => string,
  said: (row: Fresh<T>) => string,
  at: Time,
): T[] {
  const known = new Map(before.map((row) => [key(row), row]))
  return now.map((row) => {
    const old = known.get(key(row))
    return { ...row, since: old && said(old) === said(row) ? old.since : at } as T
  })
}

function compare<T extends Statement>(
  before: readonly T[],
  after: readonly T[],
  key: (row: T) => string,
  text: (row: T) => string,
  end: (row: T) => End,
): Change[] {
  const old = new Map(before.map((row) => [key(row), row]))
  const left = new Set(after.map(key))
  const opened = after.filter((row) => !old.has(key(row)))
  const changed = after.filter((row) => {
    const known = old.get(key(row))
    return known !== undefined && text(known) !== text(row)
  })
  const closed = before.filter((row) => !left.has(key(row)))
  return [
    ...opened.map((statement) => ({ type: 'opened' as const, statement })),
    ...changed.map((statement) => ({ type: 'changed' as const, statement })),
    ...closed.map((statement) => ({ type: 'closed' as const, statement, ...end(statement) })),
  ]
}
