import { lstat } from 'node:fs/promises'
import { Problem, systemCode } from '../base/problem.ts'
import type { ActionOf } from '../domain/action.ts'
import type { BackupSet, SetProblem } from '../domain/backup-set.ts'
import type { Item, Level, SetId } from '../domain/words.ts'
import { checkSet } from '../sets/check.ts'
import { unclaimed, unreachable } from '../sets/identity.ts'
import { readLocation } from '../sets/location.ts'
import { locationNamed } from './desired-parts.ts'
import type { Ending, Handler, Tools } from './handler.ts'
import { checkDatabases, type DatabaseLevel } from './prove-databases.ts'

/** The levels that need only the files. */
export type FileLevel = Extract<Level, 'structure' | 'checksum' | 'content'>

/** Looks at a set again; damage is remembered for good, success with its time. */
export const verifyBackupSet: Handler<ActionOf<'verify-backup-set'>> = {
  async run(action, tools, signal) {
    const set = tools.sets().find(({ id }) => id === action.set)
    if (!set) throw unknownSet(action.set)
    const level = action.level
    if (level === 'sql' || level === 'restore') return proveDatabases(set, level, tools, signal)
    const { share } = locationNamed(set.location, tools)
    return tools.limit({ kind: 'share', subject: share }, signal, () => proveSet(set, level, tools, signal))
  },

  // Nothing is known before the end of a check, so an interrupted one is none.
  resolve: (action) =>
    Promise.resolve({ outcome: 'interrupted', message: 'The daemon ended in the middle of it.', set: action.set }),
}

/**
 * Checks the files of a set and keeps the result as a proof. Damage is final, so it is reported only of a folder that is
 * there, on the share that it was on: throws Problem `location-unreachable`, `location-unclaimed` or `set-unknown` else.
 */
export async function proveSet(set: BackupSet, level: FileLevel, tools: Tools, signal: AbortSignal): Promise<Ending> {
  return keepProof(set, level, await checkSet(set, level, signal), tools)
}

/** The same by SQL Server. A set without database backups is proved by nothing, so nothing is kept. */
async function proveDatabases(
  set: BackupSet,
  level: DatabaseLevel,
  tools: Tools,
  signal: AbortSignal,
): Promise<Ending> {
  const { checked, failures, ...found } = await checkDatabases(set, level, tools, signal)
  const [failure] = failures
  if (failure && found.problems.length === 0) throw failure
  if (checked === 0)
    return { outcome: 'done', message: 'It does not contain a database backup.', set: set.id, problems: [] }
  const ending = await keepProof(set, level, found, tools)
  return failure ? { ...ending, message: `${ending.message ?? ''}; not looked at: ${failure.message}` } : ending
}

async function keepProof(
  set: BackupSet,
  level: Level,
  { problems, damaged }: { problems: SetProblem[]; damaged: Item[] },
  tools: Tools,
): Promise<Ending> {
  if (problems.length > 0) await expectFolder(set, tools)
  const at = tools.drivers.clock.now()
  const outcome = problems.length === 0 ? 'ok' : 'damaged'
  await tools.keep(() => {
    tools.cache.prove(set.id, { level, at, outcome, damagedItems: damaged })
  })
  const [first] = problems
  const message = first
    ? `damaged: ${first.file}: ${first.message}${problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''}`
    : null
  return { outcome: 'done', message, set: set.id, problems }
}

async function expectFolder(set: BackupSet, tools: Tools): Promise<void> {
  const location = locationNamed(set.location, tools)
  const { identity } = await readLocation(location, tools.owner, tools.drivers)
  if (identity === null) throw unclaimed(location)
  try {
    await lstat(set.path)
  } catch (thrown) {
    throw systemCode(thrown) === 'ENOENT' ? unknownSet(set.id) : unreachable(location, thrown)
  }
}

function unknownSet(id: SetId): Problem {
  return new Problem('set-unknown', {
    subject: id,
    message: 'No location holds such a set.',
    hint: 'holdfast sets lists them.',
  })
}
