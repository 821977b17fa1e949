/** The entry with which another state store goes on with a journal: written and read here alone. */
import { continuedType, type JournalEntry } from '../domain/journal-entry.ts'
import type { JournalHead } from '../domain/journal-head.ts'

/** Entries that nobody has any more; both belong to them. */
export interface LostEntries {
  from: number
  to: number
}

/** `last`: the newest entry that came back. */
export function continuedMessage(location: string, last: number, lost: LostEntries | null): string {
  const gap = lost === null ? 'None were lost.' : `Entries ${lost.from} to ${lost.to} were lost.`
  return `A new state store goes on with the journal, whose entries up to ${last} came back from ${location}. ${gap}`
}

/** What an entry says was lost right before it; null: nothing, or another entry. */
export function lostBefore({ type, message }: Pick<JournalEntry, 'type' | 'message'>): LostEntries | null {
  const [, from, to] = (type === continuedType ? /Entries (\d+) to (\d+) were lost\.$/.exec(message) : null) ?? []
  return from === undefined ? null : { from: Number(from), to: Number(to) }
}

/** Whether an entry comes right after another one; after a loss, right after what it says was lost. */
export function follows(entry: JournalEntry, { sequence, hash }: JournalHead): boolean {
  const lost = lostBefore(entry)
  return lost === null
    ? entry.sequence === sequence + 1 && entry.previousHash === hash
    : lost.from === sequence + 1 && lost.to === entry.sequence - 1
}
