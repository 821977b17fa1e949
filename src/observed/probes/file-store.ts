import { opendir, readdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { timeOf, type Time } from '../../base/time.ts'
import { systemCode } from '../../base/problem.ts'
import type { Facts } from '../../domain/facts.ts'
import { storeSkip, type liveStoreSkip } from '../../domain/live-store.ts'
import { distinct, fileStoreSubject, sameSubject } from '../../domain/subject.ts'
import { kindOfEntry } from '../../drivers/files/entry-kind.ts'
import { mountPointOf } from '../../drivers/files/mount-point.ts'
import { shareProblem } from '../../drivers/files/share.ts'
import type { Probe } from '../probe.ts'

/** Enough to know that a store is not empty, and few enough that a store in use counts the same every time. */
const mostEntries = 20

export const fileStoreProbe: Probe<'fileStore'> = {
  source: 'file system',
  deadlineSeconds: 20,
  atOnce: 4,
  subjects: ({ fileStores }) => distinct(fileStores.map(fileStoreSubject)),
  async look(subject, { desired, drivers }, signal) {
    const wanted = desired.fileStores.filter((store) => sameSubject(fileStoreSubject(store), subject))
    const named = wanted.flatMap((store) => store.serviceFolders)
    const root = drivers.localPath(subject)
    return readStore(root, named, storeSkip(subject, wanted), signal).catch(async (thrown: unknown) => {
      throw systemCode(thrown) === null ? thrown : await shareProblem(thrown, root, drivers.clock, signal)
    })
  },
  // What is in it changes all the time; that it is empty, another one, or no longer mounted, is news.
  essence: ({ folders, entries, bornAt, mountPoint }) => ({ folders, bornAt, mountPoint, empty: entries === 0 }),
}

async function readStore(
  root: string,
  named: readonly string[],
  skip: typeof liveStoreSkip,
  signal: AbortSignal,
): Promise<Facts['fileStore']> {
  const found = await readdir(root, { withFileTypes: true })
  const kinds = await Promise.all(found.map((entry) => kindOfEntry(entry, () => join(root, entry.name)).catch(ifThere)))
  const folders = found.filter((_, index) => kinds[index] === 'folder').map(({ name }) => name)
  const services = serviceFolders(folders, named)
  return {
    folders: folders.sort(),
    entries: await countEntries(root, services, skip, signal),
    bornAt: await bornAt(services.map((name) => join(root, name))),
    freeBytes: await freeBytes(root),
    mountPoint: await mountPointOf(root),
  }
}

/** Those that are known by name, else those that are named like one. */
function serviceFolders(folders: readonly string[], known: readonly string[]): string[] {
  if (known.length === 0) return folders.filter((name) => /^\d+-[A-Za-z]+-\d+$/.test(name))
  return folders.filter((name) => known.some((one) => sameSubject(one, name)))
}

/** Files and folders below these, at most `mostEntries`; no link is followed, and what is no content does not count. */
async function countEntries(
  root: string,
  services: readonly string[],
  skip: typeof liveStoreSkip,
  signal: AbortSignal,
): Promise<number> {
  const open = [...services]
  let count = 0
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    const entries = await opendir(join(root, folder)).catch(ifThere)
    for await (const entry of entries ?? []) {
      signal.throwIfAborted()
      const name = `${folder}/${entry.name}`
      const kind = await kindOfEntry(entry, () => join(root, name)).catch(ifThere)
      if (kind === null || skip(name, kind === 'folder' ? 'folder' : 'file') !== null) continue
      if (++count === mostEntries) return count
      if (kind === 'folder') open.push(name)
    }
  }
  return count
}

/** What went away since it was listed is no fault. */
function ifThere(thrown: unknown): null {
  if (systemCode(thrown) === 'ENOENT') return null
  throw thrown
}

async function bornAt(folders: readonly string[]): Promise<Time | null> {
  const births = await Promise.all(folders.map(async (folder) => (await stat(folder).catch(ifThere))?.birthtimeMs ?? 0))
  const told = births.filter((birth) => birth > 0)
  return told.length === 0 ? null : timeOf(Math.floor(Math.min(...told)))
}

/** Rounded down to a 64th of the volume, so that a volume in use says the same most of the time. */
async function freeBytes(root: string): Promise<number> {
  const { bavail, blocks, bsize } = await statfs(root)
  const step = Math.max(1, Math.floor((blocks * bsize) / 64))
  return Math.floor((bavail * bsize) / step) * step
}
