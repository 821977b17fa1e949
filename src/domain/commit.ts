import type { Time } from '../base/time.ts'

/** What a person wants to know of a commit: who made it, and its subject line. Both as one bounded line. */
export interface Commit {
  author: string
  subject: string
  /** When it was committed; null where the commit does not say. */
  at: Time | null
}

/** `a1b2c3d4e5f6 "Back up fe02" by Ada Smith`; the hash alone where nothing more is known. */
export function tellCommit(revision: string, commit: Commit | undefined): string {
  const hash = revision.slice(0, 12)
  return commit === undefined ? hash : `${hash} "${commit.subject}" by ${commit.author}`
}
