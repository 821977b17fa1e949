import { z } from 'zod'
import { drillResults, type DrillSight } from '../domain/drill.ts'
import { uncPath } from '../domain/backup-set.ts'
import { mostForks, rowSeconds } from '../domain/procedures/estimate.ts'
import { isSameRow, remaining, waysThrough } from '../domain/procedures/order.ts'
import type { Row } from '../domain/procedures/row.ts'
import type { Subject } from '../domain/words.ts'
import { inGeneral, onPaper } from '../plan/drill/on-paper.ts'
import { lostNow, type Artefact, type LostTogether, type RestoreSnapshot } from '../plan/recovery/lost-now.ts'
import { openRecovery } from '../plan/recovery/runbooks.ts'
import { recoverableBy, recoverableShape, rowName, stepShape } from './recoverable.ts'
import { item, subject, time } from './shapes.ts'

const checkShape = z.object({
  about: z.string().describe('What was asked, in a word; a check of holdfast doctor has its name'),
  subject,
  result: z.enum(drillResults).describe('unproved: nothing ever showed it; unknown: nobody can see it today'),
  message: z.string(),
  remedy: z.string().optional().describe('Of what stops: what to do'),
})

const ofStep = checkShape.extend({ step: rowName.nullable().describe('null: it is said of the recovery as a whole') })

export const drillShape = z
  .object({
    at: time,
    revision: z.string().describe('The one whose topology the steps name'),
    from: z.string().describe('latest: the newest usable copy of each item; or the set that a Recovery names'),
    also: z.array(subject).optional().describe('What is thought to be lost together with `server`'),
    outcome: z
      .enum(['comes-through', 'stops'])
      .describe('stops: on every way through the forks of the procedure something would stop it today'),
  })
  .extend(recoverableShape.omit({ pairing: true, blockers: true }).shape)
  .extend({
    steps: z.array(
      stepShape.extend({
        seconds: z.int().min(0).describe('What it takes: as it took before, else a rule of thumb'),
        from: item
          .extend({ set: z.string(), file: z.string().describe('UNC path of the artefact') })
          .optional()
          .describe('What it brings back, and from where'),
        checks: z.array(checkShape).describe('As of today, the worst first; never empty'),
      }),
    ),
    stops: z.array(ofStep).describe('What would stop it tonight'),
    closedWays: z
      .array(z.object({ fork: rowName, branch: z.string() }))
      .describe('Ways of forks that would stop, while the recovery comes through by another'),
    unproved: z.array(ofStep).describe('What nobody ever proved'),
    unknown: z.array(ofStep).describe('What could not be seen today'),
  })
  .describe('A recovery, walked through on paper as if its subject were lost now. Nothing is changed')
export type DrillView = z.infer<typeof drillShape>

/** A recovery that is only thought of. */
export interface Drill extends LostTogether {
  artefactOf(item: Parameters<ReturnType<typeof lostNow>['artefactOf']>[0]): Artefact | null
  /** `today`: what was seen of each row just now, in their order. */
  view(today: readonly (readonly DrillSight[])[]): DrillView
}

