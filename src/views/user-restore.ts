import { z } from 'zod'
import type { Snapshot } from '../domain/plan.ts'
import { countThings, type UserContent } from '../domain/user-content.ts'
import type { BackupSet } from '../domain/backup-set.ts'
import { digestOf } from '../plan/digest-of.ts'
import { userRuns, userRunStates } from '../plan/recovery/user-runs.ts'
import { subject, time } from './shapes.ts'

export const userRestoreShape = z
  .object({
    at: time,
    user: z.string().describe('SIP address without sip:'),
    copies: z
      .array(
        z.object({
          set: z.string().describe('Id of the set'),
          startedAt: time.describe('How it was then'),
          pool: subject.describe('The pool whose export holds the user'),
          contacts: z.int().min(0),
          conferences: z.int().min(0),
          verified: z.boolean().describe('The set passed a verification at level content'),
        }),
      )
      .describe('What the sets hold of the user, newest first'),
    searched: z.int().min(0).describe('How many sets were read'),
    unread: z
      .array(z.object({ set: z.string(), pool: subject, message: z.string() }))
      .describe('Exports that could not be read'),
    declared: z
      .array(
        z.object({
          recovery: z.string(),
          ...{ set: z.string(), pool: subject, state: z.enum(userRunStates) },
          why: z.array(z.string()).describe('Of refused: every reason. Of done: what was done'),
        }),
      )
      .describe('What Git declares of the user, and what became of it'),
    chosen: z.object({ set: z.string(), pool: subject }).describe('What the Recovery to commit names'),
    toCommit: z.string().describe('YAML of a whole Recovery; nothing is run before it is merged'),
    notes: z.array(z.string()).describe('Whom it touches, and what nobody can see'),
  })
  .describe('What the sets hold of one user, and the Recovery that brings it back')
export type UserRestoreView = z.infer<typeof userRestoreShape>

type Copy = { set: BackupSet; pool: string; content: UserContent }

/** `holdfast restore user`. `found`: newest first; `chosen` is one of its copies. */
export function userRestoreView(
  { desired, observed, memory, now }: Snapshot,
  user: string,
  found: { copies: readonly Copy[]; unread: UserRestoreView['unread']; searched: number },
  chosen: Copy,
  toCommit: string,
): UserRestoreView {
  return {
    ...{ at: now, user, searched: found.searched, unread: found.unread },
    copies: found.copies.map(({ set, pool, content }) => ({
      ...{ set: set.id, startedAt: set.startedAt, pool, ...countThings(content) },
      verified: set.verifications.some(({ level, outcome }) => level === 'content' && outcome === 'ok'),
    })),
    declared: userRuns(digestOf(desired, observed, memory, now))
      .filter(({ recovery }) => recovery.user === user)
      .map(({ recovery: { name, from, pool }, state, why }) => ({
        recovery: name,
        set: from,
        pool,
        state,
        why: [...why],
      })),
    chosen: { set: chosen.set.id, pool: chosen.pool },
    toCommit,
    notes: [
      `It touches ${user} alone, in ${chosen.pool}; no service stops. It merges: what was added since stays.`,
      `Whether ${user} keeps contacts in Exchange (unified contact store) cannot be seen here. Ask before you merge: where that changed since ${chosen.set.startedAt}, an old export can spoil the contact list ("Roll back migrated users").`,
    ],
  }
}
