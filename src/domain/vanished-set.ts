import type { Time } from '../base/time.ts'
import type { BackupSet } from './backup-set.ts'

/** A committed set that is gone from its share though Holdfast did not remove it; missed until a Suspension says that it was meant. */
export interface VanishedSet extends Pick<BackupSet, 'id' | 'location' | 'unc' | 'state' | 'startedAt' | 'bytes'> {
  /** When a look first missed it. */
  vanishedAt: Time
}

/** What is left of a set that a look missed at `at`. */
export function vanishedOf({ id, location, unc, state, startedAt, bytes }: BackupSet, at: Time): VanishedSet {
  return { id, location, unc, state, startedAt, bytes, vanishedAt: at }
}
