import { lstat, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem, systemCode, toProblem } from '../base/problem.ts'
import { retry } from '../base/retry.ts'
import { faultsOfIdentity } from '../domain/location-faults.ts'
import { itemKey, setId } from '../domain/subject.ts'
import type { BackupLocation, Desired } from '../domain/model.ts'
import type { EnvironmentRecord } from '../domain/environment-record.ts'
import type { BackupSet, ItemOutcome } from '../domain/backup-set.ts'
import type { JournalHead } from '../domain/journal-head.ts'
import type { SetId } from '../domain/words.ts'
import type { Drivers } from '../drivers/drivers.ts'
import { syncFolder, writeDurably } from '../drivers/files/durable.ts'
import { makeFolder } from '../drivers/files/folder.ts'
import { fileProblem } from '../drivers/files/problem.ts'
import { freeBytes, noRoom, tooLarge } from '../drivers/files/room.ts'
import { settleFiles } from '../drivers/files/settle.ts'
import { sortedLines, type SortedLines } from '../drivers/files/sorted-lines.ts'
import { closeBag } from './bag.ts'
import { folderName } from './folder-name.ts'
import { believableNames } from './folders.ts'
import { expectRoot, readIdentity, refuse, unclaimed, unreachable } from './identity.ts'
import {
  commitRecordFile,
  isSafePath,
  recordFile,
  manifestFile,
  manifestLine,
  pathOfLine,
  type ManifestEntries,
  type ManifestEntry,
} from './manifest.ts'
import { formatRecord, type SetRecord } from './record.ts'
import { software } from './software.ts'
import { committedState, setOfRecord } from './state.ts'
import { sweep } from './sweep.ts'

/** One run's folder while it is written. Nobody else writes into it, and it is never resumed. */
export interface SetWriter {
  readonly id: SetId
  /** Absolute, as this machine reaches it. */
  readonly folder: string
  readonly unc: string
  /** Bytes that are left free on the share, as its location asks for. */
  readonly keepFree: number
  /**
   * Throws Problem `location-full` where that much is not free now: asked before each item, for others write there too.
   * `bytes` more are to be written for `subject`.
   */
  expectRoom(subject?: string, bytes?: number): void
  /** Absolute local path, and UNC path, of something below the folder (`data/...`). Parent folders are made. */
  local(path: string): Promise<string>
  remote(path: string): string
  /** Takes note of how an item ended and of its files. What a failed item left is deleted, or listed where that fails. */
  add(outcome: ItemOutcome, files: ManifestEntries): Promise<void>
  /** Writes record, manifests, reads back, and last the commit record. The state follows from the outcomes. */
  commit(): Promise<BackupSet>
  /** Leaves the folder without a commit record: `interrupted`. One that has one, or is not ours any more, is left as it is. */
  abandon(reason: string): Promise<void>
}

export type SetStart = Pick<BackupSet, 'policy' | 'cause' | 'slot' | 'whole' | 'required'> & {
  /** By which revision it is made: the deployment, and what there is to lose in it. */
  desired: Desired
  reason: string
  /** How things are, asked for when the set is closed. */
  environment?: (() => EnvironmentRecord) | undefined
  /** The newest entry of the journal, asked for when the set is closed. */
  journal?: (() => JournalHead) | undefined
}

interface Added {
  outcome: ItemOutcome
  files: ManifestEntries
}

/** Whom the writer asks and tells. */
export interface SetWatch {
  /** Gets the id before the folder is made. */
  note?: (id: SetId) => Promise<void>
  /** Asked right before the commit record; throws when the location is no longer ours. */
  expectOurs?: () => Promise<void>
}

/**
 * Makes the folder (exclusively) and the record of the start. The location must have been claimed for this deployment.
 * Throws Problem `location-unreachable`, `location-unclaimed`,
 * `location-foreign-deployment` or `file-...`.
 */
