import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem, systemCode } from '../base/problem.ts'
import { retry } from '../base/retry.ts'
import type { OddEntry } from '../domain/facts.ts'
import type { BackupLocation } from '../domain/model.ts'
import { setId } from '../domain/subject.ts'
import { isPointable } from '../domain/recovery-point.ts'
import type { BackupSet } from '../domain/backup-set.ts'
import type { SetId } from '../domain/words.ts'
import type { Drivers } from '../drivers/drivers.ts'
import { writeDurably } from '../drivers/files/durable.ts'
import { isRealFolder, makeFolder } from '../drivers/files/folder.ts'
import { oddEntry } from '../drivers/files/problem.ts'
import { whyOdd } from '../drivers/files/share.ts'
import { mostCopyListBytes, mostLineBytes, readSmallFile } from '../drivers/files/small-file.ts'
import { copyListEnding, countCopies } from './copy-list.ts'
import { timeOfFolder } from './folder-name.ts'
import { readIdentity, unclaimed, unreachable } from './identity.ts'
import { summarise } from './summary.ts'

export const pointerFolder = 'current'

/** Replaces `current/<policy>.txt` by the UNC path of a set that `$Backup` may refer to. */
export async function pointTo(
  location: BackupLocation,
  policy: string,
  set: BackupSet,
  drivers: Drivers,
): Promise<void> {
  if (!summarise([set]).every(isPointable))
    throw new Problem('set-not-pointable', {
      subject: set.id,
      message: `The pointer moves only to whole and complete sets; this one is ${set.whole ? set.state : 'a part of its policy'}.`,
      hint: `Make one: holdfast backup ${policy}`,
    })
  await replace(location, `${policy}.txt`, `${set.unc}\n`, drivers)
}

/** Replaces the list beside it, which names the newest usable copy of each item. `text`: as `copyList` gives it. */
export async function listCopies(
  location: BackupLocation,
  policy: string,
  text: string,
  drivers: Drivers,
): Promise<void> {
  await replace(location, `${policy}${copyListEnding}`, text, drivers)
}

/** A share that is busy is asked again. */
async function replace(location: BackupLocation, name: string, text: string, drivers: Drivers): Promise<void> {
  const root = drivers.localPath(location.share)
  if (!(await readIdentity(location, root))) throw unclaimed(location)
  const folder = join(root, pointerFolder)
  await makeFolder(folder).catch((thrown: unknown) => {
    throw unreachable(location, thrown)
  })
  const path = join(folder, name)
  const write = (): Promise<unknown> => writeDurably(path, text)
  await retry(write, drivers.clock, new AbortController().signal).catch(async (thrown: unknown) => {
    if (await isRealFolder(path).catch(() => false)) throw oddEntry(path, 'is a folder in the place of a file of ours')
    throw thrown
  })
}

/** Set id that `current/<policy>.txt` names, or null. */
export async function readPointer(
  location: BackupLocation,
  policy: string,
  drivers: Pick<Drivers, 'localPath'>,
): Promise<SetId | null> {
  return readPointerFile(join(drivers.localPath(location.share), pointerFolder, `${policy}.txt`)).catch(
    (thrown: unknown) => {
      throw unreachable(location, thrown)
    },
  )
}

async function readPointerFile(path: string): Promise<SetId | null> {
  let text: string
  try {
    text = (await readSmallFile(path, mostLineBytes)).toString('utf8')
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return null
    throw thrown
  }
  const [folder = '', policy = ''] = text.trim().split('\\').reverse()
  return timeOfFolder(folder) !== null && policy !== '' ? setId(policy, folder) : null
}

/** What the folder `current` says of each policy. */
export interface Current {
  /** The set that its pointer names, null where it names none. */
  pointers: Record<string, SetId | null>
  /** How many items its list has in each set. */
  copyLists: Record<string, Record<SetId, number>>
}

/** Reads the folder `current`, and tells what in it is neither pointer nor list. */
export async function readCurrent(location: BackupLocation, root: string): Promise<Current & { odd: OddEntry[] }> {
  // Names from outside: not one of them may be taken for a member of an object.
  const pointers = new Map<string, SetId | null>()
  const copyLists = new Map<string, Record<SetId, number>>()
  const odd: OddEntry[] = []
  const folder = join(root, pointerFolder)
  const isThere = await isRealFolder(folder).catch((thrown: unknown) => {
    if (systemCode(thrown) === 'ENOENT') return false
    throw thrown
  })
  async function read<T>(name: string, reader: (path: string) => Promise<T>): Promise<T | null> {
    try {
      return await reader(join(folder, name))
    } catch (thrown) {
      odd.push({ path: [location.share, pointerFolder, name].join('\\'), what: await whyOdd(thrown, root) })
      return null
    }
  }
  // What stands in its place instead is told with the listing of the share.
  const names = isThere ? (await readdir(folder)).sort() : []
  for (const name of names) {
    if (name.endsWith('.txt')) pointers.set(name.slice(0, -'.txt'.length), await read(name, readPointerFile))
    const rows = name.endsWith(copyListEnding) ? await read(name, readCopyList) : null
    if (rows) copyLists.set(name.slice(0, -copyListEnding.length), rows)
  }
  return { pointers: Object.fromEntries(pointers), copyLists: Object.fromEntries(copyLists), odd }
}

async function readCopyList(path: string): Promise<Record<SetId, number>> {
  return countCopies((await readSmallFile(path, mostCopyListBytes)).toString('utf8'))
}
