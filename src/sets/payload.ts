import { readdir, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from '../base/problem.ts'
import { kindOfEntry } from '../drivers/files/entry-kind.ts'
import { fileProblem } from '../drivers/files/problem.ts'

export interface PayloadFile {
  /** Relative to the set's folder, with `/`. */
  path: string
  /** Absolute. */
  file: string
  /** False for a link or anything else that is not a plain file. */
  plain: boolean
}

/**
 * Every file below a folder of a set, in the order of their paths, as a manifest has them; links are reported, never followed. A folder that is not there holds nothing. Throws
 * Problem `file-...` where one cannot be listed.
 */
export async function* filesBelow(root: string, folder: string): AsyncGenerator<PayloadFile> {
  const open: Opened[] = [{ path: folder, isFolder: true, plain: false }]
  for (let next = open.pop(); next; next = open.pop()) {
    const { path } = next
    if (!next.isFolder) {
      yield { path, file: join(root, path), plain: next.plain }
      continue
    }
    const entries = await readdir(join(root, path), { withFileTypes: true }).catch((thrown: unknown) => {
      if (systemCode(thrown) === 'ENOENT') return []
      throw fileProblem(thrown, join(root, path), 'Listing')
    })
    const prefix = path === '' ? '' : `${path}/`
    const found = entries.map(async (entry): Promise<Opened> => {
      const kind = await kindOfEntry(entry, () => join(root, path, entry.name)).catch(() => 'other')
      return { path: `${prefix}${entry.name}`, isFolder: kind === 'folder', plain: kind === 'file' }
    })
    open.push(...(await Promise.all(found)).sort(lastFirst))
  }
}

interface Opened {
  path: string
  isFolder: boolean
  plain: boolean
}

/** A folder comes where its files come: `a-b` is before `a/b`. */
function lastFirst(a: Opened, b: Opened): number {
  const [one, other] = [a, b].map(({ path, isFolder }) => (isFolder ? `${path}/` : path)) as [string, string]
  return one < other ? 1 : one > other ? -1 : 0
}

/** Deletes a file (of a link: the link). False where that is refused. */
export async function deleteFile(file: string): Promise<boolean> {
  try {
    await rm(file, { force: true })
    return true
  } catch {
    return false
  }
}

/** Removes a folder and its parents below `root` as long as they are empty. */
export async function pruneEmpty(root: string, path: string): Promise<void> {
  for (let parts = path.split('/').slice(0, -1); parts.length > 1; parts = parts.slice(0, -1)) {
    try {
      await rmdir(join(root, ...parts))
    } catch {
      return
    }
  }
}
