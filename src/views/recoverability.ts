import { z } from 'zod'
import { secondsBetween } from '../base/time.ts'
import { environmentOf } from '../domain/environment.ts'
import { hosts } from '../domain/hosts.ts'
import { otherForm } from '../domain/inventory.ts'
import { lossOf } from '../domain/loss/loss.ts'
import { estimateBasis, estimateSeconds } from '../domain/procedures/estimate.ts'
import { procedureOf } from '../domain/procedures/procedures.ts'
import type { Row as ProcedureRow } from '../domain/procedures/row.ts'
import { itemKey, sameSubject } from '../domain/subject.ts'
import type { BackupSet, ItemOutcome, SetSummary } from '../domain/backup-set.ts'
import type { Flag } from '../domain/statement.ts'
import { scenarios, type Item, type Subject } from '../domain/words.ts'
import { digest as digestOf } from '../plan/digest.ts'
import { item, leftOut, subject, time } from './shapes.ts'
import type { Snapshot } from '../domain/plan.ts'
import { recordedBy } from '../plan/recorded.ts'
import { blockersOf } from '../plan/recovery/blockers.ts'
import { pairingOf } from '../plan/recovery/pairing.ts'
import { knownLosses } from '../plan/loss/lost-items.ts'
import { otherLossesOf } from '../plan/loss/other-losses.ts'

const rowName = z.object({ id: z.string(), subject })

const step = z.object({
  id: z.string().describe('Stable; with the subject, Recovery.acknowledge names it'),
  subject: subject.describe('What it is done to'),
  title: z.string(),
  why: z.string(),
  actor: z.enum(['operator', 'holdfast']).describe('Who can do it; this version does no step: a person does them all'),
  command: z.string().optional(),
  needs: z.array(rowName).describe('Steps that come before it; steps that do not wait for each other go side by side'),
  proves: z.string().describe('What is to be seen when it is done'),
  risks: z.string().optional().describe('What can go wrong'),
  source: z.string().describe('Title of the document that says it; derived: none does'),
  minutes: z.number().describe('Allowance, a rule of thumb'),
  branches: z
    .array(z.object({ name: z.string(), when: z.string() }))
    .optional()
    .describe('It is a fork: one of these ways is taken, and the steps of the others end'),
  branch: z
    .array(z.object({ fork: rowName, branch: z.string() }))
    .optional()
    .describe('It ends unless each of these forks goes this way'),
})

/** What is known of one subject, if it died now. */
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
  estimateBasis: z.string().describe('What the estimate rests on: rule of thumb'),
  blockers: z
    .array(z.object({ code: z.string().describe('Explained in docs/errors/<code>.md'), message: z.string() }))
    .describe('What stands against a restore now'),
  steps: z.array(step),
})

export const recoverabilityShape = z.object({ at: time, subjects: z.array(recoverableShape) })
export type RecoverabilityView = z.infer<typeof recoverabilityShape>
type Row = RecoverabilityView['subjects'][number]

/** What a restore is made from: the newest copies, and the sets as the catalogue knows them. */
export type RestoreSnapshot = Snapshot & { sets: readonly BackupSet[] }

/**
 * `holdfast recoverability`: if it died now. `only`: this host, pool, database or file store; null: every host of the
 * topology. Null when nothing of that name can be lost.
 */
export function recoverabilityView(snapshot: RestoreSnapshot, only: Subject | null): RecoverabilityView | null {
  const { desired, observed, memory, plan, now } = snapshot
  const digest = digestOf(desired, observed, memory, now)
  const { usable: copies, incomplete, hidden } = digest
  const environment = recordedBy('environment', digest)
  const known = knownLosses(snapshot)
  const today = environmentOf(desired, observed)
  const sets = new Map(snapshot.sets.map((set) => [set.id, set]))
  const subjects = only === null ? hosts(desired).map(({ fqdn }) => fqdn) : [only]

  function rowOf(subject: Subject): Row | null {
    const around = otherLossesOf(subject, known)
    const topology = lossOf(subject, desired, around)
    if (topology === null) return null
    const loss = { ...topology, items: topology.items.map((one) => asKept(one, copies)) }
    const copyOf = (one: Item): SetSummary | null => copies.get(itemKey(one)) ?? null
    const outcomeOf = (one: Item): { outcome: ItemOutcome; unc: string } | null => {
      const set = sets.get(copyOf(one)?.id ?? '')
      const outcome = set?.items.find((other) => itemKey(other) === itemKey(one))
      return set && outcome ? { outcome, unc: set.unc } : null
    }
    const steps = procedureOf(loss, desired, {
      copyOf(one) {
        const found = outcomeOf(one)
        if (found === null) return null
        const { outcome, unc } = found
        return { file: `${unc}\\${outcome.path.replaceAll('/', '\\')}`, database: outcome.database }
      },
      isLost: (host) => around.isLost(host),
      environment,
    })
    return {
      server: subject,
      scenario: loss.scenario,
      flag: flagOn(subject, plan.flags),
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
      estimateSeconds: estimateSeconds(steps, (one) => outcomeOf(one)?.outcome.bytes ?? 0),
      estimateBasis,
      blockers: blockersOf(loss, { desired, observed, flags: plan.flags, copies, incomplete, hidden, today }),
      steps: steps.map(stepOf),
    }
  }

  const rows = subjects.map(rowOf).filter((row) => row !== null)
  return only !== null && rows.length === 0 ? null : { at: now, subjects: rows }
}

function stepOf({ operation: _, restores: __, in: branch, branches, ...row }: ProcedureRow): Row['steps'][number] {
  return {
    ...{ ...row, needs: [...row.needs] },
    ...(branches ? { branches: [...branches] } : {}),
    ...(branch.length > 0 ? { branch: [...branch] } : {}),
  }
}

function flagOn(about: Subject, flags: readonly Flag[]): Row['flag'] {
  const flag = flags.find((one) => sameSubject(one.subject, about))
  return flag ? { scenario: flag.scenario, reason: flag.reason, since: flag.since } : null
}

/** Persistent Chat may have been kept the other way before the policy changed: the newer copy is used. */
function asKept(one: Item, copies: ReadonlyMap<string, SetSummary>): Item {
  const alternative = otherForm(one)
  if (alternative === null) return one
  const [own, another] = [copies.get(itemKey(one)), copies.get(itemKey(alternative))]
  return another && (!own || another.startedAt > own.startedAt) ? alternative : one
}
