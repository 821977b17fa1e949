import { randomUUID } from 'node:crypto'
import { open, readFile, type FileHandle } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { allDatabases, collationOf, familyOf, filesOf, openUp } from '../catalogue/databases.ts'
import { checkOpen } from '../catalogue/resolve.ts'
import { findDatabase, localTime, utcNow } from '../engine.ts'
import { EngineError, operatingSystemError, terminated } from '../errors.ts'
import type { SqlDatabase } from '../facts.ts'
import { valueOf } from '../run/expression.ts'
import { factsOf, type Frame } from '../run/frame.ts'
import { mayBackUp } from '../run/rights.ts'
import { pageBytes, pageCount } from '../tape/pages.ts'
import { readMedium } from '../tape/read.ts'
import type { SetFacts } from '../tape/set-facts.ts'
import { mediaHeader, pagesAtOnce, setPieces } from '../tape/write.ts'
import type { Option, StatementOf } from '../tsql/ast.ts'
import { compresses, releaseOf, serverName } from '../versions.ts'
import { deviceOf, localDevice } from './device.ts'
import { hasOption, progressStep, textOption } from './options.ts'
import { sendSummary } from './summary.ts'

type Backup = StatementOf<'backup'>
const verb = 'BACKUP DATABASE'

/** BACKUP DATABASE to one file. History is written when all went well, and only then. */
export async function runBackup(statement: Backup, frame: Frame): Promise<void> {
  try {
    await backUp(statement, frame)
  } catch (error) {
    throw terminated(verb, error)
  }
}

async function backUp({ database: named, devices, options }: Backup, frame: Frame): Promise<void> {
  const database = subjectOf(String(valueOf(named, frame)), options, frame)
  const path = deviceOf(devices, frame)
  const { edition } = factsOf(frame)
  if (hasOption(options, 'compression') && !compresses(edition)) throw new EngineError(1844, edition)
  const started = utcNow(factsOf(frame))
  const { request } = frame.session
  if (request) Object.assign(request, { command: verb, database: database.name })
  const medium = await openMedium(path, options, frame)
  const set = setFacts(database, options, frame, { started, position: medium.position, mediaGuid: medium.guid })
  try {
    const bytes = await writeSet(medium, set, { path, damaged: database.corruptPages > 0 }, options, frame)
    finish(set, path, started, bytes, frame)
  } finally {
    await medium.handle.close()
  }
}

function subjectOf(name: string, options: readonly Option[], frame: Frame): SqlDatabase {
  const all = allDatabases(factsOf(frame)).map(({ database }) => database)
  const database = all.find((known) => known.name.toLowerCase() === name.toLowerCase())
  if (!database) throw new EngineError(911, name)
  if (database.name === 'tempdb') throw new EngineError(3147)
  if (!mayBackUp(database.name, frame)) throw new EngineError(262, verb, name)
  checkOpen(database)
  openUp(database, frame)
  if (database.availabilityGroup?.role === 'SECONDARY' && !hasOption(options, 'copy_only')) throw new EngineError(3059)
  return database
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
  const local = localDevice(path, frame)
  if (factsOf(frame).faults.denyDevices) throw new EngineError(3201, path, operatingSystemError({ code: 'EACCES' }))
  const handle = await openFile(local, path)
  try {
    const { size } = await handle.stat()
    const anew = size === 0 || hasOption(options, 'init') || hasOption(options, 'format')
    return anew ? await newMedium(handle, options, frame) : await knownMedium(handle, size, local, path, options)
  } catch (error) {
    await handle.close()
    throw error instanceof EngineError ? error : new EngineError(3202, path, operatingSystemError(error))
  }
}

function openFile(local: string, path: string): Promise<FileHandle> {
  return open(local, 'r+')
    .catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      return open(local, 'w+')
    })
    .catch((error: unknown) => {
      throw new EngineError(3201, path, operatingSystemError(error))
    })
}

async function newMedium(handle: FileHandle, options: readonly Option[], frame: Frame): Promise<Medium> {
  const facts = factsOf(frame)
  const guid = randomUUID().toUpperCase()
  const compressed = hasOption(options, 'compression')
  const head = mediaHeader({ guid, date: localTime(facts, utcNow(facts)), compressed })
  await handle.truncate(0)
  await handle.write(head, 0, head.length, 0)
  return { handle, at: head.length, guid, position: 1 }
}

async function knownMedium(
  handle: FileHandle,
  size: number,
  local: string,
  path: string,
  options: readonly Option[],
): Promise<Medium> {
  const { compressed, sets } = readMedium(await readFile(local), path)
  const names = compressed ? ['NO_COMPRESSION', 'COMPRESSION'] : ['COMPRESSION', 'NO_COMPRESSION']
  if (compressed !== hasOption(options, 'compression')) throw new EngineError(3098, ...names)
  const guid = sets[0]?.facts.mediaGuid ?? randomUUID().toUpperCase()
  return { handle, at: size, guid, position: sets.length + 1 }
}

