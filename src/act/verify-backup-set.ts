import { lstat } from 'node:fs/promises'
import { Problem, systemCode } from '../base/problem.ts'
import type { ActionOf } from '../domain/action.ts'
import type { BackupSet, SetProblem } from '../domain/backup-set.ts'
import { trialInWords } from '../domain/restore-proofs.ts'
import type { Item, Level, SetId } from '../domain/words.ts'
import { checkSet } from '../sets/check.ts'
import { unclaimed, unreachable } from '../sets/identity.ts'
import { readLocation } from '../sets/location.ts'
import { locationNamed } from './desired-parts.ts'
import type { Ending, Handler, Tools } from './handler.ts'
import { readDatabases } from './prove-databases.ts'
import type { RestoreCheck } from './restore-check.ts'
import { clearScratch, restoreAll } from './restore-test.ts'

/** The levels that need only the files. */
export type FileLevel = Extract<Level, 'structure' | 'checksum' | 'content'>

/** Looks at a set again; damage is remembered for good, success with its time. */
export const verifyBackupSet: Handler<ActionOf<'verify-backup-set'>> = {
  async run(action, tools, signal) {
    const set = tools.sets().find(({ id }) => id === action.set)
    if (!set) throw unknownSet(action.set)
    const level = action.level
    if (level === 'sql') return keepCheck(set, level, await readDatabases(set, tools, signal), tools)
    if (level === 'restore') return keepCheck(set, level, await restoreAll(set, tools, signal), tools)
    const { share } = locationNamed(set.location, tools)
    return tools.limit({ kind: 'share', subject: share }, signal, () => proveSet(set, level, tools, signal))
  },

  // Nothing is known before the end of a check, so an interrupted one is none. What a restore test made goes.
  async resolve(action, _set, tools) {
    if (action.level === 'restore') await clearScratch(action.set, tools)
    return { outcome: 'interrupted', message: 'The daemon ended in the middle of it.', set: action.set }
  },
}

/**
 * Checks the files of a set and keeps the result as a proof. Damage is final, so it is reported only of a folder that is
 * there, on the share that it was on: throws Problem `location-unreachable`, `location-unclaimed` or `set-unknown` else.
 */
export async function proveSet(set: BackupSet, level: FileLevel, tools: Tools, signal: AbortSignal): Promise<Ending> {
  return keepProof(set, level, await checkSet(set, level, signal), tools)
}

/** The same by restoring, or by SQL Server. A set in which nothing can be looked at so is proved by nothing, so nothing is kept. */
async function keepCheck(
  set: BackupSet,
  level: 'sql' | 'restore',
  { checked, failures, proved, trials, ...found }: RestoreCheck,
  tools: Tools,
): Promise<Ending> {
  const [failure] = failures
  const ofTest = level === 'restore' ? { proved, ...(trials.length > 0 ? { trials } : {}) } : {}
  if (failure && found.problems.length === 0) throw failure
  if (checked === 0) return { outcome: 'done', message: nothingIn[level], set: set.id, problems: [], ...ofTest }
  const ending = { ...(await keepProof(set, level, found, tools)), ...ofTest }
  const told = [
    ending.message,
    failure ? `not looked at: ${failure.message}` : null,
    trials.length > 0 ? trialInWords(trials) : null,
  ].filter((one) => one !== null)
  return { ...ending, message: told.length === 0 ? null : told.join('; ') }
}

const nothingIn = {
  sql: 'It does not contain a database backup.',
  restore: 'It does not contain anything that its policy restores for a test.',
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
