import { z } from 'zod'
import { subject } from './shapes.ts'

export const doctorShape = z.object({
  checks: z.array(
    z.object({
      name: z.string().describe('What was tried, in a word; docs/how-to/doctor.md lists them'),
      subject,
      outcome: z
        .enum(['ok', 'failed', 'skipped'])
        .describe('skipped: it could only repeat the failure of another one, or is left out on purpose'),
      message: z.string().describe('What was seen, what is wrong and why, or why it was skipped'),
      remedy: z.string().optional().describe('What to do; of every failed check'),
      because: z
        .object({ name: z.string(), subject })
        .optional()
        .describe(
          'Of a skipped check: the failed one that it could only repeat; absent where it is left out on purpose',
        ),
    }),
  ),
})
type DoctorView = z.infer<typeof doctorShape>
type Result = DoctorView['checks'][number]

export function doctorView(results: readonly Result[]): DoctorView {
  return {
    checks: results.map(({ name, subject: about, outcome, message, remedy, because }) => ({
      ...{ name, subject: about, outcome, message },
      ...(remedy === undefined ? {} : { remedy }),
      ...(because === undefined ? {} : { because }),
    })),
  }
}
