import type { RecoveryModel } from '../facts.ts'

/** In front of each piece of a compressed set. */
export const compressedMagic = 0xc0da

/** What a backup set tells of itself; dates are local times of the machine, RFC 3339 without regard to its Z. */
export interface SetFacts {
  name: string
  databaseGuid: string
  familyGuid: string
  databaseCreatedAt: string
  recoveryModel: RecoveryModel
  sizeBytes: number
  readOnly: boolean
  tables: Record<string, number>
  /** As in the facts of the database. */
  seed?: string
  documents?: Record<string, string[]>
  roles?: Record<string, string[]>
  logicalErrors: number
  files: { data: string; log: string }
  collation: string
  /** As in the facts of the database; null: not encrypted. */
  encryptor: string | null
  server: string
  machine: string
  software: { major: number; minor: number; build: number; databaseVersion: number }
  utcOffsetMinutes: number
  user: string
  backupName: string | null
  description: string | null
  copyOnly: boolean
  checksums: boolean
  compressed: boolean
  position: number
  setGuid: string
  mediaGuid: string
  startedAt: string
  finishedAt: string
}
