import type { BackupSet, Item, Level } from '../domain/words.ts'

/** One fault of one file of a set; `file` relative to the set's folder, as in the manifest. */
export interface SetProblem {
  file: string
  kind: 'missing' | 'unexpected' | 'size' | 'checksum' | 'unreadable' | 'record' | 'manifest' | 'content'
  message: string
}

/** Checks a folder without changing it. Every problem, not only the first; `damaged`: the items they belong to. */
export function checkSet(
  _set: BackupSet,
  _level: Extract<Level, 'structure' | 'checksum' | 'content'>,
  _signal: AbortSignal,
): Promise<{ problems: SetProblem[]; damaged: Item[] }> {
  throw new Error('not built yet')
}
