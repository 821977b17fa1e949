import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { systemCode } from '../base/problem.ts'
import { addSeconds, type Time } from '../base/time.ts'
import type { OddEntry } from '../domain/facts.ts'
import type { BackupLocation } from '../domain/model.ts'
import { foldSubject, setId } from '../domain/subject.ts'
import { isVolumeFolder } from '../domain/volume-folders.ts'
import type { SetId } from '../domain/words.ts'
import { kindOfEntry, type EntryKind } from '../drivers/files/entry-kind.ts'
import { isShareLost } from '../drivers/files/share.ts'
import { timeOfFolder } from './folder-name.ts'

/** The folder of a policy, on the share of a location. */
interface PolicyFolder {
  policy: string
  location: string
  /** Absolute, as this machine reaches it. */
  path: string
  unc: string
}

/** A folder that is named like a set. Of 100,000 nearly all are known: what is only asked of the others is made then. */
export class Folder {
  readonly id: SetId
  readonly name: string
  readonly #parent: PolicyFolder

  constructor(parent: PolicyFolder, name: string) {
    this.id = setId(parent.policy, name)
    this.name = name
    this.#parent = parent
  }

  get policy(): string {
    return this.#parent.policy
  }

  get location(): string {
    return this.#parent.location
  }

  /** Absolute, as this machine reaches it. */
  get path(): string {
    return `${this.#parent.path}${sep}${this.name}`
  }

  get unc(): string {
    return `${this.#parent.unc}\\${this.name}`
  }
}

/** What of ours stands beside the folders of policies: a link in its place would lead our writing elsewhere. */
const ours = new Set(['current', 'journal'])

/** Clocks of machines differ by minutes; that zones are mixed up makes it hours. */
const farAheadSeconds = 86_400

/**
 * The folders of sets on a share, newest name first, and what is not what its name says: it is told, and the rest goes
 * on. `unlisted`: policies of which nobody can say what is there. Throws the system's own error where the share itself
 * does not answer.
 */
export async function listFolders(
  location: BackupLocation,
  root: string,
  now: Time,
): Promise<{ folders: Folder[]; odd: OddEntry[]; unlisted: Set<string> }> {
  const folders: Folder[] = []
  const odd: OddEntry[] = []
  const unlisted = new Set<string>()
  const tooLate = addSeconds(now, farAheadSeconds)
  const tell = (names: readonly string[], what: string): void =>
    void odd.push({ path: [location.share, ...names].join('\\'), what })
  for (const entry of await readdir(root, { withFileTypes: true })) {
    const policy = entry.name
    if (isVolumeFolder(policy)) continue
    const kind = await kindOf(entry, root)
    if (kind === 'folder' && ours.has(policy.toLowerCase())) continue
    if (kind === 'link' || kind === 'other' || (kind === 'file' && ours.has(policy)))
      tell([policy], 'is a link, or something else that Holdfast never makes')
    if (kind !== 'folder') continue
    const parent = {
      ...{ policy, location: location.name },
      ...{ path: join(root, policy), unc: `${location.share}\\${policy}` },
    }
    const inside = await listPolicy(parent.path, root)
    if (typeof inside === 'string') {
      unlisted.add(foldSubject(policy))
      tell([policy], `cannot be listed (${inside})`)
      continue
    }
    for (const one of inside) {
      const time = timeOfFolder(one.name)
      if (time === null) continue
      // The listing itself knows nearly all of them: a promise for each of 100,000 takes its time.
      if (!one.isDirectory() && (await kindOf(one, parent.path)) !== 'folder') {
        tell([policy, one.name], 'is named like a set and is not a folder')
        continue
      }
      if (time > tooLate) tell([policy, one.name], 'is dated far into the future')
      folders.push(new Folder(parent, one.name))
    }
  }
  return { folders: folders.sort(newestFirst), odd, unlisted }
}

/**
 * The names of sets in the folder of a policy, oldest first: a new one is later than all of them, also when our clock went
 * back by years. No clock is a century ahead: such a name was put there so that no later one exists.
 */
export function believableNames(names: readonly string[], now: Time): string[] {
  const limit = addSeconds(now, 100 * 365 * 86_400)
  return names.filter((name) => (timeOfFolder(name) ?? limit) < limit).sort()
}

async function listPolicy(folder: string, root: string): Promise<Dirent[] | string> {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (thrown) {
    const code = systemCode(thrown)
    if (code === 'ENOENT') return []
    if (code === null || (await isShareLost(code, root))) throw thrown
    return code
  }
}

function kindOf(entry: Dirent, parent: string): Promise<EntryKind> {
  return kindOfEntry(entry, () => join(parent, entry.name)).catch(() => 'other')
}

function newestFirst(a: Folder, b: Folder): number {
  if (a.name !== b.name) return a.name < b.name ? 1 : -1
  return a.policy < b.policy ? -1 : 1
}
