import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import { systemCode } from '../base/problem.ts'
import type { Time } from '../base/time.ts'
import { isCommitted } from '../domain/recovery-point.ts'
import { foldSubject, sameSubject, setId } from '../domain/subject.ts'
import type { BackupLocation } from '../domain/model.ts'
import type { BackupSet, Verification } from '../domain/backup-set.ts'
import type { VanishedSet } from '../domain/vanished-set.ts'
import type { Item, SetId } from '../domain/words.ts'
import type { Drivers } from '../drivers/drivers.ts'
import { batches } from '../drivers/files/hash.ts'
import { timeOfFolder } from './folder-name.ts'
import { readIdentity, unclaimed, unreachable, type Identity } from './identity.ts'
import { commitRecordFile, parseManifest, recordFile } from './manifest.ts'
import { parseRecord } from './record.ts'
import { committedState, setOfRecord } from './state.ts'

/** What the state store remembers of sets: a cache of what is on the share, and the proofs. */
export interface SetCache {
  /** As it was put, with the damage that its proofs found. */
  get(id: SetId): BackupSet | null
  /** Many at once take a fraction of the time. */
  put(...sets: readonly BackupSet[]): void
  /** For what is not missed: a set of ours that expired, a folder that never became a set, a share that was changed in Git. */
  forget(id: SetId): void
  /** Moves sets to those that vanished. One that is put again has come back. */
  vanish(sets: readonly BackupSet[], at: Time): void
  /** Of all locations, in any order. */
  vanished(): readonly VanishedSet[]
  ids(location: string): readonly SetId[]
  /** All sets of a location, newest first, as `get` gives them. */
  all(location: string): readonly BackupSet[]
  proofs(id: SetId): readonly Verification[]
  /** Damage is final. A set with outcome `damaged` and no damaged item has a fault that spoils none of them. */
  prove(id: SetId, proof: Verification & { damagedItems: readonly Pick<Item, 'kind' | 'subject'>[] }): void
}

/**
 * All sets of a location, newest first: one listing for each policy folder; reads only folders that are new or were
 * open. What is not a set of this location's deployment is ignored. Throws Problem `location-unreachable` or
 * `location-unclaimed`.
 */
export async function readCatalogue(
  location: BackupLocation,
  cache: SetCache,
  running: ReadonlySet<SetId>,
  drivers: Drivers,
): Promise<BackupSet[]> {
  const root = drivers.localPath(location.share)
  const identity = await readIdentity(location, root)
  const found: Folder[] = []
  try {
    for (const entry of await readdir(root, { withFileTypes: true })) {
      if (!entry.isDirectory() || entry.name === 'current') continue
      for (const name of await readdir(join(root, entry.name)))
        if (timeOfFolder(name) !== null) found.push(folderOf(location, root, entry.name, name))
    }
    const sets: BackupSet[] = []
    const known = new Map(cache.all(location.name).map((set) => [set.id, set])) // one question, not one for each set
    const deployment = identity?.deployment ?? null
    for (const batch of batches(found.sort(newestFirst)))
      sets.push(...(await readBatch(batch, known, cache, running, deployment)))
    for (const { id } of sets) known.delete(id)
    if (known.size > 0) await miss([...known.values()], location, identity, root, cache, drivers.clock.now())
    return sets
  } catch (thrown) {
    throw unreachable(location, thrown)
  }
}

/**
 * Sets that were known here and are listed no more. A committed one of this very share vanished; of the others nobody
 * misses any. Throws Problem `location-unclaimed` when it is the share that went away in the middle of the listing.
 */
async function miss(
  sets: readonly BackupSet[],
  location: BackupLocation,
  identity: Identity | null,
  root: string,
  cache: SetCache,
  at: Time,
): Promise<void> {
  const still = await readIdentity(location, root)
  if (identity === null || still?.id !== identity.id) throw unclaimed(location)
  const isMissed = (set: BackupSet): boolean => isCommitted(set) && isInside(set.unc, location.share)
  cache.vanish(sets.filter(isMissed), at)
  for (const set of sets) if (!isMissed(set)) cache.forget(set.id)
}

