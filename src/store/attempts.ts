/** How past actions ended: as much of it as still decides something, so that the table stays small for ever. */
import { addSeconds, type Time } from '../base/time.ts'
import { foldSubject } from '../domain/subject.ts'
import { repeatableKinds, type ActionKind, type Attempt } from '../domain/action.ts'
import type { SetProblem } from '../domain/backup-set.ts'
import type { Outcome } from '../domain/words.ts'
import type { Database } from './database.ts'
import type { AttemptRow } from './schema.ts'
import { insert, sql } from './statement.ts'

/** A done action does not start again while its end is so young; by then the world itself shows what was done. */
const doneKeptSeconds = 7 * 86_400
/** Its file may stay in Git for ever, and nothing in the world shows that it was done: so its end is kept for ever. */
const lasting: ActionKind = 'restore-user'
/** Of a subject that fails for ever, and of one that Git no longer names. */
const mostPerSubject = 20
const otherKeptSeconds = 90 * 86_400

/** Within a transaction. Forgets what the new attempt makes meaningless. */
export function addAttempt(database: Database, attempt: Attempt): void {
  const { set, problems, code = null, restored: _, proved: _proved, trials: _trials, ...rest } = attempt
  const subjectKey = foldSubject(attempt.subject)
  const found = problems === undefined ? null : JSON.stringify(problems)
  database.run(insert('attempt', { ...rest, subjectKey, setId: set, code, problems: found }))
  const sameSubject = sql<Pick<AttemptRow, 'number'>>`
    SELECT number FROM attempt WHERE kind = ${attempt.kind} AND subjectKey = ${subjectKey} AND outcome <> 'done'
    ORDER BY number DESC`
  const kept = attempt.outcome === 'done' ? 0 : mostPerSubject
  const over = database.all(sameSubject).slice(kept)
  if (over.length > 0) database.run(sql`DELETE FROM attempt WHERE number IN ${over.map(({ number }) => number)}`)
  const before = addSeconds(attempt.endedAt, -doneKeptSeconds)
  database.run(sql`DELETE FROM attempt WHERE outcome = 'done' AND kind <> ${lasting} AND endedAt < ${before}`)
  for (const outcome of ['partial', 'failed', 'refused', 'interrupted'] as const)
    forgetBefore(database, outcome, addSeconds(attempt.endedAt, -otherKeptSeconds))
}

function forgetBefore(database: Database, outcome: Exclude<Outcome, 'done'>, before: Time): void {
  database.run(sql`DELETE FROM attempt WHERE outcome = ${outcome} AND endedAt < ${before}`)
}

export function wasDone(database: Database, action: string): boolean {
  return database.first(sql`SELECT number FROM attempt WHERE action = ${action} AND outcome = 'done'`) !== undefined
}

/** Of each subject those since its last `done`, oldest first. */
export function openAttempts(database: Database): Attempt[] {
  return database.all(sql<AttemptRow>`SELECT * FROM attempt WHERE outcome <> 'done' ORDER BY number`).map(attemptOf)
}

const latelySeconds = 3600

/** Actions that may be done again and again, as far as they were done within the last hour, oldest first. */
export function doneLately(database: Database, now: Time): Attempt[] {
  const lately = sql<AttemptRow>`
    SELECT * FROM attempt
    WHERE outcome = 'done' AND kind IN ${repeatableKinds} AND endedAt > ${addSeconds(now, -latelySeconds)}
    ORDER BY number`
  return database.all(lately).map(attemptOf)
}

/** Steps of recoveries, and restores of users, that were run to their end, oldest first. */
export function ranSteps(database: Database): Attempt[] {
  const kinds: ActionKind[] = ['recovery-step', lasting]
  return database
    .all(sql<AttemptRow>`SELECT * FROM attempt WHERE kind IN ${kinds} AND outcome = 'done' ORDER BY number`)
    .map(attemptOf)
}

const fromWorst: readonly Outcome[] = ['failed', 'interrupted', 'refused', 'partial', 'done']

/** Of all actions of one request, the end that its asker should hear of. */
export function worstOf(database: Database, request: string): Attempt | undefined {
  return database
    .all(sql<AttemptRow>`SELECT * FROM attempt WHERE request = ${request} ORDER BY number DESC`)
    .map(attemptOf)
    .sort((a, b) => fromWorst.indexOf(a.outcome) - fromWorst.indexOf(b.outcome))[0]
}

function attemptOf(row: Omit<AttemptRow, 'number'>): Attempt {
  return {
    action: row.action,
    kind: row.kind as ActionKind,
    subject: row.subject,
    slot: row.slot,
    startedAt: row.startedAt,
    endedAt: row.endedAt,
    outcome: row.outcome as Outcome,
    message: row.message,
    set: row.setId,
    request: row.request,
    ...(row.code === null ? {} : { code: row.code }),
    ...(row.problems === null ? {} : { problems: JSON.parse(row.problems) as SetProblem[] }),
  }
}
