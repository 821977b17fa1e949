import { join } from 'node:path'
import { toProblem } from '../base/problem.ts'
import type { BackupSet } from '../domain/backup-set.ts'
import type { UserContent } from '../domain/user-content.ts'
import type { SetId, Subject } from '../domain/words.ts'
import { isSafePath } from './manifest.ts'
import { userInExport } from './user-in-export.ts'

/** What one set holds of a user, in the export of one pool. */
export interface UserCopy {
  set: BackupSet
  pool: Subject
  content: UserContent
}

/** An export that could not be read, and why. */
interface UnreadCopy {
  set: SetId
  pool: Subject
  message: string
}

/** What each of these sets holds of the user, in their order; damaged sets and items that are not ok are passed over. */
export async function userInSets(
  user: string,
  sets: readonly BackupSet[],
  signal: AbortSignal,
): Promise<{ copies: UserCopy[]; unread: UnreadCopy[] }> {
  const copies: UserCopy[] = []
  const unread: UnreadCopy[] = []
  for (const set of sets)
    for (const { subject: pool, path } of exportsIn(set))
      try {
        const content = await userInExport(join(set.path, ...path.split('/')), user, signal)
        if (content) copies.push({ set, pool, content })
      } catch (thrown) {
        signal.throwIfAborted()
        unread.push({ set: set.id, pool, message: toProblem(thrown).message })
      }
  return { copies, unread }
}

/** Whether the set has an export of user data that counts. */
export function holdsUserData(set: BackupSet): boolean {
  return exportsIn(set).length > 0
}

function exportsIn({ state, finishedAt, items, unvouched }: BackupSet): BackupSet['items'] {
  if (state === 'damaged' || finishedAt === null || unvouched) return []
  return items.filter(({ kind, outcome, path }) => kind === 'user-data' && outcome === 'ok' && isSafePath(path))
}
