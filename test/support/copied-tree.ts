import { copyTree as copy, type CopiedEntry, type CopyOptions } from '../../src/drivers/files/copy.ts'

type Entry<T extends CopiedEntry['type']> = Omit<Extract<CopiedEntry, { type: T }>, 'type'>

export interface Copied {
  files: Entry<'file'>[]
  folders: Entry<'folder'>[]
  skipped: Entry<'skipped'>[]
  bytes: number
}

/** A copy with everything that was copied in lists, sorted by name: for trees of tests, which are small. */
export async function copyTree(from: string, to: string, options: Omit<CopyOptions, 'take'>): Promise<Copied> {
  const entries: CopiedEntry[] = []
  const { bytes } = await copy(from, to, { ...options, take: (entry) => void entries.push(entry) })
  entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  const lists: Pick<Copied, 'files' | 'folders' | 'skipped'> = { files: [], folders: [], skipped: [] }
  for (const { type, ...rest } of entries)
    if (type === 'file') lists.files.push(rest as Entry<'file'>)
    else if (type === 'folder') lists.folders.push(rest as Entry<'folder'>)
    else lists.skipped.push(rest as Entry<'skipped'>)
  return { ...lists, bytes }
}
