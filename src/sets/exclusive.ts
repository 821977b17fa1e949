/** Steps on a share that only one of many takes, and the share's own clock. */
import { link, open, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from '../base/problem.ts'
import { randomId, type Random } from '../base/random.ts'
import { writeDurably } from '../drivers/files/durable.ts'
import { fileProblem } from '../drivers/files/problem.ts'

/** Makes a file that is not there yet; false when it is. The system decides between many, on SMB and NFS too. Throws `file-...`. */
export async function makeNew(path: string, text: string): Promise<boolean> {
  try {
    await using handle = await open(path, 'wx')
    await handle.writeFile(text)
    await handle.sync()
    return true
  } catch (thrown) {
    if (systemCode(thrown) === 'EEXIST') return false
    throw fileProblem(thrown, path, 'Writing')
  }
}

/** The same for a file that others read meanwhile: it is there whole, or not at all; on a share without links, for a moment in part. */
export async function makeNewWhole(path: string, text: string, random: Random): Promise<boolean> {
  const own = `${path}.${randomId(random)}`
  try {
    await writeDurably(own, text)
    return await linkNew(own, path, text)
  } catch (thrown) {
    if (await isThere(path)) return false // whoever made it has cleared ours away
    throw thrown
  } finally {
    await rm(own, { force: true }).catch(() => {})
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

async function linkNew(own: string, path: string, text: string): Promise<boolean> {
  try {
    await link(own, path)
    return true
  } catch (thrown) {
    const code = systemCode(thrown)
    if (code === 'EEXIST') return false
    if (code === 'ENOENT' || code === 'ENOSPC') throw fileProblem(thrown, path, 'Writing')
    return makeNew(path, text)
  }
}

/**
 * How long ago the file was changed, in milliseconds by the clock of the share: measured against a file that is made for
 * it in that folder. Throws `file-...`; null when the file is gone.
 */
export async function ageOnShare(path: string, folder: string, random: Random): Promise<number | null> {
  const probe = join(folder, `.clock.${randomId(random)}`)
  try {
    await makeNew(probe, '')
    const now = (await stat(probe)).mtimeMs
    return now - (await stat(path)).mtimeMs
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return null
    throw fileProblem(thrown, path, 'Looking at')
  } finally {
    await rm(probe, { force: true }).catch(() => {})
  }
}
