import type { Clock } from '../base/clock.ts'
import { scrub } from '../base/log.ts'
import { Problem } from '../base/problem.ts'
import { randomId, type Random } from '../base/random.ts'
import { addSeconds } from '../base/time.ts'
import type { ActionKind, Attempt, Request, Wish } from '../domain/action.ts'
import type { Database } from './database.ts'
import type { Journal } from './journal.ts'
import type { RequestRow } from './schema.ts'
import { insert, sql } from './statement.ts'

export interface Requests {
  /** Throws `too-many-requests` where a thousand wait, checks of sets aside: of these, each set has its own. */
  ask(wish: Wish, actor: string): Request
  /** Answered or still waiting; null when the id is unknown. `begun`: an action for it is under way. */
  find(id: string): { request: Request; answer: Attempt | null; begun: boolean } | null
  /** Oldest first. */
  waiting(): Request[]
  /** Answers a request that no action can serve. */
  refuse(id: string, why: { guard?: string; message: string }): void
}

/** An answered request is kept this long for whoever still waits for it. */
const keptSeconds = 7 * 86_400
const mostOpen = 1_000

export function openRequests(database: Database, journal: Journal, clock: Clock, random: Random): Requests {
  function find(id: string): ReturnType<Requests['find']> {
    const row = database.first(sql<RequestRow>`SELECT * FROM request WHERE id = ${id}`)
    if (!row) return null
    const answer = row.answer === null ? null : (JSON.parse(row.answer) as Attempt)
    return { request: requestOf(row), answer, begun: hasBegun(id) }
  }
  /** An intent names the request that it was made for, and in its action those that share it. */
  function hasBegun(id: string): boolean {
    const shared = `%"alsoFor":[%"${id}"%`
    return database.first(sql`SELECT id FROM intent WHERE request = ${id} OR action LIKE ${shared}`) !== undefined
  }

  function refuseTooMany(wish: Wish): void {
    if ('verify' in wish) return
    const others = sql`
      SELECT id FROM request WHERE answeredAt IS NULL AND wish NOT LIKE '{"verify"%' LIMIT ${mostOpen}`
    if (database.all(others).length < mostOpen) return
    throw new Problem('too-many-requests', {
      subject: aimOf(wish).subject,
      message: `${mostOpen} requests wait already.`,
      hint: 'Find out what asks so often, and see with holdfast plan what they wait for.',
    })
  }

  return {
    find,
    ask(wish, actor) {
      const request = { id: randomId(random), at: clock.now(), actor: scrub(actor), wish }
      return database.durably(() => {
        refuseTooMany(wish)
        const old = addSeconds(request.at, -keptSeconds)
        database.run(sql`DELETE FROM request WHERE answeredAt < ${old}`)
        database.run(insert('request', { ...request, wish: JSON.stringify(wish) }))
        return request
      })
    },
    waiting() {
      const open = sql<RequestRow>`SELECT * FROM request WHERE answeredAt IS NULL ORDER BY at, id`
      return database.all(open).map(requestOf)
    },
    refuse(id, { guard, message }) {
      database.durably(() => {
        const found = find(id)
        if (!found || found.answer) return
        const at = clock.now()
        const answer: Attempt = {
          action: '',
          ...aimOf(found.request.wish),
          slot: null,
          startedAt: at,
          endedAt: at,
          outcome: 'refused',
          message: scrub(message),
          set: null,
          request: id,
          ...(guard === undefined ? {} : { guard }),
        }
        answerRequest(database, answer)
        journal.append({
          actor: found.request.actor,
          cause: 'manual',
          revision: '',
          type: 'request-refused',
          subject: answer.subject,
          message,
        })
      })
    },
  }
}

/** Within a transaction: the first answer to a request stays. */
export function answerRequest(database: Database, answer: Attempt): void {
  if (answer.request === null) return
  database.run(sql`
    UPDATE request SET answeredAt = ${answer.endedAt}, answer = ${JSON.stringify(answer)}
    WHERE id = ${answer.request} AND answeredAt IS NULL`)
}

function requestOf(row: { id: string; at: string; actor: string; wish: string }): Request {
  return { id: row.id, at: row.at, actor: row.actor, wish: JSON.parse(row.wish) as Wish }
}

function aimOf(wish: Wish): { kind: ActionKind; subject: string } {
  if ('backup' in wish) return { kind: 'create-backup-set', subject: wish.backup }
  if ('verify' in wish) return { kind: 'verify-backup-set', subject: wish.verify ?? '' }
  if ('restore' in wish) return { kind: 'recovery-step', subject: wish.restore }
  return { kind: 'take-over-location', subject: wish.takeOver }
}
