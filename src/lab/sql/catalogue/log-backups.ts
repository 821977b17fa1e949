import { pageBytes } from '../tape/pages.ts'
import type { SqlBackup, SqlDatabase, SqlServerFacts } from '../facts.ts'
import { stableGuid } from './databases.ts'

/** The newest backup of each log that the job of the administrators took: made when asked for, as time has passed. */
export function logBackups(facts: SqlServerFacts, now: Date): SqlBackup[] {
  const period = facts.logBackups.everyMinutes * 60_000
  const end = Math.min(now.getTime(), Date.parse(facts.logBackups.stoppedAt ?? now.toISOString()))
  const at = new Date(Math.floor(end / period) * period)
  return facts.databases
    .filter((database) => hasOpenLog(database) && at.toISOString() > new Date(database.createdAt).toISOString())
    .map((database) => logBackup(database, facts, at.toISOString()))
}

/** Under SIMPLE there is nothing to back up, and without a chain it fails; a mirror or a secondary leaves it to the other. */
function hasOpenLog({ state, recoveryModel, availabilityGroup, noLogChain }: SqlDatabase): boolean {
  if (noLogChain) return false
  return state === 'ONLINE' && recoveryModel !== 'SIMPLE' && availabilityGroup?.role !== 'SECONDARY'
}

function logBackup({ name, guid, recoveryModel }: SqlDatabase, facts: SqlServerFacts, at: string): SqlBackup {
  return {
    database: name,
    databaseGuid: guid,
    name: null,
    description: null,
    type: 'L',
    copyOnly: false,
    checksums: false,
    compressed: false,
    recoveryModel,
    startedAt: at,
    finishedAt: at,
    bytes: pageBytes,
    compressedBytes: pageBytes,
    user: 'NT SERVICE\\SQLSERVERAGENT',
    path: `${facts.dataPath}\\LogBackup\\${name}.trn`,
    setGuid: stableGuid(`${guid}/log/${at}`),
    mediaGuid: stableGuid(`${guid}/log`),
    position: 1,
  }
}
