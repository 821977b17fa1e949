import { lstat, mkdir } from 'node:fs/promises'
import { systemCode } from '../../base/problem.ts'
import { oddEntry } from './problem.ts'

/** Whether it is a folder, and not a link to one. Throws the system's own errors. */
export async function isRealFolder(path: string | Buffer): Promise<boolean> {
  return (await lstat(path)).isDirectory()
}

/**
 * Makes one folder; one that is there already must be real, or what is written would land elsewhere. False: it was there.
 * Throws Problem `share-entry-odd`, and the system's own errors.
 */
export async function makeFolder(path: string | Buffer): Promise<boolean> {
  try {
    await mkdir(path)
    return true
  } catch (thrown) {
    if (systemCode(thrown) !== 'EEXIST') throw thrown
    if (!(await isRealFolder(path))) throw oddEntry(String(path), 'is a link or a file in the place of a folder')
    return false
  }
}
