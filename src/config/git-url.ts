import { isAbsolute, resolve, win32 } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Why a text is not the address of a repository that may be fetched from; null when it is one. */
export function gitUrlFault(url: string): string | null {
  if (/[\u0000-\u001f\u007f]/.test(url)) return 'contains a control character'
  if (url.startsWith('-')) return 'begins with a dash, which Git would take for an option'
  if (isLocalPath(url)) return null
  if (/^(https|ssh):\/\/([^@/]+@)?-/.test(url) || /^[^@/]+@-/.test(url)) return 'names a host that begins with a dash'
  if (/^https:\/\/[^/]/.test(url) || /^ssh:\/\/[^/]/.test(url) || /^file:\/\/\//.test(url)) return null
  if (/^[A-Za-z0-9_.-]+@[A-Za-z0-9.-]+:[^-]/.test(url) && !url.includes('::')) return null
  return 'is not an accepted address (a path, file:///path, https://host/path, ssh://user@host/path or user@host:path)'
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

/** The password in a URL; null when it has none. */
export function passwordOf(url: string): string | null {
  const password = /^[a-z]+:\/\/[^/@:]*:([^/@]+)@/.exec(url)?.[1]
  return password === undefined ? null : decodeURIComponent(password)
}

/** Relative paths count from `folder`; a path of Windows stays as it is wherever this runs. */
export function resolvePath(folder: string, path: string): string {
  return isAbsolute(path) || win32.isAbsolute(path) ? path : resolve(folder, path)
}
