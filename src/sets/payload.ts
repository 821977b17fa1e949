import { readdir, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from '../base/problem.ts'
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
 * Every file below a folder of a set; links are reported, never followed. A folder that is not there holds nothing. Throws
 * Problem `file-...` where one cannot be listed.
 */
export async function* filesBelow(root: string, folder: string): AsyncGenerator<PayloadFile> {
  const open = [folder]
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const entries = await readdir(join(root, path), { withFileTypes: true }).catch((thrown: unknown) => {
      if (systemCode(thrown) === 'ENOENT') return []
      throw fileProblem(thrown, join(root, path), 'Listing')
    })
    for (const entry of entries) {
      const child = path === '' ? entry.name : `${path}/${entry.name}`
      if (entry.isDirectory()) open.push(child)
      else yield { path: child, file: join(root, child), plain: entry.isFile() }
    }
  }
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
