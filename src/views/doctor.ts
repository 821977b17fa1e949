import { z } from 'zod'
import { subject } from './shapes.ts'

export const doctorShape = z.object({
  checks: z.array(
    z.object({
      name: z.string().describe('What was tried, in a word; docs/how-to/doctor.md lists them'),
      subject,
      outcome: z.enum(['ok', 'failed', 'skipped']).describe('skipped: not tried, because something it needs failed'),
      message: z.string().describe('What was seen, what is wrong and why, or why it was not tried'),
      remedy: z.string().optional().describe('What to do; of every failed check'),
    }),
  ),
})
type DoctorView = z.infer<typeof doctorShape>
type Result = DoctorView['checks'][number]

export function doctorView(results: readonly Result[]): DoctorView {
  return {
    checks: results.map(({ name, subject: about, outcome, message, remedy }) => ({
      ...{ name, subject: about, outcome, message },
      ...(remedy === undefined ? {} : { remedy }),
    })),
  }
}
