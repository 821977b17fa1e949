import type { SqlServerFacts } from '../facts.ts'
import { pageBytes, pageCount } from '../tape/pages.ts'
import type { FoundSet } from '../tape/read.ts'

/** RESTORE brings the history of its backup along into `msdb` ("backupset", "restorehistory"). */
export function importHistory({ facts: set, bytes, position }: FoundSet, path: string, facts: SqlServerFacts): void {
  if (facts.backups.some(({ setGuid }) => setGuid === set.setGuid)) return
  // The set keeps local times of the machine that made it.
  const utc = (local: string): string =>
    new Date(new Date(local).getTime() - set.utcOffsetMinutes * 60_000).toISOString()
  facts.backups.push({
    database: set.name,
    databaseGuid: set.databaseGuid,
    name: set.backupName,
    description: set.description,
    type: 'D',
    copyOnly: set.copyOnly,
    checksums: set.checksums,
    compressed: set.compressed,
    recoveryModel: set.recoveryModel,
    startedAt: utc(set.startedAt),
    finishedAt: utc(set.finishedAt),
    bytes: pageCount(set.sizeBytes) * pageBytes,
    compressedBytes: bytes,
    user: set.user,
    path,
    setGuid: set.setGuid,
    mediaGuid: set.mediaGuid,
    position,
  })
}
