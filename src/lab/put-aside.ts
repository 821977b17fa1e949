import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import type { LabPaths } from './paths.ts'

/** Takes a file or folder out of the deployment; what is returned brings it back. Null where there is none. */
export function putAside(paths: LabPaths, path: string): string | null {
  if (!existsSync(path)) return null
  mkdirSync(paths.away, { recursive: true })
  const aside = join(paths.away, randomBytes(6).toString('hex'))
  renameSync(path, aside)
  return aside
}

/** Brings it back to its place. What somebody made there in the meantime is put aside in its turn, never lost. */
export function putBack(paths: LabPaths, path: string, aside: string | null): void {
  putAside(paths, path)
  if (aside === null) return
  mkdirSync(dirname(path), { recursive: true })
  renameSync(aside, path)
}
