import type { Drivers } from '../drivers/drivers.ts'
import type { BackupLocation } from '../domain/model.ts'
import type { BackupSet, ItemOutcome, SetId } from '../domain/words.ts'

export interface ManifestEntry {
  /** Relative to the set's folder, with `/`: `data/...`. */
  path: string
  sha256: string
  bytes: number
}

/** One run's folder while it is written. Nobody else writes into it, and it is never resumed. */
export interface SetWriter {
  readonly id: SetId
  /** Absolute, as this machine reaches it. */
  readonly folder: string
  readonly unc: string
  /** Absolute local path, and UNC path, of something below the folder (`data/...`). Parent folders are made. */
  local(path: string): Promise<string>
  remote(path: string): string
  /** Takes note of how an item ended and of its files. A failed item's files are deleted, or listed where that fails. */
  add(outcome: ItemOutcome, files: readonly ManifestEntry[]): Promise<void>
  /** Writes record, manifests, reads back, and last the commit record. The state follows from the outcomes. */
  commit(): Promise<BackupSet>
  /** Leaves the folder without a commit record: `interrupted`. */
  abandon(reason: string): Promise<void>
}

export type SetStart = Pick<BackupSet, 'policy' | 'revision' | 'cause' | 'slot' | 'whole' | 'required'> & {
  deployment: string
  reason: string
}

/** Makes the folder (exclusively) and the record of the start. */
export function startSet(_location: BackupLocation, _start: SetStart, _drivers: Drivers): Promise<SetWriter> {
  throw new Error('not built yet')
}
