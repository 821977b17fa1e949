import { onceFor } from '../../base/once-for.ts'
import type { Action } from '../../domain/action.ts'
import { addSeconds, type Time } from '../../base/time.ts'
import type { BackupPolicy } from '../../domain/model.ts'
import { newest } from '../../domain/recovery-point.ts'
import type { SetSummary } from '../../domain/backup-set.ts'
import type { Item } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'
import { completeSets } from '../selections.ts'
import { actionId } from './hash.ts'
import { backoff } from './tries.ts'

const secondsPerDay = 86_400

/**
 * By age, and only of the newest set, SQL Server proves the database backups: it reads all of them, through production
 * (RESTORE VERIFYONLY), unless the policy gives an instance for restore tests, which does that and more.
 */
export function dueDatabaseProof(policy: BackupPolicy, digest: Digest): Action | null {
  const { everyDays, restoreTest } = policy.verification
  if (everyDays === null) return null
  const sets = completeSets(digest.setsOf(policy.name))
  const set = newest(sets, digest.now, ({ ok }) => holdsDatabases(ok))
  if (set === null) return null
  const level = restoreTest === null ? 'sql' : 'restore'
  const since = lastProof[level](sets) ?? firstEnd(sets)
  if (since === null || since > addSeconds(digest.now, -everyDays * secondsPerDay)) return null
  const attempts = digest.attempts('verify-backup-set', set.id)
  const failures = attempts.filter(({ outcome }) => outcome === 'failed').map(({ endedAt }) => endedAt)
  const retry = backoff(failures, digest.now)
  if (retry !== null && retry > digest.now) return null
  return {
    location: set.location,
    kind: 'verify-backup-set',
    id: actionId('verify-backup-set', set.id, [level, since, attempts.length]),
    subject: set.id,
    set: set.id,
    level,
    cause: 'scheduled',
    reason: `SQL Server proved no database backup of ${policy.name} for more than ${everyDays} days.`,
    request: null,
  }
}

/** Sets share their lists of items, so each list is looked through once. */
const holdsDatabases = onceFor((items: readonly Item[]) => items.some(({ kind }) => kind === 'sql-database'))

/** A restore test reads all that `sql` reads. */
const lastProof = {
  sql: onceFor((sets: readonly SetSummary[]) =>
    sets.reduce<Time | null>((newer, { verified }) => later(later(newer, verified.restore), verified.sql), null),
  ),
  restore: onceFor((sets: readonly SetSummary[]) =>
    sets.reduce<Time | null>((newer, { verified }) => later(newer, verified.restore), null),
  ),
}

function later(a: Time | null, b: Time | undefined): Time | null {
  return b !== undefined && (a === null || b > a) ? b : a
}

/** Before any proof, the policy's first set counts: a deployment is not asked for one on its first day. */
const firstEnd = onceFor((sets: readonly SetSummary[]) =>
  sets.reduce<Time | null>(
    (first, { finishedAt }) => (finishedAt !== null && (first === null || finishedAt < first) ? finishedAt : first),
    null,
  ),
)
