import type { Skip } from '../../domain/not-taken.ts'

/** What is left out of any copy of a tree that is in use. */
export const vanished: Skip = { reason: 'vanished', why: 'vanished after it was listed' }
export const oddities = {
  link: { reason: 'link', why: 'a link' },
  other: { reason: 'not-a-file', why: 'not a file' },
} as const satisfies Record<string, Skip>
