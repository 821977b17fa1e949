import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Time } from '../base/time.ts'
import type { JournalHead } from '../domain/journal-head.ts'
import type { BackupLocation } from '../domain/model.ts'
import type { SetId } from '../domain/words.ts'
import { mostRecordBytes, readSmallFile } from '../drivers/files/small-file.ts'
import { listFolders } from './folders.ts'
import { headPath, journalFolder, readHead } from './journal-head.ts'
import { readSegments } from './journal-segments.ts'
import { commitRecordFile, recordFile } from './manifest.ts'
import { parseRecord } from './record.ts'

/** What one place on a share says of the journal, and of the set that is there. */
export interface Statement {
  /** UNC path. */
  place: string
  /** The newest entry of the journal at that time; null where it says nothing of it. */
  head: JournalHead | null
  set: { id: SetId; commitSha256: string; finishedAt: Time } | null
}

/** Everything that a location says, newest set first; what cannot be read says nothing. Throws where the share does not answer. */
export async function* readStatements(location: BackupLocation, root: string, now: Time): AsyncGenerator<Statement> {
  const head = await readHead(root).catch(() => null)
  if (head) yield { place: headPath(location.share), head, set: null }
  if (head?.chain != null) yield* readJournal(location, root, head.chain)
  const { folders } = await listFolders(location, root, now)
  for (const { id, path, unc } of folders) {
    const statement = await readStatement(id, path, unc).catch(() => null)
    if (statement) yield statement
  }
}

/** A segment speaks by its newest entry; what is in the way of that is an entry that nobody holds. */
async function* readJournal({ share }: BackupLocation, root: string, chain: string): AsyncGenerator<Statement> {
  for await (const { name, entries, isWhole } of readSegments(root, chain)) {
    const { sequence, hash } = entries.at(-1) ?? { sequence: 0, hash: '' }
    yield { place: [share, journalFolder, name].join('\\'), head: { sequence, hash: isWhole ? hash : '' }, set: null }
  }
}

async function readStatement(id: SetId, path: string, place: string): Promise<Statement | null> {
  const commit = await readSmallFile(join(path, commitRecordFile), mostRecordBytes)
  const record = parseRecord((await readSmallFile(join(path, recordFile), mostRecordBytes)).toString('utf8'), id)
  const commitSha256 = createHash('sha256').update(commit).digest('hex')
  if ('problem' in record || record.finishedAt === null) return null
  return { place, head: record.journal ?? null, set: { id: record.id, commitSha256, finishedAt: record.finishedAt } }
}
