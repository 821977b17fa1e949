import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { familyOf } from '../catalogue/databases.ts'
import { databaseId, findDatabase, utcNow } from '../engine.ts'
import { EngineError, operatingSystemError, terminated } from '../errors.ts'
import { newDatabase, type SqlDatabase } from '../facts.ts'
import { valueOf } from '../run/expression.ts'
import { factsOf, type Frame } from '../run/frame.ts'
import { isAdministrator, isGranted } from '../run/rights.ts'
import { pageCount } from '../tape/pages.ts'
import type { FoundSet } from '../tape/read.ts'
import type { Option, StatementOf } from '../tsql/ast.ts'
import { inUse } from './databases.ts'
import { importHistory } from './history.ts'
import { checkHeader, checkPages, chosenSet, deviceOf, readDevice } from './device.ts'
import { hasOption, progressStep } from './options.ts'
import { sendSummary } from './summary.ts'

type Restore = StatementOf<'restore'>

/** RESTORE DATABASE from one file: the database is then as the set tells. Without FROM: recovers what was being restored. */
export async function runRestore(statement: Restore, frame: Frame): Promise<void> {
  try {
    const name = String(valueOf(statement.database, frame))
    const { request } = frame.session
    if (request) Object.assign(request, { command: 'RESTORE DATABASE', database: name })
    const existing = findDatabase(factsOf(frame), name)
    const isAllowed = existing ? isAdministrator(frame) : isGranted('CREATE ANY DATABASE', frame)
    if (!isAllowed) throw new EngineError(3110, name)
    if (!existing && databaseId(factsOf(frame), name) !== null) throw new EngineError(3108)
    checkTarget(name, existing, statement.options, frame)
    if (statement.devices.length === 0) recover(existing, frame)
    else await restoreFrom(name, existing, statement, frame)
  } catch (error) {
    throw terminated('RESTORE DATABASE', error)
  }
}

/** What forbids a restore over a database, whatever the set holds. */
function checkTarget(name: string, existing: SqlDatabase | undefined, options: readonly Option[], frame: Frame): void {
  if (!existing) return
  if (existing.mirroring || existing.availabilityGroup) throw new EngineError(3104, name)
  if (inUse(name, frame)) throw new EngineError(3101)
  if (existing.state === 'ONLINE' && existing.recoveryModel !== 'SIMPLE' && !hasOption(options, 'replace'))
    throw new EngineError(3159, name)
}

function recover(existing: SqlDatabase | undefined, frame: Frame): void {
  if (existing?.state !== 'RESTORING') throw new EngineError(3153)
  existing.state = 'ONLINE'
  frame.engine.changed()
  sendSummary('RESTORE DATABASE', 0, 0, frame)
}

async function restoreFrom(
  name: string,
  existing: SqlDatabase | undefined,
  statement: Restore,
  frame: Frame,
): Promise<void> {
  const path = deviceOf(statement.devices, frame)
  const set = chosenSet(await readDevice(path, frame), path, statement.options, frame)
  if (existing && familyOf(existing) !== set.facts.familyGuid && !hasOption(statement.options, 'replace'))
    throw new EngineError(3154, name)
  const files = movedFiles(set, statement.options, frame)
  checkFiles(files, name, frame)
  if (factsOf(frame).faults.driveGone) throw new EngineError(5133, files.data, operatingSystemError({ code: 'ENOENT' }))
  checkHeader(set, statement.options, frame)
  const restored = restoredDatabase(name, set, files, frame)
  const database = overwrite(existing, restored, frame)
  const started = Date.now()
  await readPages(set, path, statement.options, frame)
  database.state = hasOption(statement.options, 'norecovery') ? 'RESTORING' : 'ONLINE'
  record(database.name, path, set, statement, frame)
  tellSummary(database.name, set, started, frame)
}

/** The files as MOVE places them. */
function movedFiles(set: FoundSet, options: readonly Option[], frame: Frame): { data: string; log: string } {
  const files = { ...set.facts.files }
  for (const { name, value, to } of options) {
    if (name !== 'move' || !value || !to) continue
    const logical = String(valueOf(value, frame)).toLowerCase()
    if (logical === set.facts.name.toLowerCase()) files.data = String(valueOf(to, frame))
    else if (logical === `${set.facts.name}_log`.toLowerCase()) files.log = String(valueOf(to, frame))
    else throw new EngineError(3234, String(valueOf(value, frame)), set.facts.name)
  }
  return files
}

