/** The journal's entry of a commit record: written and read here alone. */
import type { Committed } from '../sets/catalogue.ts'
import type { Entry } from './journal.ts'

export const committedType = 'set-committed'

/** `why`: who speaks for it. */
export function committedMessage(sha256: string, why: string): string {
  return `sha256 ${sha256} of its commit record: ${why}`
}

/** What an entry says of a set; null for any other entry. */
export function committedOf({ type, subject, message }: Pick<Entry, 'type' | 'subject' | 'message'>): Committed | null {
  const sha256 = type === committedType ? /^sha256 ([0-9a-f]{64}) /.exec(message)?.[1] : undefined
  return sha256 === undefined ? null : { id: subject, commitSha256: sha256 }
}
