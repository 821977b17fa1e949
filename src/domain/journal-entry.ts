import type { Time } from '../base/time.ts'

/** One line of the audit record. */
export interface JournalEntry {
  /** From 1; without a gap, but for entries that were lost with a former state store. */
  sequence: number
  at: Time
  actor: string
  cause: string
  revision: string
  type: string
  subject: string
  message: string
  /** SHA-256 over the canonical JSON of the other fields, `previousHash` among them. */
  hash: string
  previousHash: string
}

/** Type of the entry with which another state store goes on with a journal. */
export const continuedType = 'journal-continued'
