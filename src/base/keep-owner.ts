import { chownSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** What root makes in the folder of another account belongs to that account, which has to go on with it. */
export function keepOwner(path: string): void {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = statSync(dirname(path))
  if (uid !== 0) chownSync(path, uid, gid)
}
