import { isAbsolute, resolve, win32 } from 'node:path'
import { fileURLToPath } from 'node:url'

const host = String.raw`(?:[\p{L}\p{N}_][\p{L}\p{N}._-]*|\[[0-9A-Fa-f:.]+\])`
const user = String.raw`[A-Za-z0-9_][A-Za-z0-9_.%+-]*`
const overHttps = new RegExp(`^https://${host}(:\\d+)?(/|$)`, 'u')
const overSsh = new RegExp(`^ssh://(${user}@)?${host}(:\\d+)?(/|$)`, 'u')
const likeScp = new RegExp(`^${user}@${host}:(?!:)[^-]`, 'u')

/** Why a text is not the address of a repository that may be fetched from; null when it is one. Never repeats the text. */
export function gitUrlFault(url: string): string | null {
  if (/[\u0000-\u001f\u007f]/.test(url)) return 'contains a control character'
  if (url.startsWith('-')) return 'begins with a dash, which Git would take for an option'
  if (isLocalPath(url)) return null
  if (/^https?:\/\/.*@/i.test(url))
    return 'names a user, a token or a password; these belong to git.username and git.password (an @ of the path is written %40)'
  if (/^(ssh:\/\/[^@/]*:|[^@/:]*:(?!\/\/))[^@]*@/.test(url))
    return 'holds a password; log in by a key (git.ssh), or over https by git.username and git.password'
  if (/^https:\/\/.*[?#]/.test(url)) return 'has a part after ? or #; a token belongs to git.password'
  if (/^(https|ssh):\/\/([^@/]+@)?-/.test(url) || /^[^@/]+@-/.test(url)) return 'names a host that begins with a dash'
  if (transportOf(url) !== null) return null
  return 'is not an address that is allowed: a path, file:///path, https://host/path, ssh://user@host/path or user@host:path'
}

/** How Git gets there; null for what is not an address that is allowed. */
export function transportOf(url: string): 'local' | 'https' | 'ssh' | null {
  if (isLocalPath(url) || /^file:\/\/\//.test(url)) return 'local'
  if (overHttps.test(url)) return 'https'
  return overSsh.test(url) || (likeScp.test(url) && !url.includes('::')) ? 'ssh' : null
}

/** Whether the text is a path of this machine, as opposed to a URL or `user@host:path`. */
function isLocalPath(url: string): boolean {
  if (win32.isAbsolute(url) || isAbsolute(url)) return true
  return !/^[^/\\]*:/.test(url)
}

/** The folder of a repository on this machine; null when it is a remote one. */
export function localRepository(url: string): string | null {
  if (url.startsWith('file://')) return fileURLToPath(url)
  return isLocalPath(url) ? url : null
}

/** The address as Git gets it: a relative path counts from `folder`. */
export function resolveGitUrl(url: string, folder: string): string {
  return isLocalPath(url) ? resolvePath(folder, url) : url
}

/** Relative paths count from `folder`; a path of Windows stays as it is wherever this runs. */
export function resolvePath(folder: string, path: string): string {
  return isAbsolute(path) || win32.isAbsolute(path) ? path : resolve(folder, path)
}
