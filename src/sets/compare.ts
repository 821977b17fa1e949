import type { BackupSet } from '../domain/backup-set.ts'
import { compareDirectories } from '../domain/directory-differences.ts'
import { compareSets, withoutMoves, type SetDifference } from '../domain/set-differences.ts'
import { objectsOf, readContents } from './contents.ts'

/** What differs between two sets, from their shares. Throws Problem `set-damaged`, `set-not-finished` and those of reading files. */
export async function readDifferences(a: BackupSet, b: BackupSet, signal: AbortSignal): Promise<SetDifference[]> {
  const [before, after] = [await readContents(a, signal), await readContents(b, signal)]
  const found = compareSets(before, after)
  for (const [name, list] of before.directory) {
    const other = after.directory.get(name)
    if (other === undefined) continue // which list a set lacks is told by its counts
    for await (const one of compareDirectories(objectsOf(a, list, signal), objectsOf(b, other, signal))) found.push(one)
  }
  return withoutMoves(found)
}
