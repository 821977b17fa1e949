import { z } from 'zod'
import type { Subject } from '../domain/words.ts'
import { recoverableBy, recoverableShape, type RestoreSnapshot } from './recoverable.ts'
import { subject, time } from './shapes.ts'

export const runbookShape = z
  .object({
    at: time,
    revision: z.string().describe('The one whose topology the steps name'),
    from: z.literal('latest').describe('latest: the newest usable copy of each item'),
    also: z.array(subject).optional().describe('What is lost together with `server`: the steps bring back all of them'),
  })
  .extend(recoverableShape.omit({ pairing: true }).shape)
  .describe('The procedure for what is lost. This version runs no step and sees no state: a person does them all')
export type RunbookView = z.infer<typeof runbookShape>

/** `holdfast runbook`, of what is lost together. Null when nothing of one of the names can be lost. */
export function runbookView(snapshot: RestoreSnapshot, subjects: readonly Subject[]): RunbookView | null {
  const row = recoverableBy(snapshot)(subjects)
  if (!row) return null
  const { pairing: _, ...procedure } = row
  const also = subjects.slice(1)
  const about = { at: snapshot.now, revision: snapshot.desired.revision, from: 'latest' } as const
  return { ...about, ...procedure, ...(also.length === 0 ? {} : { also }) }
}
