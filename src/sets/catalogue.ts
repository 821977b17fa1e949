import { join } from 'node:path'
import { createHash } from 'node:crypto'
import { batches } from '../base/batches.ts'
import { systemCode } from '../base/problem.ts'
import type { Time } from '../base/time.ts'
import { isCommitted } from '../domain/recovery-point.ts'
import { foldSubject, sameSubject } from '../domain/subject.ts'
import type { OddEntry } from '../domain/facts.ts'
import type { BackupLocation } from '../domain/model.ts'
import type { BackupSet, Verification } from '../domain/backup-set.ts'
import type { VanishedSet } from '../domain/vanished-set.ts'
import type { Item, SetId } from '../domain/words.ts'
import type { Drivers } from '../drivers/drivers.ts'
import { whyOdd } from '../drivers/files/share.ts'
import { mostRecordBytes, readSmallFile } from '../drivers/files/small-file.ts'
import { timeOfFolder } from './folder-name.ts'
import { listFolders, type Folder } from './folders.ts'
import { readIdentity, unclaimed, unreachable, type Identity } from './identity.ts'
import { commitRecordFile, parseManifest, recordFile } from './manifest.ts'
import { parseRecord } from './record.ts'
import { committedState, setOfRecord } from './state.ts'
import type { KnownItems } from './summary.ts'

/** A set and the SHA-256 of its commit record. */
export interface Committed {
  id: SetId
  commitSha256: string
}

/** What the state store remembers of sets: a cache of what is on the share, and the proofs. */
export interface SetCache extends KnownItems {
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
  /** Whether a run of ours wrote this commit record (SHA-256), or Git or a person speaks for it. */
  isVouched(id: SetId, commitSha256: string): boolean
  /** From now on these count, as long as their commit records are these. */
  vouch(sets: readonly Committed[]): void
  /** Policy folders of a location, folded, that this store has still to list for the first time; null: all of them. */
  neverListed(location: string): ReadonlySet<string> | null
  /** What a first listing found that nobody speaks for: another store knew it, and Git may speak for it. */
  find(location: string, sets: readonly Committed[], neverListed: ReadonlySet<string>): void
  /** Whether this very commit record was there at the first listing. */
  isFormer(id: SetId, commitSha256: string): boolean
  /** Somebody else's sets become ours: the next listing is the first one. */
  listAnew(location: string): void
  /** Damage is final. A set with outcome `damaged` and no damaged item has a fault that spoils none of them. */
  prove(id: SetId, proof: Verification & { damagedItems: readonly Pick<Item, 'kind' | 'subject'>[] }): void
}

/** What a listing of a share gives: its sets, newest first, and what is not what its name says. */
export interface Listing {
  sets: BackupSet[]
  odd: OddEntry[]
}

/** Enough to keep a share busy. What is under way at a time must die young: V8 collects the old at the price of all sets. */
const atOnce = 8

/**
 * All sets of a location: one listing for each policy folder; reads only folders that are new or were open. What is not
 * a set of this location's deployment is ignored. Throws Problem `location-unreachable` or `location-unclaimed`.
 */
export async function readCatalogue(
  location: BackupLocation,
  cache: SetCache,
  running: ReadonlySet<SetId>,
  drivers: Drivers,
): Promise<Listing> {
  const root = drivers.localPath(location.share)
  const identity = await readIdentity(location, root)
  try {
    const known = new Map(cache.all(location.name).map((set) => [set.id, set])) // one question, not one for each set
    const { folders, odd, unlisted } = await listFolders(location, root, drivers.clock.now())
    const deployment = identity?.deployment ?? null
    const own = withoutTwins(folders, known, odd)
    const found: (BackupSet | null)[] = []
    const open: number[] = []
    for (const [index, folder] of own.entries()) {
      const cached = known.get(folder.id)
      found.push(isSettled(cached, folder) ? cached : null)
      if (found[index] === null) open.push(index)
    }
    for (const batch of batches(open, atOnce)) {
      const there = batch.flatMap((index) => own[index] ?? [])
      const read = await readBatch(there, root, known, cache, running, deployment, odd)
      for (const [n, index] of batch.entries()) found[index] = read[n] ?? null
    }
    const sets = found.filter((set) => set !== null)
    const [unseen, missed] = unlistedOrMissed(known, sets, unlisted)
    if (missed.length > 0) await miss(missed, location, identity, root, cache, drivers.clock.now())
    findFormer(sets, location, unlisted, cache)
    return { sets: [...sets, ...unseen], odd }
  } catch (thrown) {
    throw unreachable(location, thrown)
  }
}

/** Known sets that were not found: those of policies that could not be listed, and those that are gone. */
function unlistedOrMissed(
  known: ReadonlyMap<SetId, BackupSet>,
  found: readonly BackupSet[],
  unlisted: ReadonlySet<string>,
): [unseen: BackupSet[], missed: BackupSet[]] {
  if (found.length === known.size && found.every((set) => known.has(set.id))) return [[], []] // nearly always
  const ids = new Set(found.map(({ id }) => id))
  const others = [...known.values()].filter(({ id }) => !ids.has(id))
  const isUnseen = ({ policy }: BackupSet): boolean => unlisted.has(foldSubject(policy))
  return [others.filter(isUnseen), others.filter((set) => !isUnseen(set))]
}

