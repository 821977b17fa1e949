import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem, systemCode } from '../base/problem.ts'
import { retry } from '../base/retry.ts'
import type { BackupLocation } from '../domain/model.ts'
import { setId } from '../domain/subject.ts'
import type { BackupSet } from '../domain/backup-set.ts'
import type { SetId } from '../domain/words.ts'
import type { Drivers } from '../drivers/drivers.ts'
import { writeDurably } from '../drivers/files/durable.ts'
import { timeOfFolder } from './folder-name.ts'
import { readIdentity, unclaimed, unreachable } from './identity.ts'

const pointerFolder = 'current'

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
  await mkdir(folder).catch((thrown: unknown) => {
    if (systemCode(thrown) !== 'EEXIST') throw unreachable(location, thrown)
  })
  const write = (): Promise<unknown> => writeDurably(join(folder, `${policy}.txt`), `${set.unc}\n`)
  await retry(write, drivers.clock, new AbortController().signal)
}

/** Set id that `current/<policy>.txt` names, or null. */
export async function readPointer(
  location: BackupLocation,
  policy: string,
  drivers: Pick<Drivers, 'localPath'>,
): Promise<SetId | null> {
  return readPointerFile(location, join(drivers.localPath(location.share), pointerFolder, `${policy}.txt`))
}

async function readPointerFile(location: BackupLocation, path: string): Promise<SetId | null> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return null
    throw unreachable(location, thrown)
  }
  const [folder = '', policy = ''] = text.trim().split('\\').reverse()
  return timeOfFolder(folder) !== null && policy !== '' ? setId(policy, folder) : null
}

/** Policy -> the set that its pointer names. */
export async function readPointers(location: BackupLocation, root: string): Promise<Record<string, SetId | null>> {
  const names = await readdir(join(root, pointerFolder)).catch((thrown: unknown) => {
    if (systemCode(thrown) === 'ENOENT') return []
    throw thrown
  })
  const pointers: Record<string, SetId | null> = {}
  for (const name of names.filter((name) => name.endsWith('.txt')).sort())
    pointers[name.slice(0, -'.txt'.length)] = await readPointerFile(location, join(root, pointerFolder, name))
  return pointers
}
