import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem, systemCode } from '../base/problem.ts'
import { retry } from '../base/retry.ts'
import type { OddEntry } from '../domain/facts.ts'
import type { BackupLocation } from '../domain/model.ts'
import { setId } from '../domain/subject.ts'
import type { BackupSet } from '../domain/backup-set.ts'
import type { SetId } from '../domain/words.ts'
import type { Drivers } from '../drivers/drivers.ts'
import { writeDurably } from '../drivers/files/durable.ts'
import { isRealFolder, makeFolder } from '../drivers/files/folder.ts'
import { oddEntry } from '../drivers/files/problem.ts'
import { whyOdd } from '../drivers/files/share.ts'
import { mostLineBytes, readSmallFile } from '../drivers/files/small-file.ts'
import { timeOfFolder } from './folder-name.ts'
import { readIdentity, unclaimed, unreachable } from './identity.ts'

export const pointerFolder = 'current'

/** Replaces `current/<policy>.txt` by the UNC path of a whole, complete set; a share that is busy is asked again. */
export async function pointTo(
  location: BackupLocation,
  policy: string,
  set: BackupSet,
  drivers: Drivers,
): Promise<void> {
  if (!set.whole || set.state !== 'complete')
    throw new Problem('set-not-pointable', {
      subject: set.id,
      message: `The pointer moves only to whole and complete sets; this one is ${set.whole ? set.state : 'a part of its policy'}.`,
      hint: `Make one: holdfast backup ${policy}`,
    })
  const root = drivers.localPath(location.share)
  if (!(await readIdentity(location, root))) throw unclaimed(location)
  const folder = join(root, pointerFolder)
  await makeFolder(folder).catch((thrown: unknown) => {
    throw unreachable(location, thrown)
  })
  const path = join(folder, `${policy}.txt`)
  const write = (): Promise<unknown> => writeDurably(path, `${set.unc}\n`)
  await retry(write, drivers.clock, new AbortController().signal).catch(async (thrown: unknown) => {
    if (await isRealFolder(path).catch(() => false)) throw oddEntry(path, 'is a folder in the place of the pointer')
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

/** Policy -> the set that its pointer names, null where it names none; and what is no pointer. */
export async function readPointers(
  location: BackupLocation,
  root: string,
): Promise<{ pointers: Record<string, SetId | null>; odd: OddEntry[] }> {
  const pointers: Record<string, SetId | null> = {}
  const odd: OddEntry[] = []
  const folder = join(root, pointerFolder)
  const isThere = await isRealFolder(folder).catch((thrown: unknown) => {
    if (systemCode(thrown) === 'ENOENT') return false
    throw thrown
  })
  // What stands in its place instead is told with the listing of the share.
  const names = isThere ? await readdir(folder) : []
  for (const name of names.filter((name) => name.endsWith('.txt')).sort()) {
    const policy = name.slice(0, -'.txt'.length)
    pointers[policy] = await readPointerFile(join(folder, name)).catch(async (thrown: unknown) => {
      odd.push({ path: [location.share, pointerFolder, name].join('\\'), what: await whyOdd(thrown, root) })
      return null
    })
  }
  return { pointers, odd }
}
