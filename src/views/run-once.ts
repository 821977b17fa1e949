import { z } from 'zod'
import type { Attempt, Refusal } from '../domain/action.ts'
import { actionKind, outcome, subject } from './shapes.ts'

export const runOnceShape = z.object({
  revision: z.string(),
  passes: z.int().min(0),
  actions: z.array(
    z.object({
      id: z.string(),
      kind: actionKind,
      subject,
      outcome,
      message: z.string().optional(),
      set: z.string().optional(),
    }),
  ),
  refused: z
    .array(z.object({ guard: z.string(), actions: z.array(z.string()), message: z.string(), override: z.string() }))
    .describe('What was due at the end and no guard let pass'),
})

/** `holdfast run --once`: what was done, oldest first. */
export function runOnceView(report: {
  revision: string
  passes: number
  actions: readonly Attempt[]
  refused: readonly Refusal[]
}): z.infer<typeof runOnceShape> {
  const { revision, passes, actions, refused } = report
  return {
    revision,
    passes,
    actions: actions.map(({ action, kind, subject: about, outcome: ended, message, set }) => ({
      id: action,
      kind,
      subject: about,
      outcome: ended,
      ...(message === null ? {} : { message }),
      ...(set === null ? {} : { set }),
    })),
    refused: refused.map(({ guard, actions: ids, message, override }) => ({
      ...{ guard, actions: [...ids], message, override },
    })),
  }
}
