/**
 * Folders at the root of a volume or a share that are no content: of Windows, of DFS Replication, of snapshots, of the
 * file system (domain reference, 6.14). No policy may be named like one.
 */
const names = new Set([
  'system volume information',
  '$recycle.bin',
  'dfsrprivate',
  '~snapshot',
  '.snapshot',
  '.snapshots',
  'lost+found',
])

export function isVolumeFolder(name: string): boolean {
  return names.has(name.toLowerCase())
}
