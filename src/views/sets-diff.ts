import { z } from 'zod'
import { itemKinds } from '../domain/words.ts'
import type { SetDifference } from '../domain/set-differences.ts'

export const setsDiffShape = z.object({
  a: z.string().describe('Id of the first set'),
  b: z.string().describe('Id of the second set'),
  changes: z.array(
    z.object({
      kind: z.enum(itemKinds),
      subject: z.string().describe('Of the item; a host or a name in the environment; an object in the configuration'),
      name: z.string().describe('What of it; empty: the object itself'),
      change: z.enum(['added', 'removed', 'changed']),
      from: z.string().optional().describe('Value in a; absent with to: it may be a secret, or is more than one value'),
      to: z.string().optional().describe('Value in b'),
    }),
  ),
})
export type SetsDiffView = z.infer<typeof setsDiffShape>

/** `holdfast sets --diff`. */
export function setsDiffView(a: string, b: string, changes: readonly SetDifference[]): SetsDiffView {
  return { a, b, changes: [...changes] }
}
