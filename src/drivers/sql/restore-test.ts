import type { Clock } from '../../base/clock.ts'
import { Problem } from '../../base/problem.ts'
import { deadline } from '../deadline.ts'
import type { SqlConnections } from './connections.ts'
import { reportProgress } from './progress.ts'
import { text } from './rows.ts'
import type { BackedUpFile, RestoreTestRequest, SqlServer } from './sql-server.ts'

interface Tools {
  connections: SqlConnections
  subject: string
  clock: Clock
  /** Databases of the tests that run now on this instance. */
  testing: Set<string>
}
type Options = Parameters<SqlServer['restoreTest']>[1]

/** Restore under a new name, check, drop: the seconds of the restore alone. What a crash leaves carries a name that the next test of this owner knows. */
export async function runRestoreTest(
  tools: Tools,
  request: RestoreTestRequest & { files: readonly BackedUpFile[] },
  options: Options,
): Promise<number> {
  const { connections, testing } = tools
  const { signal } = options
  await dropLeftovers(tools, request.owner, signal)
  const database = `${prefixOf(request.owner)}${request.id}`
  testing.add(database)
  let seconds: number
  try {
    const begun = tools.clock.monotonic()
    await connections.query(
      { restoreFiles: request.files.length },
      { database, path: request.path, ...moved(request, database) },
      { signal, onMessage: (message) => reportProgress(message, options.onProgress) },
    )
    seconds = (tools.clock.monotonic() - begun) / 1000
    await connections.query('checkRestoreTest', { database }, { signal })
  } catch (thrown) {
    await drop(tools, database).catch(() => {}) // the first failure says more; the next test drops what is left
    throw thrown
  } finally {
    testing.delete(database)
  }
  await drop(tools, database)
  return seconds
}

/** `holdfast_restore_test_`, and whose: another daemon may be testing on the same instance. */
function prefixOf(owner: string): string {
  return `holdfast_restore_test_${owner.slice(0, 8)}_`
}

/** What a crash left of tests of this owner. */
export async function dropLeftovers(tools: Tools, owner: string, signal: AbortSignal): Promise<void> {
  const prefix = prefixOf(owner).toLowerCase()
  const names = (await tools.connections.query('restoreTests', {}, { signal })).map((row) => text(row, 'name') ?? '')
  for (const name of names) {
    if (!name.toLowerCase().startsWith(prefix) || tools.testing.has(name)) continue
    signal.throwIfAborted()
    await drop(tools, name).catch(() => {}) // in use, as while the engine still ends a broken restore: next time
  }
}

const dropMilliseconds = 120_000

/** Also after an abort: it has a deadline of its own. */
async function drop(tools: Tools, database: string): Promise<void> {
  using limit = deadline(tools.clock, dropMilliseconds, () => late(tools, database))
  await tools.connections.query('dropRestoreTest', { database }, { signal: limit.signal })
}

function late(tools: Tools, database: string): Problem {
  return new Problem('sql-timeout', {
    subject: tools.subject,
    message: `The test database ${database} was not dropped within ${dropMilliseconds / 1000} seconds.`,
    hint: 'Look at what uses it; the next restore test drops it too.',
  })
}

const extensions: Readonly<Record<string, string>> = { D: '.mdf', L: '.ldf' }

/** Every file under a name of its own in the folder, as bound values. */
function moved(
  { files, folder }: { files: readonly BackedUpFile[]; folder: string },
  database: string,
): Record<string, string> {
  const root = folder.replace(/[\\/]+$/, '')
  return Object.fromEntries(
    files.flatMap(({ name, type }, index) => [
      [`logical${index + 1}`, name],
      [`physical${index + 1}`, `${root}\\${database}_${index + 1}${extensions[type] ?? ''}`],
    ]),
  )
}
