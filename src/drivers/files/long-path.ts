import { win32 } from 'node:path'

/**
 * An absolute path in the form that Windows takes as it is (`\\?\C:\...`, `\\?\UNC\server\share\...`): longer than
 * 260 characters, and with names that end in a dot or are those of devices ("Naming Files, Paths, and Namespaces").
 * Elsewhere a path is such a form already.
 */
export function longPath(path: string, platform: NodeJS.Platform): string {
  return platform === 'win32' ? win32.toNamespacedPath(path) : path
}
