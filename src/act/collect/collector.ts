import type { ItemOutcome } from '../../domain/backup-set.ts'
import type { Item } from '../../domain/words.ts'
import type { ManifestEntries, ManifestEntry } from '../../sets/manifest.ts'
import type { SetWriter } from '../../sets/writer.ts'
import type { Resource, Tools } from '../handler.ts'

/** An item as it was got: what is in the set now. */
export interface Collected {
  outcome: ItemOutcome
  files: ManifestEntries
}

/** One way of getting an item. Throws when the item could not be had; nothing else of the run is touched. */
export interface Collector {
  /** What must have room before it starts; null: nothing scarce. */
  resource(item: Item, tools: Tools): Resource | null
  /** `attempt` counts from 1; a further attempt writes under another name. */
  collect(item: Item, context: CollectContext): Promise<Collected>
}

/** An item that came whole: these files, and what is known about them. */
export function collected(
  { kind, subject }: Item,
  path: string,
  files: readonly ManifestEntry[],
  more: Pick<ItemOutcome, 'counts' | 'message' | 'database'> = {},
): Collected {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  return { outcome: { kind, subject, path, outcome: 'ok', bytes, ...more }, files }
}

export interface CollectContext {
  set: SetWriter
  tools: Tools
  attempt: number
  signal: AbortSignal
  onPercent: (percent: number) => void
}
