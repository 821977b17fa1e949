import { hashOf } from '../../base/hash.ts'
import { Problem } from '../../base/problem.ts'
import { retry } from '../../base/retry.ts'
import { parseDatabase, sameSubject, sqlSubject } from '../../domain/subject.ts'
import type { ItemOutcome } from '../../domain/backup-set.ts'
import type { Facts } from '../../domain/facts.ts'
import type { SqlStore } from '../../domain/model.ts'
import type { Item, SetId } from '../../domain/words.ts'
import { hashFile } from '../../drivers/files/hash.ts'
import type { BackedUpFile, BackupReceipt, SqlServer, TapeFacts } from '../../drivers/sql/sql-server.ts'
import { payloadPath } from '../../sets/payload-path.ts'
import { readTape } from '../../sets/tape.ts'
import type { Tools } from '../handler.ts'
import { collected, type Collector } from './collector.ts'
import { expectStill, findPrincipal, tellStand } from './principal.ts'

/**
 * A copy-only full backup, written to the share by SQL Server itself (Backing up Archiving and Monitoring databases;
 * Backing up Persistent Chat databases). The daemon then opens the file: what the server says is not enough.
 */
export const sqlDatabase: Collector = {
  resource: (item, tools) => ({ kind: 'sqlInstance', subject: sqlSubject(storeOf(item, tools)) }),

  async collect(item, { set, tools, attempt, signal, onPercent }) {
    const store = storeOf(item, tools)
    const { database } = partsOf(item)
    const { server, stand } = await findPrincipal(store, database, tools, signal)
    const path = attempt === 1 ? payloadPath(item) : payloadPath(item).replace(/\.bak$/, `.${attempt}.bak`)
    const file = await set.local(path)
    const name = backupName(set.id, database, attempt)
    set.expectRoom(item.subject, (await server.backupBytes(database, signal)) ?? 0)
    const receipt = await server.backup({ database, path: set.remote(path), name }, { signal, onProgress: onPercent })
    // What only reads is tried again by itself: a connection lost now is not a reason to write all of it once more.
    const ask = <T>(question: () => Promise<T>): Promise<T> => retry(question, tools.drivers.clock, signal)
    const header = await ask(() => server.header(set.remote(path), signal))
    refuseWrongBackup(item, database, name, receipt, header)
    const facts = await ask(() => server.facts(signal))
    expectStill(stand, facts, server, item)
    const tape = await readTape(file)
    if (tape.problem !== null) throw wrong(item, `the file on the share is not whole: ${tape.problem}`)
    const { bytes, sha256 } = await hashFile(file, signal)
    const message = `backed up on ${server.subject}, ${tellStand(stand)}`
    const files = await fileList(server, set.remote(path), signal)
    const recorded = recordedDatabase(database, facts, header, files)
    return collected(item, path, [{ path, bytes, sha256 }], { message, ...recorded })
  },
}

/** A list that cannot be had spoils no backup: whoever restores it asks again. */
async function fileList(server: SqlServer, path: string, signal: AbortSignal): Promise<readonly BackedUpFile[]> {
  try {
    return await server.fileList(path, signal)
  } catch {
    signal.throwIfAborted()
    return []
  }
}

/** What a restore has to know (domain reference, section 6.14, "Environment"). */
function recordedDatabase(
  name: string,
  { databases }: Facts['sqlInstance'],
  { collation }: TapeFacts,
  files: readonly BackedUpFile[],
): Pick<ItemOutcome, 'database'> {
  const found = databases.find((one) => sameSubject(one.name, name))
  if (!found) return {}
  const { recoveryModel, logShipped } = found
  return {
    database: {
      ...{ recoveryModel, collation: collation ?? found.collation ?? null },
      files: files.map(({ name: logical, type, path, bytes }) => ({ name: logical, type, path, bytes })),
      encryptor: files.find(({ encryptor }) => encryptor !== null)?.encryptor ?? null,
      ...(logShipped === undefined ? {} : { logShipped }),
    },
  }
}

/** The unique NAME of the backup, by which the server is asked for it; the engine keeps 128 characters. */
function backupName(set: SetId, database: string, attempt: number): string {
  const name = `holdfast ${set} ${database} ${attempt}`
  return name.length <= 128 ? name : `holdfast ${hashOf([set, database, attempt])}`
}

function partsOf(item: Item): { host: string; instance: string; database: string } {
  const parts = parseDatabase(item.subject)
  if (!parts) throw new Problem('unexpected', { subject: item.subject, message: 'This is not a database.' })
  return parts
}

function storeOf(item: Item, tools: Tools): SqlStore {
  const parts = partsOf(item)
  const store = tools.desired.sqlStores.find((candidate) => sameSubject(sqlSubject(candidate), sqlSubject(parts)))
  if (!store)
    throw new Problem('unexpected', { subject: item.subject, message: 'No SQL store of the desired state holds it.' })
  return store
}

function refuseWrongBackup(
  item: Item,
  database: string,
  name: string,
  receipt: BackupReceipt,
  header: TapeFacts,
): void {
  if (!sameSubject(header.database, database)) throw wrong(item, `it holds ${header.database}`)
  if (header.name !== name) throw wrong(item, `it is the backup named ${header.name ?? '(none)'}, not ${name}`)
  if (
    receipt.databaseGuid !== null &&
    header.databaseGuid !== null &&
    !sameSubject(receipt.databaseGuid, header.databaseGuid)
  )
    throw wrong(item, 'it holds another database of the same name')
  if (!header.full) throw wrong(item, 'it is not a full backup')
  if (!header.checksums) throw wrong(item, 'it was written without checksums')
  if (header.damaged) throw wrong(item, 'SQL Server met damaged pages while writing it')
}

function wrong(item: Item, why: string): Problem {
  return new Problem('sql-backup-wrong', {
    subject: item.subject,
    message: `SQL Server reported a backup, but ${why}.`,
    hint: 'The file is not kept. Look at the SQL Server error log for this time, run DBCC CHECKDB, and ask for a new run.',
  })
}
