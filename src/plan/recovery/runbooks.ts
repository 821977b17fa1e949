import type { Time } from '../../base/time.ts'
import type { Recovery } from '../../domain/model.ts'
import { isSameRow } from '../../domain/procedures/order.ts'
import { procedureOf } from '../../domain/procedures/procedures.ts'
import type { Row } from '../../domain/procedures/row.ts'
import type { Declaration, Runbook, Step } from '../../domain/runbook.ts'
import type { Flag } from '../../domain/statement.ts'
import { sameSubject } from '../../domain/subject.ts'
import type { Digest } from '../digest.ts'
import { seenLosses } from '../loss/incidents.ts'
import { recordedBy } from '../recorded.ts'
import { databaseEvidence } from './evidence/databases.ts'
import { machineEvidence } from './evidence/machines.ts'
import { mirrorEvidence } from './evidence/mirrors.ts'
import type { Ground, Look } from './evidence/sighting.ts'
import { poolEvidence } from './evidence/stores-and-pools.ts'
import { chosenCopies } from './chosen-copies.ts'
import { lastChange } from './declared.ts'
import { refusalOfTry, refusalsOf, type Asked } from './gate.ts'
import { recoveryGround } from './ground.ts'
import { keptLosses } from './losses.ts'
import { pairHistory } from './pair-history.ts'
import { stepRun } from './step-runs.ts'
import { stepsOf, type Said } from './steps.ts'

/** By id of the row; a row that is not here leaves nothing to be seen. */
const evidence: Readonly<Record<string, Look | undefined>> = {
  ...machineEvidence,
  ...databaseEvidence,
  ...mirrorEvidence,
  ...poolEvidence,
}

const silence: Said = { acknowledge: [], choose: [], committedBy: null }

/** One for each flag, in the order of the flags. */
export function runbooksOf(digest: Digest): Runbook[] {
  return watched(digest.flags, digest.flags, digest)
}

/** Those of the flags that this pass closes, as they stand at the end: of what a `Recovery` names. */
export function closedRunbooks(digest: Digest): Runbook[] {
  const { desired, memory, flags } = digest
  const closed = memory.standing.flags.filter(
    ({ subject }) =>
      openRecovery(subject, desired.recoveries) && !flags.some((one) => sameSubject(one.subject, subject)),
  )
  return watched(closed, [...flags, ...closed], digest)
}

/** `flags`: all that count as open. */
function watched(about: readonly Flag[], flags: readonly Flag[], digest: Digest): Runbook[] {
  const { desired, memory, now, classes } = digest
  if (about.length === 0) return []
  const known = seenLosses(desired, classes, flags)
  const environment = recordedBy('environment', digest)
  // Of all flags one: it holds the environment of today, which takes long to find.
  const fromLatest = recoveryGround(digest, flags, chosenCopies('latest', digest))
  return about.flatMap((flag): Runbook[] => {
    const { subject, scenario, since } = flag
    const said = openRecovery(subject, desired.recoveries)
    const from = said?.from ?? 'latest'
    const recovery = from === 'latest' ? fromLatest : recoveryGround(digest, flags, chosenCopies(from, digest))
    const found = keptLosses([subject], known, recovery.copies)
    const [loss] = found?.losses ?? []
    if (!found || !loss) return []
    const last = memory.standing.runbooks.find((one) => sameSubject(one.subject, subject))
    const { isLost } = found
    const pairs = pairHistory(last?.steps ?? [], digest)
    const rows = procedureOf(loss, desired, { copyOf: () => null, environment, isLost, ...pairs })
    const ground: Ground = { digest, flag, loss, recovery, environment, accepts: said?.accept ?? [], isLost }
    const steps = stepsOf(rows, {
      ...{
        since,
        lostAgainAt: flag.lostAgainAt ?? null,
        now,
        said: said ? { ...said, committedBy: declarer(said.name, digest) } : silence,
        before: last?.steps ?? [],
      },
      look: (row, before) => evidence[row.id]?.(row.subject, ground, before) ?? null,
      runOf: (row, lostAgainAt, former) =>
        stepRun(row, { since, lostAgainAt, copies: recovery.copies }, former, digest),
      runs: said?.run === 'holdfast',
    })
    const asked = { rows, steps, ground, recovery: said ?? null }
    const declaration = said ? { declaration: declarationOf(said, since, last, digest) } : {}
    return [{ subject, scenario, since, recovery: said?.name ?? null, ...declaration, steps: withRefusals(asked) }]
  })
}

/** What stands against each step that Holdfast would run and that is not done. */
function withRefusals({ rows, steps, ...asked }: Omit<Asked, 'row' | 'step'> & { rows: readonly Row[] }): Step[] {
  return steps.map((step) => {
    const row = rows.find((one) => isSameRow(one, step))
    if (!row || !step.run || step.state === 'done' || step.state === 'ended') return step
    const { tried } = step.run
    const question = { row, step, steps, ...asked }
    const late = refusalOfTry(question)
    const run = {
      ...step.run,
      refused: refusalsOf(question),
      ...(tried && late && { tried: { ...tried, refused: late } }),
    }
    return { ...step, run }
  })
}

/** The one that names the subject of a flag, and is not finished. */
export function openRecovery(subject: string, recoveries: readonly Recovery[]): Recovery | undefined {
  return recoveries.find(({ server, finished }) => finished === null && sameSubject(server, subject))
}

/** Who last changed the file of a Recovery, as Git says. */
function declarer(name: string, digest: Digest): string | null {
  return lastChange(name, digest)?.author ?? null
}

/** `last`: the runbook at the last pass; it knows the commit while Git is not read. */
function declarationOf(
  { name, from, run, accept }: Recovery,
  since: Time,
  last: Runbook | undefined,
  digest: Digest,
): Declaration {
  const known = last?.recovery === name ? last.declaration?.commit : undefined
  return {
    ...{ from, run, commit: lastChange(name, digest) ?? known ?? null },
    accepts: accept.filter(({ at }) => at >= since && at <= digest.now),
  }
}
