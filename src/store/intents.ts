/** Intent before an action, outcome after it; both with their journal entry, and the end with the request's answer. */
import type { Clock } from '../base/clock.ts'
import { scrub } from '../base/log.ts'
import { secondsBetween, type Time } from '../base/time.ts'
import { traitsOf, type Action, type ActionOf, type Attempt } from '../domain/action.ts'
import { withFields } from '../domain/entry-fields.ts'
import type { StepProgress } from '../domain/plan.ts'
import type { SetId } from '../domain/words.ts'
import { addAttempt, wasDone, worstOf } from './attempts.ts'
import type { Database } from './database.ts'
import type { Journal } from './journal.ts'
import type { PastRunsKept } from './past-runs.ts'
import { answerRequest } from './requests.ts'
import type { RestoreProofsKept } from './restore-proofs.ts'
import type { IntentRow } from './schema.ts'
import { assignments, insert, sql } from './statement.ts'
import type { StepCounts } from './step-counts.ts'

export interface Intents {
  /**
   * Records the intent; false when an action of that id is open or was done already: a set is made once. What
   * others may move (the pointer) is done again as often as they do. Journals `action-started`.
   */
  open(action: Action): boolean
  /** Notes the folder that an open action writes, so that it can be found after a crash. */
  note(id: string, set: SetId): void
  /** Notes how far an open action is; not journalled, and lost when the power fails. */
  advance(id: string, progress: StepProgress): void
  /** How far open actions are, by id: those that say so. */
  progress(): Readonly<Record<string, StepProgress>>
  /**
   * Records how it ended, and journals `action-<outcome>`. Answers its request once no other action of that request
   * is open, with the worst of their ends.
   */
  close(id: string, attempt: Attempt): void
  /** Open intents, oldest first, with the folder noted. */
  unresolved(): { action: Action; startedAt: Time; set: SetId | null }[]
}

export function openIntents(
  database: Database,
  journal: Journal,
  clock: Clock,
  appliedRevision: () => string,
  {
    pastRuns,
    stepCounts,
    restoreProofs,
  }: { pastRuns: PastRunsKept; stepCounts: StepCounts; restoreProofs: RestoreProofsKept },
): Intents {
  const intentOf = (id: string) => sql<IntentRow>`SELECT * FROM intent WHERE id = ${id}`
  function note(action: Action, type: string, message: string): void {
    journal.append({
      actor: action.request?.actor ?? 'holdfast',
      cause: action.cause,
      revision: appliedRevision(),
      type,
      subject: action.subject,
      message: `${action.kind}: ${message}`,
    })
  }
  return {
    open(action) {
      return database.durably(() => {
        if (database.first(intentOf(action.id))) return false
        if (!traitsOf(action).repeatable && wasDone(database, action.id)) return false
        const request = action.request?.id ?? null
        const row = {
          id: action.id,
          action: JSON.stringify(action),
          startedAt: clock.now(),
          setId: null,
          request,
          percent: null,
          reading: null,
        }
        database.run(insert('intent', row))
        note(action, 'action-started', action.reason)
        return true
      })
    },
    note(id, set) {
      database.durably(() => database.run(sql`UPDATE intent SET setId = ${set} WHERE id = ${id}`))
    },
    advance(id, { percent, reading }) {
      const change = assignments<'intent'>({ percent, reading: reading ? 1 : 0 })
      database.briefly(() => database.run(sql`UPDATE intent SET ${change} WHERE id = ${id}`))
    },
    progress() {
      const telling = sql<
        Pick<IntentRow, 'id' | 'percent' | 'reading'>
      >`SELECT id, percent, reading FROM intent WHERE percent IS NOT NULL`
      const rows = database.all(telling)
      return Object.fromEntries(
        rows.map(({ id, percent, reading }) => [id, { percent: percent ?? 0, reading: reading === 1 }]),
      )
    },
    close(id, attempt) {
      const clean = scrubbed(attempt)
      database.durably(() => {
        const open = database.first(intentOf(id))
        if (!open) throw new Error(`no open intent ${id}`)
        database.run(sql`DELETE FROM intent WHERE id = ${id}`)
        addAttempt(database, clean)
        const action = JSON.parse(open.action) as Action
        if (open.request !== null) answerWhenAllEnded(database, open.request)
        // Who gave up interrupts what the others still wait for: they get the next one.
        if (clean.outcome !== 'interrupted')
          for (const request of action.alsoFor ?? []) answerRequest(database, { ...clean, request })
        if (action.kind === 'recovery-step') pastRuns.add(action, clean)
        if (action.kind === 'verify-backup-set') {
          pastRuns.addTest(clean)
          restoreProofs.add(action, clean)
        }
        if (clean.outcome === 'done') stepCounts.forget(id)
        const end = action.kind === 'recovery-step' ? endOfStep(action, clean) : endOf(clean)
        note(action, `action-${attempt.outcome}`, end)
      })
    },
    unresolved() {
      const open = sql<IntentRow>`SELECT * FROM intent ORDER BY number`
      return database.all(open).map((row) => ({
        action: JSON.parse(row.action) as Action,
        startedAt: row.startedAt,
        set: row.setId,
      }))
    },
  }
}

function answerWhenAllEnded(database: Database, request: string): void {
  if (database.first(sql`SELECT id FROM intent WHERE request = ${request}`)) return
  const answer = worstOf(database, request)
  if (answer) answerRequest(database, answer)
}

function scrubbed(attempt: Attempt): Attempt {
  const { message, problems } = attempt
  return {
    ...attempt,
    message: message === null ? null : scrub(message),
    ...(problems ? { problems: problems.map((found) => ({ ...found, message: scrub(found.message) })) } : {}),
  }
}

/** With the fields that the story of a recovery is made from. */
function endOfStep(
  action: ActionOf<'recovery-step'>,
  { outcome, set, message, startedAt, endedAt, restored }: Attempt,
): string {
  const { recovery, server, step } = action
  const took = Math.round(restored?.seconds ?? secondsBetween(startedAt, endedAt))
  const count = Object.entries(restored?.counts ?? {}).map(([what, number]) => `${what} ${number}`)
  return withFields({ recovery, server, step, outcome, took, set, bytes: restored?.bytes, count }, message ?? '')
}

function endOf({ outcome, set, message }: Attempt): string {
  return [outcome, set === null ? '' : `, set ${set}`, message === null ? '' : `: ${message}`].join('')
}
