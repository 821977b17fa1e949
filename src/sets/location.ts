import type { Drivers } from '../drivers/drivers.ts'
import type { Facts } from '../domain/facts.ts'
import type { BackupLocation } from '../domain/model.ts'
import type { BackupSet } from '../domain/words.ts'

export interface LocationOwner {
  deployment: string
  owner: string
}

/** Looks at a location without changing it. Throws Problem `location-unreachable` and the like. */
export function readLocation(_location: BackupLocation, _us: string, _drivers: Drivers): Promise<Facts['location']> {
  throw new Error('not built yet')
}

/** Writes our identity on a share that has none. Throws Problem `location-foreign` when it has another's. */
export function claimLocation(_location: BackupLocation, _owner: LocationOwner, _drivers: Drivers): Promise<void> {
  throw new Error('not built yet')
}

/** Makes us the owner of a share of this deployment that another daemon owned; keeps the location's id. */
export function takeOverLocation(_location: BackupLocation, _owner: LocationOwner, _drivers: Drivers): Promise<void> {
  throw new Error('not built yet')
}

/** Replaces `current/<policy>.txt` by the UNC path of a whole, complete set. */
export function pointTo(_location: BackupLocation, _policy: string, _set: BackupSet, _drivers: Drivers): Promise<void> {
  throw new Error('not built yet')
}

/** Set id that `current/<policy>.txt` names, or null. */
export function readPointer(_location: BackupLocation, _policy: string, _drivers: Drivers): Promise<string | null> {
  throw new Error('not built yet')
}
