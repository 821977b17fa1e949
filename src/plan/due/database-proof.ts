import { onceFor } from '../../base/once-for.ts'
import type { Action } from '../../domain/action.ts'
import { addSeconds, type Time } from '../../base/time.ts'
import type { BackupPolicy } from '../../domain/model.ts'
import { newest } from '../../domain/recovery-point.ts'
import { proofsOf } from '../../domain/restore-proofs.ts'
import type { SetSummary } from '../../domain/backup-set.ts'
import type { Item } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'
import { completeSets, firstEnd } from '../selections.ts'
import { actionId } from './hash.ts'
import { backoff } from './tries.ts'

const secondsPerDay = 86_400

/**
 * By age, and only of the newest set, SQL Server proves the database backups: it reads all of them, through production
 * (RESTORE VERIFYONLY), unless the policy has restore tests of its databases, which do that and more.
 */
export function dueDatabaseProof(policy: BackupPolicy, digest: Digest): Action | null {
  const { everyDays, restoreTest } = policy.verification
  if (everyDays === null || restoreTest?.databases) return null
  const sets = completeSets(digest.setsOf(policy.name))
  const set = newest(sets, digest.now, ({ ok }) => holdsDatabases(ok))
  if (set === null) return null
  const restored = proofsOf(policy.name, digest.memory.restoreProofs).kinds['sql-database']?.at
  const since = later(lastRead(sets), restored) ?? firstEnd(sets)
  if (since === null || since > addSeconds(digest.now, -everyDays * secondsPerDay)) return null
  const attempts = digest.attempts('verify-backup-set', set.id)
  const failures = attempts.filter(({ outcome }) => outcome === 'failed').map(({ endedAt }) => endedAt)
  const retry = backoff(failures, digest.now)
  if (retry !== null && retry > digest.now) return null
  return {
    location: set.location,
    kind: 'verify-backup-set',
    id: actionId('verify-backup-set', set.id, ['sql', since, attempts.length]),
    subject: set.id,
    set: set.id,
    level: 'sql',
    cause: 'scheduled',
    reason: `SQL Server proved no database backup of ${policy.name} for more than ${everyDays} days.`,
    request: null,
  }
}

/** Sets share their lists of items, so each list is looked through once. */
const holdsDatabases = onceFor((items: readonly Item[]) => items.some(({ kind }) => kind === 'sql-database'))

const lastRead = onceFor((sets: readonly SetSummary[]) =>
  sets.reduce<Time | null>((newer, { verified }) => later(newer, verified.sql), null),
)

function later(a: Time | null, b: Time | undefined): Time | null {
  return b !== undefined && (a === null || b > a) ? b : a
}
