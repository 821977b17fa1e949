import { familyOf } from '../catalogue/databases.ts'
import { databaseId, findDatabase, utcNow } from '../engine.ts'
import { EngineError, terminated } from '../errors.ts'
import type { SqlDatabase } from '../facts.ts'
import { factsOf, isAdministrator, type Frame } from '../run/frame.ts'
import { valueOf } from '../run/scalar.ts'
import { pageCount } from '../tape/pages.ts'
import type { FoundSet } from '../tape/read.ts'
import type { Option, Statement } from '../tsql/ast.ts'
import { newDatabase, usersOf } from './databases.ts'
import { checkSet, chosenSet, readDevice } from './device.ts'
import { deviceOf, hasOption, progressStep } from './options.ts'

type Restore = Statement & { node: 'restore' }

/** RESTORE DATABASE from one file: the database is then as the set tells. Without FROM: recovers what was being restored. */
export async function runRestore(statement: Restore, frame: Frame): Promise<void> {
  try {
    const name = String(valueOf(statement.database, frame))
    if (!isAdministrator(frame))
      throw new EngineError(3110, `User does not have permission to RESTORE database '${name}'.`, { severity: 14 })
    const existing = findDatabase(factsOf(frame), name)
    if (!existing && databaseId(factsOf(frame), name) !== null)
      throw new EngineError(3108, 'To restore the master database, the server must be running in single-user mode.')
    checkTarget(name, existing, statement.options, frame)
    if (statement.devices.length === 0) {
      recover(existing, frame)
      return
    }
    await restoreFrom(name, existing, statement, frame)
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    throw terminated('RESTORE DATABASE', error)
  }
}

/** What forbids a restore over a database, whatever the set holds. */
function checkTarget(name: string, existing: SqlDatabase | undefined, options: readonly Option[], frame: Frame): void {
  if (existing?.mirroring || existing?.availabilityGroup)
    throw new EngineError(
      3104,
      `RESTORE cannot operate on database '${name}' because it is configured for database mirroring or has joined an availability group. If you intend to restore the database, use ALTER DATABASE to remove mirroring or to remove the database from its availability group.`,
    )
  if (existing && (usersOf(name, frame).length > 0 || frame.session.database.toLowerCase() === name.toLowerCase()))
    throw new EngineError(3101, 'Exclusive access could not be obtained because the database is in use.')
  if (existing?.state === 'ONLINE' && existing.recoveryModel !== 'SIMPLE' && !hasOption(options, 'replace'))
    throw new EngineError(
      3159,
      `The tail of the log for the database "${name}" has not been backed up. Use BACKUP LOG WITH NORECOVERY to backup the log if it contains work you do not want to lose. Use the WITH REPLACE or WITH STOPAT clause of the RESTORE statement to just overwrite the contents of the log.`,
    )
}

function recover(existing: SqlDatabase | undefined, frame: Frame): void {
  if (existing?.state !== 'RESTORING') throw new EngineError(3153, `The database is already fully recovered.`)
  existing.state = 'ONLINE'
  frame.engine.changed()
  frame.sink.info(3014, `RESTORE DATABASE successfully processed 0 pages in 0.001 seconds (0.000 MB/sec).`)
  frame.sink.done(null)
}

async function restoreFrom(
  name: string,
  existing: SqlDatabase | undefined,
  statement: Restore,
  frame: Frame,
): Promise<void> {
  const path = deviceOf(statement.devices, frame)
  const set = chosenSet(await readDevice(path, frame), path, statement.options, frame)
  if (set.facts.sizeBytes === 0)
    throw new EngineError(
      3118,
      `The database "${name}" does not exist. RESTORE can only create a database when restoring either a full backup or a file backup of the primary file.`,
    )
  if (existing && familyOf(existing) !== set.facts.familyGuid && !hasOption(statement.options, 'replace'))
    throw new EngineError(
      3154,
      `The backup set holds a backup of a database other than the existing '${name}' database.`,
      { state: 4 },
    )
  const files = movedFiles(set, statement.options, frame)
  checkFiles(files, name, frame)
  checkSet(set, path, statement.options, frame)
  const restored = restoredDatabase(name, set, files, frame)
  restored.state = hasOption(statement.options, 'norecovery') ? 'RESTORING' : 'ONLINE'
  await settle(existing, restored, set, statement, frame)
}

/** The files as MOVE places them. */
function movedFiles(set: FoundSet, options: readonly Option[], frame: Frame): { data: string; log: string } {
  const files = { ...set.facts.files }
  for (const { name, value, to } of options) {
    if (name !== 'move' || !value || !to) continue
    const logical = String(valueOf(value, frame)).toLowerCase()
    if (logical === set.facts.name.toLowerCase()) files.data = String(valueOf(to, frame))
    else if (logical === `${set.facts.name}_log`.toLowerCase()) files.log = String(valueOf(to, frame))
    else
      throw new EngineError(
        3234,
        `Logical file '${String(valueOf(value, frame))}' is not part of database '${set.facts.name}'. Use RESTORE FILELISTONLY to list the logical file names.`,
      )
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
  if (!owner) return
  throw new EngineError(
    1834,
    `The file '${files.data}' cannot be overwritten.  It is being used by database '${owner.name}'.`,
  )
}

function restoredDatabase(
  name: string,
  set: FoundSet,
  files: { data: string; log: string },
  frame: Frame,
): SqlDatabase {
  const { facts } = set
  return {
    ...newDatabase(name, utcNow(factsOf(frame)).toISOString()),
    familyGuid: facts.familyGuid,
    recoveryModel: facts.recoveryModel,
    sizeBytes: facts.sizeBytes,
    readOnly: facts.readOnly,
    tables: { ...facts.tables },
    files,
  }
}

async function settle(
  existing: SqlDatabase | undefined,
  restored: SqlDatabase,
  set: FoundSet,
  statement: Restore,
  frame: Frame,
): Promise<void> {
  const facts = factsOf(frame)
  const started = Date.now()
  const step = progressStep(statement.options, frame)
  for (let percent = step; percent <= 100; percent += step) {
    frame.signal.throwIfAborted()
    frame.sink.info(3211, `${percent} percent processed.`)
    await Promise.resolve()
  }
  // RESTORE makes a new identity only for a database that was not there (sys.database_recovery_status).
  if (existing) Object.assign(existing, restored, { createdAt: existing.createdAt, guid: existing.guid })
  else facts.databases.push(restored)
  facts.restores.push({
    database: restored.name,
    at: utcNow(facts).toISOString(),
    user: frame.session.login.user,
    replaced: hasOption(statement.options, 'replace'),
    setGuid: set.facts.setGuid,
  })
  frame.engine.changed()
  const pages = pageCount(set.facts.sizeBytes)
  const seconds = Math.max((Date.now() - started) / 1000, 0.001)
  frame.sink.info(
    4035,
    `Processed ${pages} pages for database '${restored.name}', file '${set.facts.name}' on file ${set.position}.`,
  )
  frame.sink.info(
    3014,
    `RESTORE DATABASE successfully processed ${pages} pages in ${seconds.toFixed(3)} seconds (${(pages / 128 / seconds).toFixed(3)} MB/sec).`,
  )
  frame.sink.done(null)
}
