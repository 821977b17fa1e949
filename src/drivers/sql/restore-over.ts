import type { Clock } from '../../base/clock.ts'
import { Problem, toProblem } from '../../base/problem.ts'
import { deadline } from '../deadline.ts'
import type { SqlConnections } from './connections.ts'
import { holdsBackup, readContents } from './contents.ts'
import { isUnreachable } from './errors.ts'
import { giveBack } from './give-back.ts'
import { reportProgress } from './progress.ts'
import { placeFiles } from './restore-files.ts'
import { awaitEnd, restoreEnded, type Tape } from './restore-fate.ts'
import { refuseWithout } from './rights.ts'
import { ownFile } from './rows.ts'
import type { DatabaseContents, RestoreOverRequest, SqlServer } from './sql-server.ts'
import type { SqlTarget } from './target.ts'

export interface RestoreTools {
  /** A connection for this restore alone, named `application`. */
  own: SqlConnections
  connections: SqlConnections
  application: string
  target: SqlTarget
  clock: Clock
}
type Options = Required<Parameters<SqlServer['restoreOver']>[1]>

/**
 * Restores over a database that is there, and gives it back to its users however that ends. Until RESTORE itself begins,
 * nothing is touched. An earlier restore of ours that still runs is waited for.
 */
export async function runRestoreOver(
  tools: RestoreTools,
  request: RestoreOverRequest,
  readTape: () => Promise<Tape>,
  options: Options,
): Promise<DatabaseContents> {
  const { signal, onProgress } = options
  const subject = databaseSubject(tools, request)
  await refuseWithout(['sysadmin'], tools.own, tools.target.subject, signal)
  await awaitEnd(tools, subject, signal)
  const look = (): Promise<DatabaseContents> => mayBeRestored(tools, request, options)
  // SINGLE_USER is what an earlier try left that a crash ended.
  let taken = (await look()).userAccess !== 'MULTI_USER'
  const tape = await readTape()
  let failure: Problem | null = null
  let reason: unknown
  try {
    await tools.own.query(
      'verify',
      { path: request.path },
      { signal, onMessage: (message) => reportProgress(message, (percent) => onProgress(Math.floor(percent / 2))) },
    )
    await look()
    taken = true
    await restore(tools, request, tape, options)
  } catch (thrown) {
    reason = thrown
    failure = toProblem(thrown, subject)
  }
  if (taken) await giveBack(tools, request.database, subject, failure)
  if (failure) throw reason
  return proved(tools, request, tape, signal)
}

function databaseSubject({ target }: RestoreTools, { database }: RestoreOverRequest): string {
  return `${target.subject}/${database}`
}

/** The last look: throws where this database must not be restored over. */
async function mayBeRestored(
  tools: RestoreTools,
  request: RestoreOverRequest,
  { signal, refuse }: Options,
): Promise<DatabaseContents> {
  const subject = databaseSubject(tools, request)
  const contents = await readContents(tools, request.database, signal)
  if (!contents)
    throw new Problem('sql-database-missing', {
      subject,
      message: 'The database is not there, so nothing is restored over it.',
      hint: 'Create it first, with Install-CsDatabase.',
    })
  const { mirroringRole, replicaRole, state } = contents.facts
  if (mirroringRole !== null || replicaRole !== null)
    throw new Problem('sql-database-mirrored', {
      subject,
      message: `It is ${(mirroringRole ?? replicaRole ?? '').toLowerCase()} of a ${mirroringRole === null ? 'group' : 'mirror'}.`,
      hint: 'Remove mirroring, or the database from its availability group, restore, and set it up again afterwards.',
    })
  if (state === 'RESTORING' && contents.lastRestore?.recovered === false)
    throw new Problem('sql-database-unavailable', {
      subject,
      message: 'Somebody restores it step by step: its last restore left it RESTORING on purpose.',
      hint: 'It may be the secondary of log shipping. End that first.',
    })
  await refuse(contents)
  return contents
}

/** A program that comes back in the moment in which the database is taken from its users is put out again. */
const attempts = 5

async function restore(tools: RestoreTools, request: RestoreOverRequest, tape: Tape, options: Options): Promise<void> {
  const { own } = tools
  const { signal, onProgress } = options
  const { database, path } = request
  const present = (await own.query('masterFiles', { database }, { signal })).map(ownFile)
  const places = placeFiles(database, tape.files, present)
  const moves = tape.files.flatMap(({ name }, index) => [
    [`logical${index + 1}`, name],
    [`physical${index + 1}`, places[index] ?? ''],
  ])
  const report = (percent: number): void => onProgress(50 + Math.floor(percent / 2))
  for (let attempt = 1; ; attempt++)
    try {
      await own.query(
        { restoreOver: tape.files.length },
        { database, path, ...(Object.fromEntries(moves) as Record<string, string>) },
        { signal, onMessage: (message) => reportProgress(message, report) },
      )
      return
    } catch (thrown) {
      if (isUnreachable(thrown)) {
        const lost = toProblem(thrown)
        await restoreEnded(tools, databaseSubject(tools, request), { ...request, tape, lost, report }, signal)
        return
      }
      if (!(thrown instanceof Problem) || thrown.code !== 'sql-database-in-use' || attempt === attempts) throw thrown
    }
}

const proofMilliseconds = 120_000

/** What the server says is not enough. */
async function proved(
  tools: RestoreTools,
  request: RestoreOverRequest,
  { header }: Tape,
  signal: AbortSignal,
): Promise<DatabaseContents> {
  const subject = databaseSubject(tools, request)
  const late = (): Problem =>
    new Problem('sql-timeout', { subject, message: 'The instance did not tell what the database holds now.' })
  using limit = deadline(tools.clock, proofMilliseconds, late, signal)
  const contents = await readContents(tools, request.database, limit.signal)
  if (contents && holdsBackup(contents, header)) return contents
  throw new Problem('sql-restore-failed', {
    subject,
    message: `The server reported success, but the database is ${contents?.facts.state ?? 'not there'} and does not show this backup as its last restore.`,
    hint: 'Look at the SQL Server error log and at msdb.dbo.restorehistory. The restore may be begun again.',
  })
}
