import { z } from 'zod'
import type { Attempt } from '../domain/action.ts'
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
})

/** `holdfast run --once`: what was done, oldest first. */
export function runOnceView(report: {
  revision: string
  passes: number
  actions: readonly Attempt[]
}): z.infer<typeof runOnceShape> {
  const { revision, passes, actions } = report
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
  }
}
