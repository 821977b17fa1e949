import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem, systemCode } from '../../base/problem.ts'
import { distinct, sameSubject, sqlSubject } from '../../domain/subject.ts'
import type { Clock } from '../../base/clock.ts'
import type { SqlServer } from '../../drivers/sql/sql-server.ts'
import { fileProblem } from '../../drivers/files/problem.ts'
import type { Check } from '../check.ts'
import type { Surroundings } from '../surroundings.ts'
import { inProbeFolder, type LocationChecks } from './location.ts'
import type { SqlChecks } from './sql.ts'

/** For each store and each location that its databases go to: SQL Server's own account can write there. */
export function sqlBackupChecks(
  sql: SqlChecks,
  locations: readonly LocationChecks[],
  surroundings: Surroundings,
): Check[] {
  return locations.flatMap((place) => {
    const here = sql.databases.filter(({ policies }) =>
      policies.some(({ location }) => location.name === place.location.name),
    )
    const stores = distinct(here.map(({ store }) => sqlSubject(store)))
    return stores.flatMap((subject) => {
      const first = here.find(({ store }) => sameSubject(sqlSubject(store), subject))
      return first ? [checkBackup(first, place, sql, surroundings)] : []
    })
  })
}

function checkBackup(
  backed: SqlChecks['databases'][number],
  { location, write }: LocationChecks,
  sql: SqlChecks,
  surroundings: Surroundings,
): Check {
  const { database, check, principal } = backed
  const subject = sqlSubject(backed.store)
  return {
    ...{ name: 'sql-backup', subject, group: 'sql', deadlineSeconds: 300 },
    after: [write, check, ...sql.instances.map(({ rights }) => rights)],
    needs: () => [write, check, principal()?.rights ?? check],
    async attempt(signal) {
      const server = principal()?.server
      if (!server) throw new Error(`no instance holds ${backed.subject}`)
      await inProbeFolder(location, surroundings, async (folder, name) => {
        const file = join(folder, 'probe.bak')
        const path = `${location.share}\\${name}\\probe.bak`
        await beginBackup(
          server,
          { database, path, name: `holdfast doctor ${name}` },
          file,
          surroundings.drivers.clock,
          signal,
        )
      })
      return `${server.subject} writes to ${location.share} (a copy-only backup of ${database})`
    },
  }
}

const enoughBytes = 4 * 1024 * 1024
const lookEveryMilliseconds = 200

/** A backup that is stopped as soon as enough of it has reached the share: the rest would prove no more. */
async function beginBackup(
  server: SqlServer,
  request: Parameters<SqlServer['backup']>[0],
  file: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const enough = new AbortController()
  const ended = new AbortController()
  const watching = watch(file, clock, ended.signal).then((seen) => {
    if (seen) enough.abort()
  })
  try {
    await server.backup(request, { signal: AbortSignal.any([signal, enough.signal]) })
  } catch (thrown) {
    if (!enough.signal.aborted || signal.aborted) throw thrown
    return
  } finally {
    ended.abort()
    await watching
  }
  if ((await sizeOf(file)) > 0) return
  throw new Problem('sql-backup-wrong', {
    subject: server.subject,
    message: `SQL Server reported a backup to ${request.path}, but the file cannot be seen from here.`,
    hint: 'pathMap in holdfast.yaml must lead to the same folder as the share of the location does for SQL Server.',
  })
}

/** True once the file is large enough; false when the backup ended before. */
async function watch(file: string, clock: Clock, ended: AbortSignal): Promise<boolean> {
  while (!ended.aborted) {
    if ((await sizeOf(file)) >= enoughBytes) return true
    await clock.sleep(lookEveryMilliseconds, ended).catch(() => {})
  }
  return false
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return 0
    throw fileProblem(thrown, file, 'Looking at')
  }
}
