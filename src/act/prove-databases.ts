import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { meaningOf } from '../base/problem-codes.ts'
import { Problem, systemCode, toProblem } from '../base/problem.ts'
import { randomId } from '../base/random.ts'
import { sqlSubject } from '../domain/subject.ts'
import type { SqlStore } from '../domain/model.ts'
import { uncPath, type BackupSet, type ItemOutcome, type SetProblem } from '../domain/backup-set.ts'
import type { Item } from '../domain/words.ts'
import { isUnreachable } from '../drivers/sql/errors.ts'
import type { SqlAddress } from '../drivers/sql/sql-server.ts'
import { policyOf } from './desired-parts.ts'
import type { Tools } from './handler.ts'
import { addressesOf } from './sql-addresses.ts'

/** The levels for which SQL Server is asked. */
export type DatabaseLevel = 'sql' | 'restore'

/** What SQL Server says of the backups in a set. */
export interface DatabaseCheck {
  /** How many it looked at to the end. */
  checked: number
  problems: SetProblem[]
  damaged: Item[]
  /** Why some could not be looked at: that says nothing of them. */
  failures: Problem[]
}

/** Asks SQL Server to read every database backup of the set, as the instance itself reaches the file. */
export async function checkDatabases(
  set: BackupSet,
  level: DatabaseLevel,
  tools: Tools,
  signal: AbortSignal,
): Promise<DatabaseCheck> {
  const prove = level === 'sql' ? readBack : restoreTestOf(set, tools)
  const found: DatabaseCheck = { checked: 0, problems: [], damaged: [], failures: [] }
  const check = async (item: ItemOutcome): Promise<void> => {
    try {
      await prove(item, set, tools, signal)
      found.checked++
    } catch (thrown) {
      signal.throwIfAborted()
      const problem = toProblem(thrown, item.subject)
      const fault = await faultOf(problem, join(set.path, item.path))
      if (fault === null) {
        found.failures.push(problem)
        return
      }
      found.checked++
      found.problems.push({ file: item.path, ...fault })
      found.damaged.push({ kind: item.kind, subject: item.subject })
    }
  }
  await Promise.all(set.items.filter(holdsBackup).map(check))
  found.problems.sort((a, b) => (a.file < b.file ? -1 : 1))
  return found
}

function holdsBackup({ kind, outcome }: ItemOutcome): boolean {
  return kind === 'sql-database' && (outcome === 'ok' || outcome === 'suspect' || outcome === 'damaged')
}

type Prove = (item: ItemOutcome, set: BackupSet, tools: Tools, signal: AbortSignal) => Promise<void>

/** RESTORE VERIFYONLY by the instance that the backup came from; where it does not answer, by its partner. */
const readBack: Prove = async (item, set, tools, signal) => {
  const [first, ...others] = addressesOf(item, tools)
  if (!first) throw new Problem('unexpected', { subject: item.subject, message: 'This is not a database.' })
  const ask = (address: SqlAddress): Promise<void> =>
    tools.limit({ kind: 'sqlInstance', subject: sqlSubject(address) }, signal, () =>
      tools.drivers.sql(address).verify(uncPath(set, item.path), signal),
    )
  for (let address = first; ;) {
    try {
      await ask(address)
      return
    } catch (thrown) {
      const next = others.shift()
      if (!next || !isUnreachable(thrown)) throw thrown
      address = next
    }
  }
}

/** A restore of each backup on the instance that the policy names for that, and DBCC CHECKDB of what came. */
function restoreTestOf(set: BackupSet, tools: Tools): Prove {
  const { restoreTest } = policyOf(set.policy, tools).verification
  if (restoreTest === null)
    throw new Problem('level-not-available', {
      subject: set.id,
      message: `Policy ${set.policy} does not name an instance on which backups may be restored for a test.`,
      hint: 'Commit verification.restoreTest { sqlStore, folder } in the policy, or use level sql.',
    })
  const { sqlStore, folder } = restoreTest
  return (item, _set, _tools, signal) => restoreOn(sqlStore, folder, uncPath(set, item.path), tools, signal)
}

function restoreOn(store: SqlStore, folder: string, path: string, tools: Tools, signal: AbortSignal): Promise<void> {
  const { drivers, owner } = tools
  const request = { path, folder, owner, id: randomId(drivers.random) }
  return tools.limit({ kind: 'sqlInstance', subject: sqlSubject(store) }, signal, () =>
    drivers.sql(store).restoreTest(request, { signal }),
  )
}

/** What is wrong with the file; null: it could not be looked at. That it is gone is believed when we see it too. */
async function faultOf(problem: Problem, file: string): Promise<Pick<SetProblem, 'kind' | 'message'> | null> {
  if (meaningOf(problem.code).damage) return { kind: 'content', message: problem.message }
  if (problem.code !== 'sql-path-missing') return null
  try {
    await lstat(file)
    return null
  } catch (thrown) {
    return systemCode(thrown) === 'ENOENT' ? { kind: 'missing', message: 'it is not there' } : null
  }
}
