/** Reads desired state from a work tree, as Git would give it: plain files only, links are none. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { kindOfEntry } from '../drivers/files/entry-kind.ts'
import { checkCount, checkSizes, limits } from './limits.ts'
import { isResourceFile } from './load.ts'
import type { SourceFile } from './parse.ts'

/**
 * Every file of desired state below an absolute path; paths in the answer are relative to it, with `/`. Throws Problem
 * `desired-state-too-large`.
 */
export async function readFolder(folder: string): Promise<SourceFile[]> {
  const found: { path: string; size: number }[] = []
  for await (const path of walk(folder, '')) {
    found.push({ path, size: (await stat(join(folder, path))).size })
    checkCount(found.length, path)
  }
  checkSizes(found)
  const files: SourceFile[] = []
  for (const { path } of found) files.push({ path, text: await readText(join(folder, path)) })
  return files
}

/** Hidden folders (`.git`) are not even opened. */
async function* walk(folder: string, below: string): AsyncGenerator<string> {
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    const path = posix.join(below, entry.name)
    const kind = await kindOfEntry(entry, () => join(folder, path))
    if (kind === 'folder' && !entry.name.startsWith('.')) yield* walk(folder, path)
    else if (kind === 'file' && isResourceFile(path)) yield path
  }
}

/** One file, whatever its name, as if it were all there is. */
export async function readOne(file: string): Promise<SourceFile> {
  return { path: 'resources.yaml', text: await readText(file) }
}

async function readText(file: string): Promise<string | null> {
  const { size } = await stat(file)
  return size > limits.fileBytes ? null : readFile(file, 'utf8')
}
