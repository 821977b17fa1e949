import { randomUUID } from 'node:crypto'
import { open, readFile, type FileHandle } from 'node:fs/promises'
import { allDatabases, familyOf, filesOf } from '../catalogue/databases.ts'
import { checkOpen } from '../catalogue/resolve.ts'
import { localTime, utcNow } from '../engine.ts'
import { cannotOpenDevice, EngineError, operatingSystemError, terminated, unknownDatabase } from '../errors.ts'
import type { SqlBackup, SqlDatabase } from '../facts.ts'
import { factsOf, isAdministrator, type Frame } from '../run/frame.ts'
import { pause } from '../run/pause.ts'
import { valueOf } from '../run/scalar.ts'
import { pageBytes, pageCount } from '../tape/pages.ts'
import { readMedium } from '../tape/read.ts'
import type { SetFacts } from '../tape/set-facts.ts'
import { mediaHeader, pagesAtOnce, setPieces } from '../tape/write.ts'
import type { Option, Statement } from '../tsql/ast.ts'
import { compresses, releaseOf, serverName } from '../versions.ts'
import { deviceOf, hasOption, progressStep, textOption } from './options.ts'

/** BACKUP DATABASE to one file. History is written when all went well, and only then. */
export async function runBackup(statement: Statement & { node: 'backup' }, frame: Frame): Promise<void> {
  const verb = statement.what === 'log' ? 'BACKUP LOG' : 'BACKUP DATABASE'
  try {
    await backUp(statement, frame)
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    throw terminated(verb, error)
  }
}

async function backUp(statement: Statement & { node: 'backup' }, frame: Frame): Promise<void> {
  const database = subjectOf(String(valueOf(statement.database, frame)), statement, frame)
  const path = deviceOf(statement.devices, frame)
  checkOptions(statement.options, frame)
  const started = utcNow(factsOf(frame))
  const { request } = frame.session
  if (request)
    Object.assign(request, {
      command: statement.what === 'log' ? 'BACKUP LOG' : 'BACKUP DATABASE',
      database: database.name,
    })
  const medium = await openMedium(path, statement.options, frame)
  const facts = setFacts(database, statement, frame, { started, position: medium.position, mediaGuid: medium.guid })
  try {
    const bytes = await writeSet(medium, facts, { path, damaged: database.corruptPages > 0 }, statement.options, frame)
    finish(facts, path, started, bytes, statement.what, frame)
  } finally {
    await medium.handle.close()
  }
}

function subjectOf(name: string, statement: Statement & { node: 'backup' }, frame: Frame): SqlDatabase {
  const facts = factsOf(frame)
  const database = allDatabases(facts).find(
    (known) => known.database.name.toLowerCase() === name.toLowerCase(),
  )?.database
  if (!database) throw unknownDatabase(name)
  if (database.name === 'tempdb')
    throw new EngineError(3147, 'Backup and restore operations are not allowed on database tempdb.')
  if (!isAdministrator(frame))
    throw new EngineError(262, `BACKUP DATABASE permission denied in database '${name}'.`, { severity: 14 })
  checkOpen(database)
  if (statement.what === 'log' && database.recoveryModel === 'SIMPLE')
    throw new EngineError(
      4208,
      'The statement BACKUP LOG is not allowed while the recovery model is SIMPLE. Use BACKUP DATABASE or change the recovery model using ALTER DATABASE.',
    )
  if (
    database.availabilityGroup?.role === 'SECONDARY' &&
    statement.what === 'database' &&
    !hasOption(statement.options, 'copy_only')
  )
    throw new EngineError(
      3059,
      `This BACKUP or RESTORE command is not supported on a database mirror or secondary replica.`,
    )
  return database
}

function checkOptions(options: readonly Option[], frame: Frame): void {
  const { edition } = factsOf(frame)
  if (hasOption(options, 'compression') && !compresses(edition))
    throw new EngineError(1844, `BACKUP DATABASE WITH COMPRESSION is not supported on ${edition} Edition.`)
}

interface Medium {
  handle: FileHandle
  /** Where the next set begins. */
  at: number
  guid: string
  position: number
}

/** Opens the file: INIT and FORMAT begin it anew, otherwise the set is appended to what is there. */
async function openMedium(path: string, options: readonly Option[], frame: Frame): Promise<Medium> {
  const facts = factsOf(frame)
  const compressed = hasOption(options, 'compression')
  let handle: FileHandle
  let local: string
  try {
    local = frame.engine.toLocal(path)
    if (facts.faults.denyDevices) throw Object.assign(new Error('denied'), { code: 'EACCES' })
    handle = await open(local, 'r+').catch(async (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      return open(local, 'w+')
    })
  } catch (error) {
    throw cannotOpenDevice(path, error)
  }
  try {
    const size = (await handle.stat()).size
    const keep = size > 0 && !hasOption(options, 'init') && !hasOption(options, 'format')
    if (keep) {
      const known = readMedium(await readFile(local), path)
      if (known.compressed !== compressed)
        throw new EngineError(
          3098,
          `The backup cannot be performed because '${compressed ? 'COMPRESSION' : 'NO_COMPRESSION'}' was requested after the media was formatted with an incompatible structure. To append to this media set, either omit the option or specify '${known.compressed ? 'COMPRESSION' : 'NO_COMPRESSION'}'.`,
        )
      return {
        handle,
        at: size,
        guid: known.sets[0]?.facts.mediaGuid ?? randomUUID().toUpperCase(),
        position: known.sets.length + 1,
      }
    }
    const guid = randomUUID().toUpperCase()
    const head = mediaHeader({ guid, date: localTime(facts, utcNow(facts)), compressed })
    await handle.truncate(0)
    await handle.write(head, 0, head.length, 0)
    return { handle, at: head.length, guid, position: 1 }
  } catch (error) {
    await handle.close()
    throw error instanceof EngineError ? error : writeError(path, error)
  }
}

