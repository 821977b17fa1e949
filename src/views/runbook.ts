import { z } from 'zod'
import type { Subject } from '../domain/words.ts'
import { recoverabilityView, recoverableShape, type RestoreSnapshot } from './recoverability.ts'
import { time } from './shapes.ts'

export const runbookShape = z
  .object({
    at: time,
    revision: z.string().describe('The one whose topology the steps name'),
    from: z.literal('latest').describe('latest: the newest usable copy of each item'),
  })
  .extend(recoverableShape.omit({ pairing: true }).shape)
  .describe('The procedure for one subject. This version runs no step and sees no state: a person does them all')
export type RunbookView = z.infer<typeof runbookShape>

/** `holdfast runbook`. Null when nothing of that name can be lost. */
export function runbookView(snapshot: RestoreSnapshot, subject: Subject): RunbookView | null {
  const view = recoverabilityView(snapshot, subject)
  const [row] = view?.subjects ?? []
  if (!view || !row) return null
  const { pairing: _, ...procedure } = row
  return { at: view.at, revision: snapshot.desired.revision, from: 'latest', ...procedure }
}
