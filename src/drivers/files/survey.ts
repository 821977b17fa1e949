import { rm } from 'node:fs/promises'
import { fileProblem } from './problem.ts'
import { isTemporaryName } from './put.ts'
import type { RawPath } from './tasks.ts'
import { list, pathBelow } from './walk.ts'

export interface Survey {
  folders: number
  /** Whatever is no folder. */
  files: number
}

/**
 * Counts what is below a folder, and removes what an earlier try to put files there left under temporary names. `isForeign`:
 * a folder at the root that is neither counted nor opened. Follows no link. Throws a Problem `file-...` where a folder cannot
 * be listed.
 */
export async function surveyTarget(
  root: string,
  isForeign: (name: string) => boolean,
  signal: AbortSignal,
  steps: Int32Array<SharedArrayBuffer>,
): Promise<Survey> {
  const found = { folders: 0, files: 0 }
  const open: RawPath[] = [root]
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    signal.throwIfAborted()
    const here = folder
    const entries = await list(here).catch((thrown: unknown) => {
      throw fileProblem(thrown, String(here), 'Listing')
    })
    for (const { raw, kind } of entries) {
      Atomics.add(steps, 0, 1)
      const name = typeof raw === 'string' ? raw : ''
      if (kind === 'folder') {
        if (here === root && isForeign(name)) continue
        found.folders += 1
        open.push(pathBelow(here, raw))
      } else if (!(kind === 'file' && isTemporaryName(name) && (await isRemoved(pathBelow(here, raw)))))
        found.files += 1
    }
  }
  return found
}

async function isRemoved(path: string | Buffer): Promise<boolean> {
  return rm(path, { force: true }).then(
    () => true,
    () => false,
  )
}
