import { z } from 'zod'
import type { Snapshot } from '../domain/plan.ts'
import { flagView } from './plan.ts'
import { finding, flag, time } from './shapes.ts'

export const driftShape = z.object({
  findings: z.array(finding),
  flags: z.array(flag).describe('What must be rebuilt'),
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

/** `holdfast drift`: every open finding and flag, and what is left out of them on purpose. */
export function driftView({ plan }: Snapshot): DriftView {
  return {
    findings: [...plan.findings],
    flags: plan.flags.map(flagView),
    coverage: plan.coverage,
    ignored: plan.ignored.map(({ finding: left, ...by }) => ({ ...left, ...by })),
  }
}
