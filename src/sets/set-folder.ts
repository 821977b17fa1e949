import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from '../base/problem.ts'
import type { BackupLocation } from '../domain/model.ts'
import type { Drivers } from '../drivers/drivers.ts'
import { makeFolder } from '../drivers/files/folder.ts'
import { fileProblem } from '../drivers/files/problem.ts'
import { folderName } from './folder-name.ts'
import { believableNames } from './folders.ts'
import { unreachable } from './identity.ts'

/** A name later than every older one of the policy; when somebody was faster, the next one. */
export async function makeSetFolder(
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
export async function makeParents(
  folder: string,
  path: string,
  parent: (path: string) => Promise<void>,
): Promise<void> {
  if (path.includes('/')) await parent(path.slice(0, path.lastIndexOf('/')))
  await makeBelow(folder, path)
}

export async function makeBelow(folder: string, path: string): Promise<void> {
  await makeFolder(join(folder, path)).catch((thrown: unknown) => {
    throw fileProblem(thrown, join(folder, path), 'Making the folder')
  })
}
