import type { Action } from '../../domain/action.ts'
import type { Digest } from '../digest.ts'
import { userRuns } from '../recovery/user-runs.ts'
import { againAt } from './tries.ts'

/** The users whose `Recovery` nothing stands against; each declaration is run once. */
export function dueUserRestores(digest: Digest): Action[] {
  return userRuns(digest).flatMap(({ recovery, action, set, state, tries }): Action[] => {
    if (state !== 'due' || set === null) return []
    const retry = againAt(tries, digest.now)
    if (retry !== null && retry > digest.now) return []
    const { name, user, pool } = recovery
    return [
      {
        ...{ kind: 'restore-user', id: action, subject: user, location: set.location },
        ...{ recovery: name, pool, set: set.id, cause: 'intentional', request: null },
        reason: `Recovery ${name} asks for ${user} of ${pool} as of ${set.startedAt}.`,
      },
    ]
  })
}
