import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem, systemCode } from '../base/problem.ts'
import { retry } from '../base/retry.ts'
import { faultsOfIdentity } from '../domain/location-faults.ts'
import { itemKey, setId } from '../domain/subject.ts'
import type { BackupLocation, Desired } from '../domain/model.ts'
import type { EnvironmentRecord } from '../domain/environment-record.ts'
import { uncPath, type BackupSet, type ItemOutcome } from '../domain/backup-set.ts'
import type { JournalHead } from '../domain/journal-head.ts'
import type { SetId } from '../domain/words.ts'
import type { Drivers } from '../drivers/drivers.ts'
import { syncFolder, writeDurably } from '../drivers/files/durable.ts'
import { fileProblem } from '../drivers/files/problem.ts'
import { freeBytes, noRoom, tooLarge } from '../drivers/files/room.ts'
import { sortedLines } from '../drivers/files/sorted-lines.ts'
import { closeBag } from './bag.ts'
import { expectRoot, readIdentity, refuse, unclaimed } from './identity.ts'
import { commitRecordFile, recordFile, manifestFile, type ManifestEntries, type ManifestEntry } from './manifest.ts'
import { formatRecord, type SetRecord } from './record.ts'
import { fillManifest, refuseUnsafe, settle, type Added } from './settle.ts'
import { makeBelow, makeParents, makeSetFolder } from './set-folder.ts'
import { software } from './software.ts'
import { committedState, setOfRecord } from './state.ts'

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
      return uncPath(record, path)
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
      const payload = await fillManifest(manifest, folder, record.id, settled)
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

function recorded(outcome: ItemOutcome): SetRecord['items'][number] {
  const { outcome: state, ...rest } = outcome
  return { ...rest, outcome: state === 'damaged' ? 'failed' : state }
}

/** A clock that went back must not end a run before its start. */
function later(now: string, start: string): string {
  return now < start ? start : now
}
