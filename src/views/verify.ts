import { z } from 'zod'
import type { SetProblem } from '../domain/backup-set.ts'
import type { Level, SetId } from '../domain/words.ts'
import { level } from './shapes.ts'

export const verifyShape = z.object({
  results: z.array(
    z.object({
      set: z.string(),
      level,
      outcome: z.enum(['ok', 'damaged']),
      problems: z.array(
        z.object({
          file: z.string().describe('Relative to the path of the set, as in the manifest'),
          kind: z.string(),
          message: z.string(),
        }),
      ),
    }),
  ),
})
export type VerifyView = z.infer<typeof verifyShape>

/** `holdfast verify`: a set with any problem is damaged. */
export function verifyView(
  results: readonly { set: SetId; level: Level; problems: readonly SetProblem[] }[],
): VerifyView {
  return {
    results: results.map(({ set, level: checked, problems }) => ({
      set,
      level: checked,
      outcome: problems.length === 0 ? 'ok' : 'damaged',
      problems: problems.map(({ file, kind, message }) => ({ file, kind, message })),
    })),
  }
}
