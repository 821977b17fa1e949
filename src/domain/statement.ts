/** What is said of the world: promises, findings, flags, and what each machine and its things are seen to be. */
import type { ProblemCode } from '../base/problem-codes.ts'
import type { Time } from '../base/time.ts'
import type { Runbook } from './runbook.ts'
import type { Class, ConditionType, Scenario, Subject } from './words.ts'

export interface Condition {
  subject: Subject
  type: ConditionType
  status: 'true' | 'false' | 'unknown'
  /** One word in CamelCase, stable. */
  reason: string
  message: string
  since: Time
  /** The revision it was judged by; empty before any was applied. */
  revision: string
}

/** Something wrong in the world: a row only while it lasts. */
export interface Finding {
  code: ProblemCode
  severity: 'warning' | 'error'
  subject: Subject
  desired: string
  observed: string
  since: Time
  message: string
  /** What to do; left out where the page of the code says it all. */
  remedy?: string
}

/** A statement's ground: what was seen, where, when. */
export interface Evidence {
  fact: string
  value: string
  source: string
  observedAt: Time
  ageSeconds: number
}

/** `rebuild-required` on what must be rebuilt. */
export interface Flag {
  subject: Subject
  scenario: Scenario
  reason: string
  since: Time
  /** When it was seen lost, where only a part of it was flagged before: what came back of that part may be lost again. */
  lostAgainAt?: Time
  evidence: readonly Evidence[]
  /** Every class of the subject since the flag opened, in the order of `classes`. */
  seen: readonly Class[]
  /** The same of the databases and shares for which it speaks, as far as they were lost by themselves; absent: none was. */
  seenOf?: readonly { subject: Subject; seen: readonly Class[] }[]
}

/** The class of one host, database or file store. */
export interface ClassRow {
  subject: Subject
  class: Class
  /** Since when it is so without a break, as far as the observations tell. */
  since: Time
  /** One sentence for a person. */
  reason: string
}

/** A class with what made it. */
export interface Classified extends ClassRow {
  /** Made when it is asked for: most classes are never explained. */
  because(): readonly Evidence[]
}

export interface Standing {
  conditions: readonly Condition[]
  findings: readonly Finding[]
  flags: readonly Flag[]
  /** One for each flag. */
  runbooks: readonly Runbook[]
  /** Of recoveries whose flag has closed, and of which something is left to do; absent: of none. */
  leftovers?: readonly Runbook[]
}
