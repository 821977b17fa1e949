/** Where file stores are restored for a test: folders of our own in one that a policy gives for nothing else. */
import { lstat, mkdir, readdir, realpath, rm, rmdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { Problem, systemCode } from '../base/problem.ts'
import { randomId } from '../base/random.ts'
import { writeDurably } from '../drivers/files/durable.ts'
import { longPath } from '../drivers/files/long-path.ts'
import { fileProblem } from '../drivers/files/problem.ts'
import { mostLineBytes, readSmallFile } from '../drivers/files/small-file.ts'
import type { Tools } from './handler.ts'

const marker = 'holdfast-restore-test.json'
const ownName = /^holdfast-restore-test-[0-9a-f]{32}$/
/** Those that tests of this process are using. */
const inUse = new Set<string>()

/**
 * Lets `work` fill an empty folder below `files` (UNC), and removes it however that ends; before that, what killed tests of the
 * same daemon left. Throws Problem `scratch-in-use` where it is not scratch, `file-...` and what `work` throws.
 */
export async function inScratchFolder<T>(
  files: string,
  tools: Tools,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const root = await scratchRoot(files, tools)
  await removeLeft(root, tools.owner)
  const folder = join(root, `holdfast-restore-test-${randomId(tools.drivers.random)}`)
  inUse.add(folder)
  try {
    const data = await make(folder, tools)
    return await work(data)
  } finally {
    await remove(folder).catch((thrown: unknown) => {
      tools.log.warn(
        { folder, reason: String(thrown) },
        'what a restore test made could not be removed; the next one tries again',
      )
    })
    inUse.delete(folder)
  }
}

/** Removes what killed tests of this daemon left. Throws as `inScratchFolder`. */
export async function clearScratchFolder(files: string, tools: Tools): Promise<void> {
  await removeLeft(await scratchRoot(files, tools), tools.owner)
}

/** The folder itself, wherever links and mounts lead: neither in what the deployment uses, nor above it. */
async function scratchRoot(files: string, { desired, drivers }: Tools): Promise<string> {
  const root = await realpath(drivers.localPath(files)).catch((thrown: unknown) => {
    throw fileProblem(thrown, files, 'Opening')
  })
  const places = [
    ...desired.fileStores.map(({ name, path }) => ({ path, by: `file store ${name}` })),
    ...desired.locations.map(({ name, share }) => ({ path: share, by: `location ${name}` })),
  ]
  for (const { path, by } of places) {
    const used = await whereIs(path, drivers)
    if (used === null || !(isWithin(used, root) || isWithin(root, used))) continue
    throw new Problem('scratch-in-use', {
      subject: files,
      message: `${files} is given for restore tests, but on this machine it is where ${by} is.`,
      hint: 'Give a folder that is used for nothing else; nothing was written.',
    })
  }
  return longPath(root, process.platform)
}

/** Null: this machine does not reach it, so nothing there is touched either. */
async function whereIs(unc: string, drivers: Tools['drivers']): Promise<string | null> {
  try {
    return await realpath(drivers.localPath(unc))
  } catch {
    return null
  }
}

function isWithin(inner: string, outer: string): boolean {
  const way = relative(outer, inner)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && way !== inner)
}

/** With the marker before anything else is in it. Gives the folder for the data. */
async function make(folder: string, { owner }: Tools): Promise<string> {
  const data = join(folder, 'data')
  try {
    await mkdir(folder)
    await writeDurably(join(folder, marker), Buffer.from(`${JSON.stringify({ madeFor: 'a restore test', owner })}\n`))
    await mkdir(data)
  } catch (thrown) {
    throw fileProblem(thrown, folder, 'Making')
  }
  return data
}

async function removeLeft(root: string, owner: string): Promise<void> {
  const names = await readdir(root).catch((thrown: unknown) => {
    throw fileProblem(thrown, root, 'Listing')
  })
  for (const folder of names.filter((name) => ownName.test(name)).map((name) => join(root, name))) {
    if (inUse.has(folder) || !(await isOurs(folder, owner))) continue
    await remove(folder).catch(() => {}) // a file in it is in use: next time
  }
}

/** A folder with our marker; or one with nothing in it yet, for the marker is the first thing. */
async function isOurs(folder: string, owner: string): Promise<boolean> {
  try {
    if (!(await lstat(folder)).isDirectory()) return false
    const text = await readSmallFile(join(folder, marker), mostLineBytes).catch((thrown: unknown) => {
      if (systemCode(thrown) === 'ENOENT') return null
      throw thrown
    })
    if (text === null) return (await readdir(folder)).every((name) => name.startsWith(`${marker}.`))
    return (JSON.parse(text.toString()) as { owner?: unknown }).owner === owner
  } catch {
    return false
  }
}

/** The marker goes last: what a crash leaves of this is known, too. Follows no link. */
async function remove(folder: string): Promise<void> {
  await rm(join(folder, 'data'), { recursive: true, force: true, maxRetries: 3 })
  for (const name of await readdir(folder)) if (name.startsWith(marker)) await rm(join(folder, name), { force: true })
  await rmdir(folder)
}
