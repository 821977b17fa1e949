/** The journal against what the shares say of it, and the shares against what the journal says of them. */
import type { Time } from '../base/time.ts'
import type { JournalHead } from '../domain/journal-head.ts'
import { foldSubject } from '../domain/subject.ts'
import type { Statement } from '../sets/statements.ts'
import { committedOf, committedType } from './committed.ts'
import { acceptedType, type Journal } from './journal.ts'

/** One place outside of the journal that knows an entry of it. */
export interface Anchor {
  /** UNC path, or the id of a set that only the journal knows. */
  place: string
  /** The entry that it is about. */
  sequence: number
  outcome: 'agrees' | 'disagrees' | 'unseen'
}

/**
 * Each statement of a share with what the journal says, then the commit records that only the journal knows. `unseen`:
 * nothing can be said, because the set is not there, or speaks of a former journal that somebody has let go.
 */
export async function compareAnchors(journal: Journal, statements: AsyncIterable<Statement>): Promise<Anchor[]> {
  const commits = new Map<string, { sequence: number; commitSha256: string; id: string }>()
  for (const page of journal.pages({ type: committedType }))
    for (const entry of page) {
      const committed = committedOf(entry)
      if (committed) commits.set(foldSubject(committed.id), { ...committed, sequence: entry.sequence })
    }
  const [letGo = null] = journal.list({ type: acceptedType, limit: 1, newest: true }).map(({ at }) => at)
  const outcomeOf = (head: JournalHead, set: Statement['set']): Anchor['outcome'] => {
    if (journal.holds(head)) return 'agrees'
    return journal.isLost(head.sequence) ? 'unseen' : unless(letGo, set)
  }
  const anchors: Anchor[] = []
  const met = new Set<string>()
  for await (const { place, head, set } of statements) {
    if (head) anchors.push({ place, sequence: head.sequence, outcome: outcomeOf(head, set) })
    const commit = set && commits.get(foldSubject(set.id))
    if (!set || !commit || met.has(commit.id)) continue
    met.add(commit.id)
    const agrees = commit.commitSha256 === set.commitSha256
    anchors.push({ place, sequence: commit.sequence, outcome: agrees ? 'agrees' : 'disagrees' })
  }
  for (const { id, sequence } of commits.values())
    if (!met.has(id)) anchors.push({ place: id, sequence, outcome: 'unseen' })
  return anchors
}

/** What was closed before a former journal was let go speaks of that one. */
function unless(letGo: Time | null, set: Statement['set']): Anchor['outcome'] {
  return letGo !== null && set !== null && set.finishedAt < letGo ? 'unseen' : 'disagrees'
}