/** Each policy folder has one first listing: a set that appears later, whatever date it bears, is nobody's. */
function findFormer(
  sets: readonly BackupSet[],
  { name }: BackupLocation,
  unlisted: ReadonlySet<string>,
  cache: SetCache,
): void {
  const before = cache.neverListed(name)
  const still = before?.intersection(unlisted) ?? unlisted
  if (before?.size === still.size) return
  const isFirst = ({ policy }: BackupSet): boolean => before === null || before.has(foldSubject(policy))
  const found = sets.filter((set) => set.unvouched && isFirst(set))
  cache.find(
    name,
    found.flatMap(({ id, commitSha256 }) => (commitSha256 === undefined ? [] : [{ id, commitSha256 }])),
    still,
  )
}

/** Names know no case on Windows: of folders that would be one and the same set there, one is it. */
function withoutTwins(
  folders: readonly Folder[],
  known: ReadonlyMap<SetId, BackupSet>,
  odd: OddEntry[],
): readonly Folder[] {
  const policies = new Set(folders.map(({ policy }) => policy))
  if (new Set([...policies].map(foldSubject)).size === policies.size) return folders // the rest of a name has one form
  const byId = Map.groupBy(folders, ({ id }) => foldSubject(id))
  return folders.filter((folder) => {
    const twins = byId.get(foldSubject(folder.id)) ?? []
    const [first = folder] = twins.toSorted((a, b) => Number(known.has(b.id)) - Number(known.has(a.id)))
    if (folder === first) return true
    odd.push({ path: folder.unc, what: `is a copy of ${first.unc}, by a name that differs in case alone` })
    return false
  })
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

/** Immutable, and where it was: nothing to read. */
function isSettled(cached: BackupSet | undefined, { path, location }: Folder): cached is BackupSet {
  return (
    cached?.finishedAt != null &&
    cached.commitSha256 !== undefined &&
    cached.path === path &&
    cached.location === location
  )
}

/** The set of each of some folders or null, read side by side and remembered together: a share answers late, and a store writes late. */
async function readBatch(
  folders: readonly Folder[],
  root: string,
  known: ReadonlyMap<SetId, BackupSet>,
  cache: SetCache,
  running: ReadonlySet<SetId>,
  deployment: string | null,
  odd: OddEntry[],
): Promise<(BackupSet | null)[]> {
  const read = await Promise.all(
    folders.map(async (folder) => {
      const cached = known.get(folder.id) ?? null
      try {
        const set = await readSet(folder, running.has(folder.id), deployment)
        return set && judged(set, folder, cache)
      } catch (thrown) {
        odd.push({ path: folder.unc, what: await whyOdd(thrown, root) })
        return cached
      }
    }),
  )
  const found = read.filter((set) => set !== null)
  const changed = found.filter((set) => {
    const cached = known.get(set.id)
    return set !== cached && (!cached || !isSame(cached, set))
  })
  if (changed.length > 0) cache.put(...changed)
  return read.map((set) => (set === null || set === known.get(set.id) ? set : (cache.get(set.id) ?? set)))
}

/** Doubted unless somebody speaks for its commit record. */
function judged(set: BackupSet, folder: Folder, cache: SetCache): BackupSet {
  const { id, commitSha256 } = set
  return commitSha256 === undefined || cache.isVouched(id, commitSha256) ? set : doubted(set, folder)
}

/** Every run asks for the environment: what demands nothing would be complete with nothing in it. */
function doubted(set: BackupSet, folder: Folder): BackupSet {
  const asksForAll = set.required.some(({ kind }) => kind === 'environment')
  return {
    ...(asksForAll ? set : { ...unreadable(folder, 'damaged'), commitSha256: set.commitSha256 }),
    unvouched: true,
  }
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
    if (commitText !== null) return { ...unreadable(folder, 'damaged'), commitSha256: sha256Of(commitText) }
    return unreadable(folder, isRunning ? 'in-progress' : 'interrupted')
  }
  if (deployment !== null && !sameSubject(record.deployment, deployment)) return null
  if (commitText === null)
    return setOfRecord({ ...record, finishedAt: null }, where, isRunning ? 'in-progress' : 'interrupted')
  const commitSha256 = sha256Of(commitText)
  if (text === null || record.finishedAt === null || !fits(commitText, text))
    return { ...unreadable(folder, 'damaged'), commitSha256 }
  return { ...setOfRecord(record, where, committedState(record.required, record.items)), commitSha256 }
}

/** The commit record holds the checksum of the record. */
function fits(commitText: string, text: string): boolean {
  const lines = parseManifest(commitText)
  const sha256 = sha256Of(text)
  return Array.isArray(lines) && lines.some((line) => line.path === recordFile && line.sha256 === sha256)
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex')
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
    return (await readSmallFile(path, mostRecordBytes)).toString('utf8')
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return null
    throw thrown
  }
}

export { summarise } from './summary.ts'
