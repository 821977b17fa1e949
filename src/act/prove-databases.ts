import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { meaningOf } from '../base/problem-codes.ts'
import { Problem, systemCode, toProblem } from '../base/problem.ts'
import { randomId } from '../base/random.ts'
import { sqlSubject } from '../domain/subject.ts'
import type { RestoreTest } from '../domain/model.ts'
import type { ProvedItem } from '../domain/restore-proofs.ts'
import { uncPath, type BackupSet, type ItemOutcome, type SetProblem } from '../domain/backup-set.ts'
import { isLyncDatabase } from '../domain/databases.ts'
import { isUnreachable } from '../drivers/sql/errors.ts'
import type { SqlAddress, SqlServer } from '../drivers/sql/sql-server.ts'
import { proveFile } from '../sets/proven.ts'
import type { Tools } from './handler.ts'
import { nothingProved, type RestoreCheck } from './restore-check.ts'
import { addressesOf } from './sql-addresses.ts'

/** RESTORE VERIFYONLY of every database backup of the set, by the instance that it came from. */
export function readDatabases(set: BackupSet, tools: Tools, signal: AbortSignal): Promise<RestoreCheck> {
  return checkDatabases(set, readBack, tools, signal)
}

/** A restore of each on the instance that is given for that, and DBCC CHECKDB of what came. */
export async function restoreDatabases(
  set: BackupSet,
  { sqlStore, folder }: NonNullable<RestoreTest['databases']>,
  tools: Tools,
  signal: AbortSignal,
): Promise<RestoreCheck> {
  if (!set.items.some(holdsBackup)) return nothingProved()
  const server = tools.drivers.sql(sqlStore)
  await refuseInUse(server, signal)
  const request = { folder, owner: tools.owner }
  const test: Prove = async (item) => {
    const id = randomId(tools.drivers.random)
    const file = await proveFile(set, item.path, { clock: tools.drivers.clock, signal })
    const seconds = await tools.limit({ kind: 'sqlInstance', subject: server.subject }, signal, () =>
      server.restoreTest({ ...request, path: uncPath(set, item.path), id }, { signal }),
    )
    await file.expectSame(signal)
    return { kind: item.kind, bytes: item.bytes, seconds }
  }
  return checkDatabases(set, test, tools, signal)
}

/** Whatever its name is in Git: an instance that holds a database of the product is not scratch. */
async function refuseInUse(server: SqlServer, signal: AbortSignal): Promise<void> {
  const { databases } = await server.facts(signal)
  const ours = databases.map(({ name }) => name).filter(isLyncDatabase)
  if (ours.length === 0) return
  throw new Problem('scratch-in-use', {
    subject: server.subject,
    message: `${server.subject} is given for restore tests, but it holds ${ours.join(', ')}.`,
    hint: 'Give an instance that is used for nothing else; nothing was restored there.',
  })
}

/** Asks SQL Server of every database backup of the set, as the instance itself reaches the file. */
async function checkDatabases(set: BackupSet, prove: Prove, tools: Tools, signal: AbortSignal): Promise<RestoreCheck> {
  const found = nothingProved()
  const check = async (item: ItemOutcome): Promise<void> => {
    try {
      const proved = await prove(item, set, tools, signal)
      if (proved) found.proved.push(proved)
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

/** Null: it was read and not brought back. */
type Prove = (item: ItemOutcome, set: BackupSet, tools: Tools, signal: AbortSignal) => Promise<ProvedItem | null>

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
      return null
    } catch (thrown) {
      const next = others.shift()
      if (!next || !isUnreachable(thrown)) throw thrown
      address = next
    }
  }
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
