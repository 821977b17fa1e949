import { z } from 'zod'
import { secondsBetween } from '../base/time.ts'
import { together } from '../domain/loss/several.ts'
import { estimateBasis, estimateSeconds } from '../domain/procedures/estimate.ts'
import { measured, type Measured } from '../domain/procedures/measured.ts'
import { procedureOfAll } from '../domain/procedures/procedures.ts'
import { actors, type Row as ProcedureRow } from '../domain/procedures/row.ts'
import { itemKey, sameSubject } from '../domain/subject.ts'
import { uncPath, type BackupSet, type ItemOutcome, type SetSummary } from '../domain/backup-set.ts'
import type { Flag } from '../domain/statement.ts'
import type { Loss } from '../domain/loss/found.ts'
import { scenarios, type Item, type Subject } from '../domain/words.ts'
import { digestOf } from '../plan/digest-of.ts'
import type { Snapshot } from '../domain/plan.ts'
import { recordedBy } from '../plan/recorded.ts'
import { blockersOf } from '../plan/recovery/blockers.ts'
import { chosenCopies } from '../plan/recovery/chosen-copies.ts'
import { recoveryGround } from '../plan/recovery/ground.ts'
import { keptLosses } from '../plan/recovery/losses.ts'
import { pairHistory } from '../plan/recovery/pair-history.ts'
import { pairingOf } from '../plan/recovery/pairing.ts'
import { knownLosses } from '../plan/loss/lost-items.ts'
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

/** What a restore is made from: the newest copies, and the sets as the catalogue knows them. */
export type RestoreSnapshot = Snapshot & { sets: readonly BackupSet[] }

/**
 * Tells of hosts, pools, databases or file stores what it means that all of them are lost, under the name of the first.
 * Null when nothing of one of the names can be lost. `from`: as `Recovery.from`.
 */
export function recoverableBy(
  snapshot: RestoreSnapshot,
  from = 'latest',
): (subjects: readonly Subject[]) => Row | null {
  const { desired, observed, memory, plan, now } = snapshot
  const digest = digestOf(desired, observed, memory, now)
  const ground = recoveryGround(digest, plan.flags, chosenCopies(from, digest))
  const { copies, incomplete, hidden } = ground
  const environment = recordedBy('environment', digest)
  const known = knownLosses(snapshot)
  const sets = new Map(snapshot.sets.map((set) => [set.id, set]))

  const copyOf = (one: Item): SetSummary | null => copies.get(itemKey(one)) ?? null
  const outcomeOf = (one: Item): { outcome: ItemOutcome; unc: string } | null => {
    const set = sets.get(copyOf(one)?.id ?? '')
    const outcome = set?.items.find((other) => itemKey(other) === itemKey(one))
    return set && outcome ? { outcome, unc: set.unc } : null
  }
  const world = {
    copyOf(one: Item) {
      const found = outcomeOf(one)
      return found && { file: uncPath(found, found.outcome.path), database: found.outcome.database }
    },
    environment,
  }

  const bytesOf = (one: Item): number | null => outcomeOf(one)?.outcome.bytes ?? null
  const measuredOf = ({ operation }: ProcedureRow): Measured | null => {
    if (!operation) return null
    const bytes = operation.kind === 'restore-item' ? bytesOf(operation.item) : null
    return measured(operation, bytes, memory.pastRuns)
  }

  return (subjects) => {
    const found = keptLosses(subjects, known, copies)
    if (found === null) return null
    const { losses, isLost } = found
    const loss = together(losses, desired)
    const before = memory.standing.runbooks.filter((one) => subjects.some((name) => sameSubject(name, one.subject)))
    const pairs = pairHistory(
      before.flatMap((one) => one.steps),
      digest,
    )
    const steps = procedureOfAll(losses, desired, { ...world, isLost, ...pairs })
    return {
      server: subjects[0] ?? '',
      scenario: loss.scenario,
      flag: subjects.map((one) => flagOn(one, plan.flags)).find((flag) => flag !== null) ?? null,
      items: loss.items.map((one) => {
        const copy = copyOf(one)
        const lost = copy && Math.max(0, Math.round(secondsBetween(copy.startedAt, now)))
        const seen = copy && observed.facts.location.get(copy.location)
        const unseenSince = copy && hidden(copy.location) ? (seen?.since ?? copy.startedAt) : null
        const gap = incomplete.get(itemKey(one))
        return {
          ...{ ...one, from: copy?.id ?? null, dataLossSeconds: lost, unseenSince },
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