export async function startSet(
  location: BackupLocation,
  start: SetStart,
  drivers: Drivers,
  { note = () => Promise.resolve(), expectOurs }: SetWatch = {},
): Promise<SetWriter> {
  const root = drivers.localPath(location.share)
  const { desired } = start
  const stillThere = (): Promise<void> => expectIdentity(location, root, desired.deployment.name)
  await stillThere()
  const policyFolder = join(root, start.policy)
  const name = await makeSetFolder(location, policyFolder, drivers, (folder) => note(setId(start.policy, folder)))
  const folder = join(policyFolder, name)
  const unc = `${location.share}\\${start.policy}\\${name}`
  const record: SetRecord = {
    format: 'holdfast/backup-set/v1',
    id: setId(start.policy, name),
    deployment: desired.deployment.name,
    policy: start.policy,
    location: location.name,
    unc,
    revision: desired.revision,
    cause: start.cause,
    reason: start.reason,
    slot: start.slot,
    whole: start.whole,
    required: start.required.map(({ kind, subject }) => ({ kind, subject })),
    software,
    startedAt: drivers.clock.now(),
    finishedAt: null,
    abandoned: null,
    items: [],
    bytes: 0,
    files: 0,
  }
  await writeDurably(join(folder, recordFile), formatRecord(record))
  await makeBelow(folder, 'data')
  await syncFolder(policyFolder)
  return openWriter(location, folder, record, drivers, {
    ...{ desired, environment: start.environment, journal: start.journal },
    expectOurs: expectOurs ?? stillThere,
  })
}

function openWriter(
  location: BackupLocation,
  folder: string,
  record: SetRecord,
  drivers: Drivers,
  {
    desired,
    environment,
    journal,
    expectOurs,
  }: Pick<SetStart, 'desired' | 'environment' | 'journal'> & { expectOurs: () => Promise<void> },
): SetWriter {
  const added = new Map<string, Added>()
  const made = new Map<string, Promise<void>>()
  const parent = (path: string): Promise<void> => {
    const making = made.get(path) ?? makeParents(folder, path, parent)
    made.set(path, making)
    return making
  }
  let closed = false
  const expectOpen = (): void => {
    if (closed) throw new Problem('unexpected', { subject: record.id, message: 'The set is closed already.' })
  }
  return {
    id: record.id,
    folder,
    unc: record.unc,
    keepFree: location.minimumFree,

    expectRoom(subject = record.id, bytes = 0) {
      const { minimumFree } = location
      const free = freeBytes(folder)
      if (free === null || free - bytes >= minimumFree) return
      throw bytes === 0 ? noRoom(subject, minimumFree) : tooLarge(subject, bytes, free, minimumFree)
    },

    async local(path) {
      expectOpen()
      refuseUnsafe(record.id, path)
      await parent(path.slice(0, path.lastIndexOf('/')))
      return join(folder, path)
    },

    remote: (path) => {
      refuseUnsafe(record.id, path)
      return `${record.unc}\\${path.replaceAll('/', '\\')}`
    },

    add(outcome, files) {
      expectOpen()
      if (Array.isArray(files)) for (const { path } of files as ManifestEntry[]) refuseUnsafe(record.id, path)
      const kept = outcome.outcome === 'ok' || outcome.outcome === 'suspect'
      added.set(itemKey(outcome), { outcome, files: kept ? files : [] })
      return Promise.resolve()
    },

    async commit() {
      expectOpen()
      closed = true
      const settled = await settle(folder, record, added)
      await using manifest = sortedLines(join(folder, `${manifestFile}.sorting`))
      const payload = await fill(manifest, folder, record.id, settled)
      const items = settled.map(({ outcome }) => outcome)
      const finished: SetRecord = {
        ...record,
        finishedAt: later(drivers.clock.now(), record.startedAt),
        items: items.map(recorded),
        ...payload,
        ...(journal && { journal: journal() }),
      }
      const commitSha256 = await retry(
        () => closeBag(folder, finished, { desired, environment: environment?.() ?? null }, manifest, expectOurs),
        drivers.clock,
        new AbortController().signal,
      )
      const where = { location: location.name, path: folder, unc: record.unc }
      return { ...setOfRecord(finished, where, committedState(record.required, items)), commitSha256 }
    },

    async abandon(reason) {
      closed = true
      if (await isCommitted(folder)) return
      await expectOurs()
      const items = [...added.values()].map(({ outcome }) => recorded(outcome))
      const now = later(drivers.clock.now(), record.startedAt)
      await writeDurably(join(folder, recordFile), formatRecord({ ...record, items, abandoned: `${now} ${reason}` }))
    },
  }
}

/** The commit record is there: from here on nothing in the folder changes, however the run ended. */
async function isCommitted(folder: string): Promise<boolean> {
  try {
    await lstat(join(folder, commitRecordFile))
    return true
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return false
    throw fileProblem(thrown, folder, 'Looking at')
  }
}

async function expectIdentity(location: BackupLocation, root: string, deployment: string): Promise<void> {
  const identity = await readIdentity(location, root)
  if (!identity) {
    await expectRoot(location, root)
    throw unclaimed(location)
  }
  refuse(location, faultsOfIdentity(location, identity, { deployment, owner: identity.owner }))
}

