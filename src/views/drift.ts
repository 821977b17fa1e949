import { z } from 'zod'
import { coverage } from '../plan/findings/coverage.ts'
import { digest } from '../plan/digest.ts'
import { ignoredFindings } from '../plan/findings/findings.ts'
import { finding, time } from './shapes.ts'
import type { Snapshot } from './status.ts'

export const driftShape = z.object({
  findings: z.array(finding),
  coverage: z
    .object({
      protected: z.int().min(0).describe('How many of them are items of some policy'),
      existing: z
        .int()
        .min(0)
        .describe('Pools, databases and file stores of the published topology that need a backup'),
    })
    .nullable()
    .describe('null while the published topology is not known'),
  ignored: z
    .array(
      finding.omit({ since: true }).extend({
        suspension: z.string().describe('The Suspension that says so'),
        reason: z.string(),
        until: time,
      }),
    )
    .describe('Findings that an ignore rule in Git leaves out'),
})
export type DriftView = z.infer<typeof driftShape>

/** `holdfast drift`: every open finding, and what is left out of them on purpose. */
export function driftView({ desired, observed, memory, plan, now }: Snapshot): DriftView {
  return {
    findings: [...plan.findings],
    coverage: coverage(desired, observed),
    ignored: ignoredFindings(digest(desired, observed, memory, now)).map(({ finding: ignored, by }) => ({
      ...ignored,
      suspension: by.name,
      reason: by.reason,
      until: by.until,
    })),
  }
}