function checkFiles(files: { data: string; log: string }, name: string, frame: Frame): void {
  const taken = factsOf(frame).databases.find(
    (other) =>
      other.name.toLowerCase() !== name.toLowerCase() && other.files?.data.toLowerCase() === files.data.toLowerCase(),
  )
  const usual = findDatabase(factsOf(frame), /([^\\]+)\.mdf$/i.exec(files.data)?.[1] ?? '')
  const owner = taken ?? (usual && !usual.files && usual.name.toLowerCase() !== name.toLowerCase() ? usual : undefined)
  if (owner) throw new EngineError(1834, files.data, owner.name)
}

function restoredDatabase(
  name: string,
  set: FoundSet,
  files: { data: string; log: string },
  frame: Frame,
): SqlDatabase {
  const { facts } = set
  return {
    ...newDatabase(name, randomUUID().toUpperCase(), utcNow(factsOf(frame)).toISOString()),
    familyGuid: facts.familyGuid,
    recoveryModel: facts.recoveryModel,
    sizeBytes: facts.sizeBytes,
    readOnly: facts.readOnly,
    tables: { ...facts.tables },
    ...(facts.seed !== undefined && { seed: facts.seed }),
    ...(facts.documents && { documents: facts.documents }),
    ...(facts.roles && { roles: facts.roles }),
    logicalErrors: facts.logicalErrors,
    collation: facts.collation,
    ...(facts.encryptor === null ? {} : { encryptor: facts.encryptor }),
    files,
  }
}

/** From here on what was there is gone: a RESTORE that breaks off leaves the database RESTORING. */
function overwrite(existing: SqlDatabase | undefined, restored: SqlDatabase, frame: Frame): SqlDatabase {
  restored.state = 'RESTORING'
  // RESTORE makes a new identity only for a database that was not there (sys.database_recovery_status).
  if (existing) {
    delete existing.documents
    delete existing.roles
    delete existing.encryptor
    Object.assign(existing, restored, { guid: existing.guid, singleUser: existing.singleUser })
  } else factsOf(frame).databases.push(restored)
  frame.engine.changed()
  return existing ?? restored
}

async function readPages(set: FoundSet, path: string, options: readonly Option[], frame: Frame): Promise<void> {
  const { faults } = factsOf(frame)
  const step = progressStep(options, frame)
  let dropped = false
  // A connection cut on purpose ends the work only where the fault says so.
  const signal = (): AbortSignal => (dropped ? frame.engine.stopped : frame.signal)
  for (let percent = step; percent <= 100; percent += step) {
    signal().throwIfAborted()
    if (percent >= 50) checkPages(set, path, options)
    if (percent >= (faults.breakRestoreAtPercent ?? Infinity)) throw new EngineError(3203, path)
    if (frame.session.request) frame.session.request.percent = percent
    frame.sink.info(3211, percent)
    if (!dropped && percent >= (faults.dropRestoreAtPercent ?? Infinity)) {
      dropped = faults.thenRestore === 'succeeds'
      frame.session.drop()
      if (!dropped) throw new Error('the connection was cut')
    }
    if (faults.slowRestoreSeconds) await pause(faults.slowRestoreSeconds * 10 * step, undefined, { signal: signal() })
  }
}

function record(name: string, path: string, set: FoundSet, { options }: Restore, frame: Frame): void {
  const facts = factsOf(frame)
  importHistory(set, path, facts)
  facts.restores.push({
    database: name,
    at: utcNow(facts).toISOString(),
    user: frame.session.login.user,
    replaced: hasOption(options, 'replace'),
    ...(hasOption(options, 'norecovery') && { unrecovered: true as const }),
    setGuid: set.facts.setGuid,
  })
  frame.engine.changed()
}

function tellSummary(name: string, set: FoundSet, started: number, frame: Frame): void {
  const pages = pageCount(set.facts.sizeBytes)
  frame.sink.info(4035, pages, name, set.facts.name, set.position)
  sendSummary('RESTORE DATABASE', pages, (Date.now() - started) / 1000, frame)
}