/** Null when nothing of one of the names can be lost. */
export function drillOf(snapshot: RestoreSnapshot, subjects: readonly Subject[]): Drill | null {
  const { desired, plan, now } = snapshot
  const [server = '', ...also] = subjects
  const from = (also.length > 0 ? undefined : openRecovery(server, desired.recoveries)?.from) ?? 'latest'
  const ground = { ...lostNow(snapshot, from), plan }
  const found = ground.lost(subjects)
  const told = recoverableBy(snapshot, from)(subjects)
  if (!found || !told) return null
  const { rows } = found
  return {
    ...found,
    artefactOf: ground.artefactOf,
    view(today) {
      const checks = rows.map((row, index) =>
        orOnlyDoing(row, [...onPaper(row, found, ground), ...(today[index] ?? [])]).sort(worstFirst),
      )
      // What leads back by no procedure has no row to say it on.
      const general = rows.length === 0 ? inGeneral(found, ground) : []
      const all = [
        ...general.map((one) => ({ ...one, step: null })),
        ...rows.flatMap(({ id, subject: about }, index) =>
          (checks[index] ?? []).map((one) => ({ ...one, step: { id, subject: about } })),
        ),
      ]
      const those = (result: DrillSight['result']) => all.filter((one) => one.result === result)
      const stopping = rows.filter((_, index) => checks[index]?.some(({ result }) => result === 'stops') === true)
      const isStopped = general.some(({ result }) => result === 'stops') || !hasWay(rows, stopping)
      const { pairing: _, blockers: __, steps, ...procedure } = told
      return {
        ...{ at: now, revision: desired.revision, from, outcome: isStopped ? 'stops' : 'comes-through', ...procedure },
        ...(also.length === 0 ? {} : { also }),
        steps: steps.map((step, index) => stepOf(step, rows[index], checks[index] ?? [])),
        stops: those('stops'),
        closedWays: isStopped ? [] : closedWays(rows, stopping),
        ...{ unproved: those('unproved'), unknown: those('unknown') },
      }
    },
  }

  function stepOf(
    step: DrillView['steps'][number] | NonNullable<typeof told>['steps'][number],
    row: Row | undefined,
    checks: DrillSight[],
  ): DrillView['steps'][number] {
    const item = row?.operation?.kind === 'restore-item' ? row.operation.item : null
    const artefact = item && ground.artefactOf(item)
    const seconds = row
      ? rowSeconds(
          row,
          (one) => ground.bytesOf(one) ?? 0,
          (one) => ground.measuredOf(one)?.seconds ?? null,
        )
      : 0
    return {
      ...step,
      seconds: Math.round(seconds),
      ...(item && artefact
        ? { from: { ...item, set: artefact.set.id, file: uncPath(artefact.set, artefact.outcome.path) } }
        : {}),
      checks,
    }
  }
}

/** What a check is about that can only be made by doing the step. */
export const onlyDoing = 'only-doing'

/** What nothing can be asked of today is said to be so. */
function orOnlyDoing({ actor, subject: about }: Row, sights: readonly DrillSight[]): DrillSight[] {
  if (sights.length > 0) return [...sights]
  const message =
    actor === 'operator'
      ? 'A person does it; only doing it shows whether it works.'
      : 'Only doing it shows whether it works.'
  return [{ about: onlyDoing, subject: about, result: 'unknown', message }]
}

const order: readonly DrillSight['result'][] = ['stops', 'unproved', 'unknown', 'holds']

function worstFirst(a: DrillSight, b: DrillSight): number {
  return order.indexOf(a.result) - order.indexOf(b.result)
}

/**
 * Whether some way through the forks meets none of these rows. A fork that would fail leaves its last way, the one without what
 * was tried. Of too many ways the one on which nothing ends is asked.
 */
function hasWay(rows: readonly Row[], stopping: readonly Row[]): boolean {
  if (stopping.length === 0) return true
  const ways = rows.filter(({ branches }) => branches).length > mostForks ? [[]] : waysThrough(rows)
  return ways.some((way) => {
    const isLeft = (row: Row): boolean =>
      way.some(({ fork, branch }) => isSameRow(fork, row) && branch === row.branches?.at(-1)?.name)
    return remaining(rows, way).every((row) => isLeft(row) || !stopping.some((one) => isSameRow(one, row)))
  })
}

function closedWays(rows: readonly Row[], stopping: readonly Row[]): DrillView['closedWays'] {
  const ways = rows.flatMap((fork) =>
    (fork.branches ?? []).map(({ name }, index, all) => ({ fork, branch: name, isLast: index === all.length - 1 })),
  )
  return ways
    .filter(({ fork, branch, isLast }) =>
      stopping.some(
        (row) =>
          (isSameRow(row, fork) && !isLast) || row.in.some((one) => isSameRow(one.fork, fork) && one.branch === branch),
      ),
    )
    .map(({ fork: { id, subject: about }, branch }) => ({ fork: { id, subject: about }, branch }))
}
