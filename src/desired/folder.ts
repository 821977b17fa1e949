/** Reads desired state from a work tree, as Git would give it: plain files only, links are none. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { isResourceFile } from './load.ts'
import { maximumFile, type SourceFile } from './parse.ts'

/** Every file of desired state below an absolute path; paths in the answer are relative to it, with `/`. */
export async function readFolder(folder: string): Promise<SourceFile[]> {
  const paths = await walk(folder, '')
  return Promise.all(paths.map(async (path) => ({ path, text: await readText(join(folder, path)) })))
}

/** Hidden folders (`.git`) are not even opened. */
async function walk(folder: string, below: string): Promise<string[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true })
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = posix.join(below, entry.name)
      if (entry.isDirectory()) return entry.name.startsWith('.') ? [] : walk(folder, path)
      return entry.isFile() && isResourceFile(path) ? [path] : []
    }),
  )
  return found.flat()
}

/** One file, whatever its name, as if it were all there is. */
export async function readOne(file: string): Promise<SourceFile> {
  return { path: 'resources.yaml', text: await readText(file) }
}

async function readText(file: string): Promise<string | null> {
  const { size } = await stat(file)
  return size > maximumFile ? null : readFile(file, 'utf8')
}
