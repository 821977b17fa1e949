import fs from 'node:fs/promises'
import type { Dir, Dirent } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'

/**
 * From now on listings of `node:fs/promises` in this thread call the entries that `claims` names links, as Node does on
 * Windows for whatever a deduplicated or tiered volume has moved away; `lstat` says what they are.
 */
export function claimedLinks(claims: (path: string) => boolean): Disposable {
  const real = { readdir: fs.readdir, opendir: fs.opendir }
  const claimed = (folder: string, entry: Dirent): Dirent => {
    if (claims(join(folder, entry.name)))
      Object.assign(entry, { isFile: () => false, isDirectory: () => false, isSymbolicLink: () => true })
    return entry
  }
  Object.assign(fs, {
    async readdir(folder: string, ...rest: unknown[]) {
      const entries = (await (real.readdir as (...given: unknown[]) => Promise<unknown[]>)(folder, ...rest)) as Dirent[]
      return entries.map((entry) => (typeof entry === 'string' ? entry : claimed(folder, entry)))
    },
    async opendir(folder: string) {
      const opened: Dir = await real.opendir(folder)
      const entries = async function* (): AsyncGenerator<Dirent> {
        for await (const entry of opened) yield claimed(folder, entry)
      }
      return entries()
    },
  })
  syncBuiltinESMExports()
  return {
    [Symbol.dispose]() {
      Object.assign(fs, real)
      syncBuiltinESMExports()
    },
  }
}
