import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { LabPaths } from './paths.ts'
import { hostOf, same, type LabShare, type World } from './world.ts'

/** `\\server\a\b` -> its server and the names below it. Names that would leave the folder are not let through. */
export function splitUnc(unc: string): { server: string; parts: string[] } {
  const names = unc
    .split(/[\\/]+/)
    .filter((name) => name !== '' && name !== '.' && name !== '..')
    .map((name) => name.replaceAll(/[\0:*?"<>|]/g, '_'))
  return { server: names[0] ?? '', parts: names.slice(1) }
}

/** The share that a UNC path leads into, and what comes below it. */
function shareOf(world: World, unc: string): { share: LabShare; rest: string[] } | null {
  const wanted = splitUnc(unc)
  const path = [wanted.server, ...wanted.parts]
  const found = world.shares
    .map((share) => ({ share, prefix: [splitUnc(share.unc).server, ...splitUnc(share.unc).parts] }))
    .filter(({ prefix }) => prefix.every((name, index) => same(name, path[index] ?? '')))
    .sort((a, b) => b.prefix.length - a.prefix.length)[0]
  return found ? { share: found.share, rest: path.slice(found.prefix.length) } : null
}

/** What Windows answers: no such machine (operating system error 53), or no such share on it (67). */
function networkError(unc: string, code: 'EHOSTUNREACH' | 'ENONET'): NodeJS.ErrnoException {
  const message = code === 'ENONET' ? 'The network name cannot be found' : 'The network path was not found'
  return Object.assign(new Error(`${message}: ${unc}`), { code })
}

/** A UNC path as the machines of the lab see it -> the path on this machine. Throws as a call of Windows would fail. */
export function localPath(world: World, paths: LabPaths, unc: string): string {
  const found = shareOf(world, unc)
  if (hostOf(world, splitUnc(unc).server)?.powered !== true) throw networkError(unc, 'EHOSTUNREACH')
  if (!found || !existsSync(folderOf(paths, found.share))) throw networkError(unc, 'ENONET')
  return join(folderOf(paths, found.share), ...found.rest)
}

/** A path that somebody typed: a UNC path as the machines see it, or one of this machine. */
export function toLocalPath(world: World, paths: LabPaths, path: string): string {
  return path.startsWith('\\\\') ? localPath(world, paths, path) : path
}

export function folderOf(paths: LabPaths, share: LabShare): string {
  return join(paths.shares, ...share.folder.split('/'))
}
