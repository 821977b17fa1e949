import type { BackupSet, Item, Level, SetProblem } from '../domain/words.ts'

/** Checks a folder without changing it. Every problem, not only the first; `damaged`: the items they belong to. */
export function checkSet(
  _set: BackupSet,
  _level: Extract<Level, 'structure' | 'checksum' | 'content'>,
  _signal: AbortSignal,
): Promise<{ problems: SetProblem[]; damaged: Item[] }> {
  throw new Error('not built yet')
}