/** A name later than every older one of the policy; when somebody was faster, the next one. */
async function makeSetFolder(
  location: BackupLocation,
  policyFolder: string,
  drivers: Drivers,
  note: (name: string) => Promise<void>,
): Promise<string> {
  try {
    await makeFolder(policyFolder)
    for (;;) {
      const now = drivers.clock.now()
      const names = believableNames(await readdir(policyFolder), now)
      const name = folderName(now, names.at(-1) ?? null, drivers.random)
      await note(name)
      try {
        await mkdir(join(policyFolder, name))
        return name
      } catch (thrown) {
        if (systemCode(thrown) !== 'EEXIST') throw thrown
      }
    }
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') throw unreachable(location, thrown)
    throw fileProblem(thrown, policyFolder, 'Making a folder in')
  }
}

/** Level by level, and never the set's own folder: a share that is gone must not come back as a local folder. */
async function makeParents(folder: string, path: string, parent: (path: string) => Promise<void>): Promise<void> {
  if (path.includes('/')) await parent(path.slice(0, path.lastIndexOf('/')))
  await makeBelow(folder, path)
}

async function makeBelow(folder: string, path: string): Promise<void> {
  await makeFolder(join(folder, path)).catch((thrown: unknown) => {
    throw fileProblem(thrown, join(folder, path), 'Making the folder')
  })
}

function refuseUnsafe(id: SetId, path: string): void {
  if (path.startsWith('data/') && isSafePath(path)) return
  throw new Problem('unexpected', {
    subject: id,
    message: `${JSON.stringify(path)} is not the path of a payload file.`,
  })
}

/** Makes the payload durable. An item that did not keep what it wrote has failed; a required one without outcome, too. */
async function settle(
  folder: string,
  { id, required }: SetRecord,
  added: ReadonlyMap<string, Added>,
): Promise<Added[]> {
  const failed = new Map<Added, Pick<ItemOutcome, 'code' | 'message'>>()
  async function* files(): AsyncGenerator<{ path: string; bytes: number; listed: string; of: Added }> {
    for (const of of added.values())
      try {
        for await (const { path, bytes } of filesOf(id, of)) yield { path: join(folder, path), bytes, listed: path, of }
      } catch (thrown) {
        const { code, message } = toProblem(thrown, of.outcome.subject)
        failed.set(of, { code, message })
      }
  }
  for await (const { of, listed, message } of settleFiles(files(), new AbortController().signal))
    if (!failed.has(of))
      failed.set(of, { code: 'file-not-kept', message: `${listed} was not kept by the share: it ${message}` })
  const settled = [...added.values()].map((one): Added => {
    const why = failed.get(one)
    return why ? { outcome: { ...one.outcome, outcome: 'failed', bytes: 0, ...why }, files: [] } : one
  })
  const missing = required.filter((item) => !added.has(itemKey(item)))
  return [
    ...settled,
    ...missing.map((item): Added => {
      const outcome = {
        ...item,
        path: 'data',
        outcome: 'failed',
        bytes: 0,
        code: 'unexpected',
        message: 'Nothing says how it ended.',
      } as const
      return { outcome, files: [] }
    }),
  ]
}

async function* filesOf(id: SetId, { files }: Added): AsyncGenerator<ManifestEntry> {
  for await (const file of files) {
    refuseUnsafe(id, file.path)
    yield file
  }
}

/** The lines of the manifest: what the items have, and what could not be deleted of the rest. Sets what each item weighs. */
async function fill(
  manifest: SortedLines,
  folder: string,
  id: SetId,
  settled: readonly Added[],
): Promise<{ bytes: number; files: number }> {
  const payload = { bytes: 0, files: 0 }
  const list = async (file: ManifestEntry): Promise<void> => {
    payload.bytes += file.bytes
    payload.files += 1
    await manifest.add(file.path, manifestLine(file))
  }
  for (const one of settled) {
    const before = payload.bytes
    for await (const file of filesOf(id, one)) await list(file)
    one.outcome = { ...one.outcome, bytes: payload.bytes - before }
  }
  for (const file of await sweep(folder, pathsOf(manifest))) await list(file)
  return payload
}

async function* pathsOf(manifest: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of manifest) yield pathOfLine(line)
}

function recorded(outcome: ItemOutcome): SetRecord['items'][number] {
  const { outcome: state, ...rest } = outcome
  return { ...rest, outcome: state === 'damaged' ? 'failed' : state }
}

/** A clock that went back must not end a run before its start. */
function later(now: string, start: string): string {
  return now < start ? start : now
}
