import type { BackedUpFile } from './sql-server.ts'

/** A file of a database as it lies on its server now. */
export interface OwnFile {
  /** Logical name. */
  name: string
  /** As in `BackedUpFile`. */
  type: string
  path: string
}

/**
 * Where each file of a backup goes: onto the database's own file of that logical name and type, or else onto the next of its
 * type. Where the backup has more of them, beside the first one of the type, or of the data.
 */
export function placeFiles(database: string, files: readonly BackedUpFile[], own: readonly OwnFile[]): string[] {
  const free = new Set(own)
  const taken = new Set(own.map(({ path }) => path.toLowerCase()))
  const take = (fits: (file: OwnFile) => boolean): string | undefined => {
    const found = [...free].find(fits)
    if (found) free.delete(found)
    return found?.path
  }
  const named = files.map(({ name, type }) =>
    take((file) => file.type === type && file.name.toLowerCase() === name.toLowerCase()),
  )
  return files.map((file, index) => {
    const path = named[index] ?? take(({ type }) => type === file.type) ?? beside(database, file, index, own, taken)
    taken.add(path.toLowerCase())
    return path
  })
}

const extensions: Readonly<Record<string, string>> = { D: '.ndf', L: '.ldf' }

function beside(
  database: string,
  { type }: BackedUpFile,
  index: number,
  own: readonly OwnFile[],
  taken: ReadonlySet<string>,
): string {
  const first = own.find((file) => file.type === type) ?? own.find((file) => file.type === 'D') ?? own[0]
  const folder = (first?.path ?? '').replace(/[^\\/]*$/, '')
  const plain = database.replaceAll(/[^\p{L}\p{N}_-]/gu, '_')
  for (let count = index + 1; ; count++) {
    const path = `${folder}${plain}_${count}${extensions[type] ?? ''}`
    if (!taken.has(path.toLowerCase())) return path
  }
}
