import { z } from 'zod'
import { secondsBetween } from '../base/time.ts'
import { estimateBasis, estimateSeconds } from '../domain/procedures/estimate.ts'
import type { Measured } from '../domain/procedures/measured.ts'
import { actors, type Row as ProcedureRow } from '../domain/procedures/row.ts'
import { itemKey, sameSubject } from '../domain/subject.ts'
import type { Flag } from '../domain/statement.ts'
import type { Loss } from '../domain/loss/found.ts'
import { scenarios, type Subject } from '../domain/words.ts'
import { blockersOf } from '../plan/recovery/blockers.ts'
import { lostNow, type RestoreSnapshot } from '../plan/recovery/lost-now.ts'
import { pairingOf } from '../plan/recovery/pairing.ts'
import { bytes, item, leftOut, subject, time } from './shapes.ts'

export const rowName = z.object({ id: z.string(), subject })

export const stepShape = z.object({
  id: z.string().describe('Stable; with the subject, Recovery.acknowledge names it'),
  subject: subject.describe('What it is done to'),
  title: z.string(),
  why: z.string(),
  actor: z.enum(actors).describe('Who can do it; this version does no step: a person does them all'),
  command: z.string().optional(),
  needs: z.array(rowName).describe('Steps that come before it; steps that do not wait for each other go side by side'),
  proves: z.string().describe('What is to be seen when it is done'),
  risks: z.string().optional().describe('What can go wrong'),
  source: z.string().describe('Title of the document that says it; derived: none does'),
  minutes: z.number().describe('Allowance, a rule of thumb'),
  measured: z
    .object({
      seconds: z.number().describe('Median of the last runs, scaled to the bytes of this copy where they are known'),
      runs: z.int().min(1).describe('How many'),
      last: z.object({ at: time, seconds: z.number(), bytes: bytes.nullable() }),
    })
    .optional()
    .describe('What a step that Holdfast runs took before; absent: it never ran one'),
  branches: z
    .array(z.object({ name: z.string(), when: z.string() }))
    .optional()
    .describe('It is a fork: one of these ways is taken, and the steps of the others end'),
  branch: z
    .array(z.object({ fork: rowName, branch: z.string() }))
    .optional()
    .describe('It ends unless each of these forks goes this way'),
})

/** What is known of one subject, or of several that are lost together, if it died now. */
export const recoverableShape = z.object({
  server: subject,
  scenario: z.enum(scenarios).nullable().describe('null: another product’s procedure, named by the blocker'),
  flag: z
    .object({ scenario: z.enum(scenarios), reason: z.string(), since: time })
    .nullable()
    .describe('It is lost already'),
  items: z
    .array(
      item.extend({
        from: z.string().nullable().describe('The set with the newest copy; null where there is none'),
        dataLossSeconds: z.number().nullable().describe('What was written since is lost'),
        missing: leftOut.optional().describe('What could not be taken; absent: nothing, the copy is ok'),
        unseenSince: time.nullable().describe('Since when the location of that set cannot be seen; null: it can'),
      }),
    )
    .describe('What has to come from a set; nothing for a server whose data live on elsewhere'),
  pairing: z
    .object({
      partner: subject,
      covered: z.array(item).describe('Kept by the partner, minutes old'),
      notCovered: z.array(item).describe('Only in the sets, paired or not'),
    })
    .nullable(),
  estimateSeconds: z
    .number()
    .describe('The longest chain of steps that wait for each other, and time to move the bytes'),
  estimateBasis: z
    .string()
    .describe('What the estimate rests on: a rule of thumb, and how many steps are as they took before'),
  blockers: z
    .array(z.object({ code: z.string().describe('Explained in docs/errors/<code>.md'), message: z.string() }))
    .describe('What stands against a restore now'),
  steps: z.array(stepShape),
})

type Row = z.infer<typeof recoverableShape>

/**
 * Tells of hosts, pools, databases or file stores what it means that all of them are lost, under the name of the first.
 * Null when nothing of one of the names can be lost. `from`: as `Recovery.from`.
 */
export function recoverableBy(
  snapshot: RestoreSnapshot,
  from = 'latest',
): (subjects: readonly Subject[]) => Row | null {
  const { desired, observed, plan, now } = snapshot
  const { recovery: ground, copyOf, bytesOf, measuredOf, lost } = lostNow(snapshot, from)
  const { incomplete, hidden } = ground

  return (subjects) => {
    const found = lost(subjects)
    if (found === null) return null
    const { losses, loss, rows: steps } = found
    return {
      server: subjects[0] ?? '',
      scenario: loss.scenario,
      flag: subjects.map((one) => flagOn(one, plan.flags)).find((flag) => flag !== null) ?? null,
      items: loss.items.map((one) => {
        const copy = copyOf(one)
        const age = copy && Math.max(0, Math.round(secondsBetween(copy.startedAt, now)))
        const seen = copy && observed.facts.location.get(copy.location)
        const unseenSince = copy && hidden(copy.location) ? (seen?.since ?? copy.startedAt) : null
        const gap = incomplete.get(itemKey(one))
        return {
          ...{ ...one, from: copy?.id ?? null, dataLossSeconds: age, unseenSince },
          ...(gap && { missing: gap.missing }),
        }
      }),
      pairing: pairingOf(loss, desired),
      estimateSeconds: estimateSeconds(
        steps,
        (one) => bytesOf(one) ?? 0,
        (row) => measuredOf(row)?.seconds ?? null,
      ),
      estimateBasis: estimateBasis(steps, steps.filter(measuredOf).length),
      blockers: blockersOfAll(losses),
      steps: steps.map((row) => stepOf(row, measuredOf(row))),
    }
  }

  /** Each once; that the Central Management store comes first is said by the order of the steps where it is among them. */
  function blockersOfAll(losses: readonly Loss[]): Row['blockers'] {
    const isCentral = losses.some(({ centralManagement }) => centralManagement)
    const found = losses.flatMap((one) => blockersOf(one, ground))
    const kept = found.filter(({ code }) => !isCentral || code !== 'central-management-first')
    return [...new Map(kept.map((one) => [`${one.code} ${one.message}`, one])).values()]
  }
}

function stepOf(
  { operation: _, restores: __, in: branch, branches, ...row }: ProcedureRow,
  took: Measured | null,
): Row['steps'][number] {
  return {
    ...{ ...row, needs: [...row.needs] },
    ...(took ? { measured: took } : {}),
    ...(branches ? { branches: [...branches] } : {}),
    ...(branch.length > 0 ? { branch: [...branch] } : {}),
  }
}

function flagOn(about: Subject, flags: readonly Flag[]): Row['flag'] {
  const flag = flags.find((one) => sameSubject(one.subject, about))
  return flag ? { scenario: flag.scenario, reason: flag.reason, since: flag.since } : null
}
