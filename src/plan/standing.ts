import type { Time } from '../base/time.ts'
import { foldSubject } from '../domain/subject.ts'
import type { Condition, Finding, Flag, Standing } from '../domain/statement.ts'

/** A statement before it is known how long it has held. */
export type Fresh<T extends { since: Time }> = Omit<T, 'since'>
export interface FreshStanding {
  conditions: readonly Fresh<Condition>[]
  findings: readonly Fresh<Finding>[]
  /** Flags know since when by themselves: the loss began before they rose. */
  flags: readonly Flag[]
}

/** What journal and notices need: a statement that is new, says something else than before, or holds no more. */
export interface Change {
  type: 'opened' | 'changed' | 'closed'
  statement: Condition | Finding | Flag
}

/** Gives each statement the time since when it holds: that of the last pass where it said the same, else `at`. */
export function carry(before: Standing, now: FreshStanding, at: Time): Standing {
  return {
    conditions: since(before.conditions, now.conditions, conditionKey, (row) => `${row.status} ${row.reason}`, at),
    findings: since(before.findings, now.findings, findingKey, (row) => row.severity, at),
    flags: now.flags,
  }
}

/**
 * What became different between two passes. A condition opens when it is first said; it never closes but with its
 * subject. A new revision or another time alone is no change.
 */
export function changes(before: Standing, after: Standing): Change[] {
  return [
    ...compare(before.conditions, after.conditions, conditionKey, conditionText),
    ...compare(before.findings, after.findings, findingKey, findingText),
    ...compare(before.flags, after.flags, flagKey, flagText),
  ]
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

function compare<T extends Change['statement']>(
  before: readonly T[],
  after: readonly T[],
  key: (row: T) => string,
  text: (row: T) => string,
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
    ...closed.map((statement) => ({ type: 'closed' as const, statement })),
  ]
}
