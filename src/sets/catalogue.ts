import type { Drivers } from '../drivers/drivers.ts'
import type { BackupLocation } from '../domain/model.ts'
import type { BackupSet, SetId, SetSummary, Verification } from '../domain/words.ts'

/** What the state store remembers of sets: a cache of what stands on the share, and the proofs. */
export interface SetCache {
  get(id: SetId): BackupSet | null
  put(set: BackupSet): void
  forget(id: SetId): void
  ids(location: string): readonly SetId[]
  proofs(id: SetId): readonly Verification[]
  prove(id: SetId, proof: Verification & { damagedItems: readonly { kind: string; subject: string }[] }): void
}

/** All sets of a location, newest first: one listing; reads only folders that are new or were open. */
export function readCatalogue(
  _location: BackupLocation,
  _cache: SetCache,
  _running: ReadonlySet<SetId>,
  _drivers: Drivers,
): Promise<BackupSet[]> {
  throw new Error('not built yet')
}

/** The planner's view. Lists of ok items are shared between sets with the same content. */
export function summarise(_sets: readonly BackupSet[]): SetSummary[] {
  throw new Error('not built yet')
}
