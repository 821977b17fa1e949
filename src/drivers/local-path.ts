import { posix, win32 } from 'node:path'
import { Problem } from '../base/problem.ts'
import type { Config } from '../config/config.ts'

/**
 * A UNC path as this machine reaches it: below the longest mapped prefix, compared by whole components without case; on
 * Windows also as it is. Throws `path-refused` for what is no UNC path or would leave its share, `path-not-mapped` where
 * the mapping has no entry.
 */
export function localPathOf(pathMap: Config['pathMap'], unc: string, platform: NodeJS.Platform): string {
  const wanted = components(unc)
  if (!wanted) throw refused(unc)
  const windows = platform === 'win32'
  const entry = pathMap
    .map(({ unc: prefix, local }) => ({ prefix: components(prefix) ?? [], local }))
    .filter(({ prefix }) => prefix.length > 0 && startsWith(wanted, prefix))
    .sort((a, b) => b.prefix.length - a.prefix.length)[0]
  if (entry) return (windows ? win32 : posix).join(entry.local, ...wanted.slice(entry.prefix.length))
  if (windows) return `\\\\${wanted.join('\\')}`
  throw notMapped(unc, wanted)
}

/** `\\server\share\folder` -> its parts; null for anything else, and where a part could lead elsewhere. */
function components(unc: string): string[] | null {
  if (!unc.startsWith('\\\\')) return null
  const parts = unc.slice(2).replace(/\\$/, '').split('\\')
  return parts.length >= 2 && parts.every(isPlainName) ? parts : null
}

function isPlainName(part: string): boolean {
  return part !== '' && part !== '.' && part !== '..' && part !== '?' && !/[/:\u0000-\u001f]/.test(part)
}

function startsWith(path: readonly string[], prefix: readonly string[]): boolean {
  return prefix.every((part, index) => part.toLowerCase() === path[index]?.toLowerCase())
}

function refused(unc: string): Problem {
  return new Problem('path-refused', {
    subject: unc,
    message: `${JSON.stringify(unc)} is not a plain UNC path.`,
    hint: 'Write it as \\\\server\\share\\folder, without "." or ".." in it.',
  })
}

function notMapped(unc: string, [server, share]: readonly string[]): Problem {
  return new Problem('path-not-mapped', {
    subject: unc,
    message: `It is not known where ${unc} is mounted on this machine.`,
    hint: `Mount the share and add to holdfast.yaml:  pathMap: { '\\\\${server ?? ''}\\${share ?? ''}': /mnt/${share ?? ''} }`,
  })
}