function writeError(path: string, error: unknown): EngineError {
  return new EngineError(3202, `Write on "${path}" failed: ${operatingSystemError(error)}`, { state: 2 })
}

function setFacts(
  database: SqlDatabase,
  statement: Statement & { node: 'backup' },
  frame: Frame,
  of: { started: Date; position: number; mediaGuid: string },
): SetFacts {
  const facts = factsOf(frame)
  const { major, minor, build, databaseVersion } = releaseOf(facts)
  // As the header of a tape keeps it.
  const started = `${localTime(facts, of.started).toISOString().slice(0, 19)}.000Z`
  return {
    name: database.name,
    databaseGuid: database.guid.toUpperCase(),
    familyGuid: familyOf(database),
    databaseCreatedAt: localTime(facts, database.createdAt).toISOString(),
    recoveryModel: database.recoveryModel,
    sizeBytes: statement.what === 'log' ? 0 : database.sizeBytes,
    readOnly: database.readOnly,
    tables: statement.what === 'log' ? {} : { ...database.tables },
    files: filesOf(database, facts),
    server: serverName(facts),
    machine: facts.machine,
    software: { major, minor, build, databaseVersion },
    utcOffsetMinutes: facts.utcOffsetMinutes,
    user: frame.session.login.user,
    backupName: textOption(statement.options, 'name', frame),
    description: textOption(statement.options, 'description', frame),
    copyOnly: hasOption(statement.options, 'copy_only'),
    checksums: hasOption(statement.options, 'checksum'),
    compressed: hasOption(statement.options, 'compression'),
    position: of.position,
    setGuid: randomUUID().toUpperCase(),
    mediaGuid: of.mediaGuid,
    startedAt: started,
    finishedAt: started,
  }
}

/** Writes the pieces of a set one after the other. Returns its bytes in the file. */
async function writeSet(
  medium: Medium,
  facts: SetFacts,
  device: { path: string; damaged: boolean },
  options: readonly Option[],
  frame: Frame,
): Promise<number> {
  const { faults } = factsOf(frame)
  const step = progressStep(options, frame)
  const total = pageCount(facts.sizeBytes)
  let [at, told, dropped] = [medium.at, 0, false]
  for (const { bytes, pages } of setPieces(facts, medium.at)) {
    const percent = Math.floor((pages * 100) / total)
    // The pieces to come say when the set ended.
    facts.finishedAt = localTime(factsOf(frame), utcNow(factsOf(frame))).toISOString()
    // A connection cut on purpose ends the work only where the fault says so.
    const signal = (): AbortSignal => (dropped ? frame.engine.stopped : frame.signal)
    signal().throwIfAborted()
    if (faults.cutBackups && percent >= 90) continue
    if (device.damaged && facts.checksums && percent >= 50)
      throw new EngineError(
        3043,
        `BACKUP '${facts.name}' detected an error on page (1:101) in file '${facts.files.data}'.`,
      )
    await medium.handle.write(bytes, 0, bytes.length, at).catch((error: unknown) => {
      throw writeError(device.path, error)
    })
    at += bytes.length
    const request = frame.session.request
    if (request) request.percent = percent
    for (; told + step <= percent; told += step) frame.sink.info(3211, `${told + step} percent processed.`)
    if (!dropped && faults.dropConnectionAtPercent !== undefined && percent >= faults.dropConnectionAtPercent) {
      dropped = faults.thenBackup === 'succeeds'
      frame.session.drop()
      if (!dropped) throw new Error('the connection was cut')
    }
    if (faults.slowBackupSeconds && pages > 0)
      await pause((faults.slowBackupSeconds * 1000 * pagesAtOnce) / Math.max(total, pagesAtOnce), signal())
  }
  await medium.handle.datasync()
  return at - medium.at
}

function finish(
  set: SetFacts,
  path: string,
  started: Date,
  bytes: number,
  what: 'database' | 'log',
  frame: Frame,
): void {
  const facts = factsOf(frame)
  const finished = utcNow(facts)
  const pages = pageCount(set.sizeBytes)
  const backup: SqlBackup = {
    database: set.name,
    databaseGuid: set.databaseGuid,
    name: set.backupName,
    description: set.description,
    type: what === 'log' ? 'L' : 'D',
    copyOnly: set.copyOnly,
    checksums: set.checksums,
    compressed: set.compressed,
    recoveryModel: set.recoveryModel,
    startedAt: started.toISOString(),
    finishedAt: finished.toISOString(),
    bytes: pages * pageBytes,
    compressedBytes: bytes,
    user: set.user,
    path,
    setGuid: set.setGuid,
    mediaGuid: set.mediaGuid,
    position: set.position,
  }
  facts.backups.push(backup)
  frame.engine.changed()
  const seconds = Math.max((finished.getTime() - started.getTime()) / 1000, 0.001)
  frame.sink.info(
    4035,
    `Processed ${pages} pages for database '${set.name}', file '${set.name}' on file ${set.position}.`,
  )
  frame.sink.info(4035, `Processed 2 pages for database '${set.name}', file '${set.name}_log' on file ${set.position}.`)
  frame.sink.info(
    3014,
    `BACKUP ${what.toUpperCase()} successfully processed ${pages + 2} pages in ${seconds.toFixed(3)} seconds (${((pages + 2) / 128 / seconds).toFixed(3)} MB/sec).`,
  )
  frame.sink.done(null)
}