function isInside(unc: string, share: string): boolean {
  return foldSubject(unc).startsWith(`${foldSubject(share)}\\`)
}

interface Folder {
  id: SetId
  policy: string
  name: string
  location: string
  path: string
  unc: string
}

function folderOf(location: BackupLocation, root: string, policy: string, name: string): Folder {
  return {
    id: setId(policy, name),
    policy,
    name,
    location: location.name,
    path: join(root, policy, name),
    unc: `${location.share}\\${policy}\\${name}`,
  }
}

/** Immutable, and where it was: nothing to read. */
function isSettled(cached: BackupSet | null, { path, location }: Folder): cached is BackupSet {
  return cached?.finishedAt != null && cached.path === path && cached.location === location
}

/** The sets of some folders, read side by side and remembered together: a share answers late, and a store writes late. */
async function readBatch(
  folders: readonly Folder[],
  known: ReadonlyMap<SetId, BackupSet>,
  cache: SetCache,
  running: ReadonlySet<SetId>,
  deployment: string | null,
): Promise<BackupSet[]> {
  const read = await Promise.all(
    folders.map(async (folder) => {
      const cached = known.get(folder.id) ?? null
      return isSettled(cached, folder) ? cached : await readSet(folder, running.has(folder.id), deployment)
    }),
  )
  const found = read.filter((set) => set !== null)
  const changed = found.filter((set) => {
    const cached = known.get(set.id)
    return set !== cached && (!cached || !isSame(cached, set))
  })
  if (changed.length > 0) cache.put(...changed)
  return found.map((set) => (set === known.get(set.id) ? set : (cache.get(set.id) ?? set)))
}

/** An interrupted set does not change: nothing is written for it again and again. */
function isSame(cached: BackupSet, set: BackupSet): boolean {
  return (
    set.finishedAt === null &&
    cached.state === set.state &&
    cached.path === set.path &&
    cached.location === set.location
  )
}

/** Reads the two records of a folder; null when it is a set of another deployment, or gone by now. */
async function readSet(folder: Folder, isRunning: boolean, deployment: string | null): Promise<BackupSet | null> {
  const commitText = await readText(join(folder.path, commitRecordFile))
  const text = await readText(join(folder.path, recordFile))
  const record = text === null ? { problem: 'it is not there' } : parseRecord(text, folder.id)
  const where = { location: folder.location, path: folder.path, unc: folder.unc }
  if ('problem' in record) {
    if (commitText !== null) return unreadable(folder, 'damaged')
    return unreadable(folder, isRunning ? 'in-progress' : 'interrupted')
  }
  if (deployment !== null && !sameSubject(record.deployment, deployment)) return null
  if (commitText === null)
    return setOfRecord({ ...record, finishedAt: null }, where, isRunning ? 'in-progress' : 'interrupted')
  if (text === null || record.finishedAt === null || !fits(commitText, text)) return unreadable(folder, 'damaged')
  return setOfRecord(record, where, committedState(record.required, record.items))
}

/** The commit record holds the checksum of the record. */
function fits(commitText: string, text: string): boolean {
  const lines = parseManifest(commitText)
  const sha256 = createHash('sha256').update(text).digest('hex')
  return Array.isArray(lines) && lines.some((line) => line.path === recordFile && line.sha256 === sha256)
}

/** A folder whose record cannot be believed: nothing in it counts. */
function unreadable({ id, policy, name, location, path, unc }: Folder, state: BackupSet['state']): BackupSet {
  const startedAt = timeOfFolder(name) ?? ''
  return {
    id,
    policy,
    location,
    path,
    unc,
    revision: '',
    cause: 'scheduled',
    slot: null,
    whole: false,
    required: [],
    items: [],
    state,
    startedAt,
    finishedAt: state === 'damaged' ? startedAt : null,
    bytes: 0,
    files: 0,
    verifications: [],
  }
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return null
    throw thrown
  }
}

function newestFirst(a: Folder, b: Folder): number {
  if (a.name !== b.name) return a.name < b.name ? 1 : -1
  return a.policy < b.policy ? -1 : 1
}
export { summarise } from './summary.ts'