function setFacts(
  database: SqlDatabase,
  options: readonly Option[],
  frame: Frame,
  of: { started: Date; position: number; mediaGuid: string },
): SetFacts {
  const facts = factsOf(frame)
  const { major, minor, build, databaseVersion } = releaseOf(facts)
  const { name, recoveryModel, sizeBytes, readOnly, tables } = database
  // As the header of a tape keeps it.
  const started = `${localTime(facts, of.started).toISOString().slice(0, 19)}.000Z`
  return {
    name,
    recoveryModel,
    sizeBytes,
    readOnly,
    tables: { ...tables },
    seed: database.seed ?? database.guid,
    ...(database.documents && { documents: database.documents }),
    ...(database.roles && { roles: database.roles }),
    logicalErrors: database.logicalErrors ?? 0,
    databaseGuid: database.guid.toUpperCase(),
    familyGuid: familyOf(database),
    databaseCreatedAt: localTime(facts, database.createdAt).toISOString(),
    files: filesOf(database, facts),
    collation: collationOf(database),
    encryptor: database.encryptor ?? null,
    server: serverName(facts),
    machine: facts.machine,
    software: { major, minor, build, databaseVersion },
    utcOffsetMinutes: facts.utcOffsetMinutes,
    user: frame.session.login.user,
    backupName: textOption(options, 'name', frame),
    description: textOption(options, 'description', frame),
    copyOnly: hasOption(options, 'copy_only'),
    checksums: hasOption(options, 'checksum'),
    compressed: hasOption(options, 'compression'),
    position: of.position,
    setGuid: randomUUID().toUpperCase(),
    mediaGuid: of.mediaGuid,
    startedAt: started,
    finishedAt: started,
  }
}

function partOf(name: string, frame: Frame): string | undefined {
  const database = findDatabase(factsOf(frame), name)
  return database?.mirroring?.role ?? database?.availabilityGroup?.role
}

/** Writes the pieces of a set one after the other. Returns its bytes in the file. */
async function writeSet(
  medium: Medium,
  set: SetFacts,
  device: { path: string; damaged: boolean },
  options: readonly Option[],
  frame: Frame,
): Promise<number> {
  const { faults } = factsOf(frame)
  const step = progressStep(options, frame)
  const total = pageCount(set.sizeBytes)
  const part = partOf(set.name, frame)
  let [at, told, dropped] = [medium.at, 0, false]
  for (const { bytes, pages } of setPieces(set, medium.at)) {
    const percent = Math.floor((pages * 100) / total)
    // The pieces to come say when the set ended.
    set.finishedAt = localTime(factsOf(frame), utcNow(factsOf(frame))).toISOString()
    // A connection cut on purpose ends the work only where the fault says so.
    const signal = (): AbortSignal => (dropped ? frame.engine.stopped : frame.signal)
    signal().throwIfAborted()
    if (partOf(set.name, frame) !== part) {
      // A failover ends the sessions that work on the database.
      frame.session.kill()
      throw new Error('the database failed over')
    }
    if (faults.cutBackups && percent >= 90) continue
    if (device.damaged && set.checksums && percent >= 50) throw new EngineError(3043, set.name, set.files.data)
    await medium.handle.write(bytes, 0, bytes.length, at).catch((error: unknown) => {
      throw new EngineError(3202, device.path, operatingSystemError(error))
    })
    at += bytes.length
    if (frame.session.request) frame.session.request.percent = percent
    for (; told + step <= percent; told += step) frame.sink.info(3211, told + step)
    if (!dropped && faults.dropConnectionAtPercent !== undefined && percent >= faults.dropConnectionAtPercent) {
      dropped = faults.thenBackup === 'succeeds'
      frame.session.drop()
      if (!dropped) throw new Error('the connection was cut')
    }
    const share = pagesAtOnce / Math.max(total, pagesAtOnce)
    if (faults.slowBackupSeconds && pages > 0)
      await pause(faults.slowBackupSeconds * 1000 * share, undefined, { signal: signal() })
  }
  await medium.handle.datasync()
  return at - medium.at
}

function finish(set: SetFacts, path: string, started: Date, bytes: number, frame: Frame): void {
  const facts = factsOf(frame)
  const finished = utcNow(facts)
  const pages = pageCount(set.sizeBytes)
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
    startedAt: started.toISOString(),
    finishedAt: finished.toISOString(),
    bytes: pages * pageBytes,
    compressedBytes: bytes,
    user: set.user,
    path,
    setGuid: set.setGuid,
    mediaGuid: set.mediaGuid,
    position: set.position,
  })
  frame.engine.changed()
  frame.sink.info(4035, pages, set.name, set.name, set.position)
  frame.sink.info(4035, 2, set.name, `${set.name}_log`, set.position)
  sendSummary(verb, pages + 2, (finished.getTime() - started.getTime()) / 1000, frame)
}
