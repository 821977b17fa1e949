import type { Time } from '../../base/time.ts'
import type { Recovery } from '../../domain/model.ts'
import { isSameRow } from '../../domain/procedures/order.ts'
import { procedureOf } from '../../domain/procedures/procedures.ts'
import type { Row, RowName } from '../../domain/procedures/row.ts'
import type { Refused } from '../../domain/gate.ts'
import { leftSteps, type Declaration, type Runbook, type Step } from '../../domain/runbook.ts'
import type { Flag } from '../../domain/statement.ts'
import { sameSubject } from '../../domain/subject.ts'
import type { Subject } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'
import { seenLosses } from '../loss/incidents.ts'
import { recordedBy } from '../recorded.ts'
import { databaseEvidence } from './evidence/databases.ts'
import { machineEvidence } from './evidence/machines.ts'
import { mirrorEvidence } from './evidence/mirrors.ts'
import type { Ground, Look, Sighting } from './evidence/sighting.ts'
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

/**
 * Of recoveries that somebody began and whose flag has closed: until the last step is done, in the pass that sees it too, or
 * the `Recovery` in Git is finished. Nothing of it is lost, so nothing of it is run, and what was done stays done.
 */
export function leftoversOf(digest: Digest): Runbook[] {
  const { desired, memory, flags } = digest
  const { runbooks, leftovers = [] } = memory.standing
  const former = [...runbooks, ...leftovers].filter(
    (one) =>
      one.recovery !== null &&
      openRecovery(one.subject, desired.recoveries)?.name === one.recovery &&
      !flags.some(({ subject }) => sameSubject(subject, one.subject)) &&
      one.steps.some(({ proof }) => proof !== undefined && proof.how !== 'seen'),
  )
  // What was lost together has steps that neither loss alone would have.
  if (former.every((one) => leftSteps(one).length === 0)) return []
  const over = former.map(flagOfLeftover)
  return watched(over, [...flags, ...over], digest, former)
}

/** As if it was still open: it says since when, and of what. */
export function flagOfLeftover({ subject, scenario, since }: Runbook): Flag {
  return { subject, scenario, since, reason: 'Its recovery is not finished.', evidence: [], seen: [] }
}

/** `flags`: all that count as open. `over`: the flags are not, and their runbooks stood so at the last pass. */
function watched(
  about: readonly Flag[],
  flags: readonly Flag[],
  digest: Digest,
  over: readonly Runbook[] | null = null,
): Runbook[] {
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
    const last = (over ?? memory.standing.runbooks).find((one) => sameSubject(one.subject, subject))
    const { isLost } = found
    const pairs = pairHistory(last?.steps ?? [], digest)
    const rows = procedureOf(loss, desired, { copyOf: () => null, environment, isLost, ...pairs })
    const ground: Ground = { digest, flag, loss, recovery, environment, accepts: said?.accept ?? [], isLost }
    const keeps = (row: RowName): Step | undefined =>
      over ? last?.steps.find((one) => one.state === 'done' && isSameRow(one, row)) : undefined
    const steps = stepsOf(rows, {
      ...{
        since,
        lostAgainAt: flag.lostAgainAt ?? null,
        now,
        said: said ? { ...said, committedBy: declarer(said.name, digest) } : silence,
        before: last?.steps ?? [],
      },
      look: (row, before) => asItWas(keeps(row), now) ?? evidence[row.id]?.(row.subject, ground, before) ?? null,
      runOf: (row, lostAgainAt, former) =>
        stepRun(row, { since, lostAgainAt, copies: recovery.copies }, former, digest),
      runs: said?.run === 'holdfast' && !over,
    }).map((step) => keeps(step) ?? step)
    const asked = { rows, steps, ground, recovery: said ?? null }
    const declaration = said ? { declaration: declarationOf(said, since, last, digest) } : {}
    const about = { subject, scenario, since, recovery: said?.name ?? null, ...declaration }
    return [{ ...about, steps: over ? neverRun(steps, subject) : withRefusals(asked) }]
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

function asItWas(done: Step | undefined, at: Time): Sighting | null {
  if (!done) return null
  const { evidence = done.title, branch } = done
  return { seen: 'yes', fact: evidence, at, ...(branch === undefined ? {} : { branch }) }
}

function neverRun(steps: readonly Step[], subject: Subject): Step[] {
  const refused: Refused[] = [{ gate: 'not-flagged', message: `${subject} is not flagged any more.` }]
  return steps.map((step) => (step.run && step.state !== 'done' ? { ...step, run: { ...step.run, refused } } : step))
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
