/** What the journal keeps of each declared recovery: who asked for what, how each step came to be done, what the gate refused. */
import { withFields, type FieldName, type FieldValue } from '../domain/entry-fields.ts'
import type { Gate } from '../domain/gate.ts'
import type { Acceptance, Desired } from '../domain/model.ts'
import { isSameRow } from '../domain/procedures/order.ts'
import type { Plan } from '../domain/plan.ts'
import { leftSteps, type Declaration, type Runbook, type Step } from '../domain/runbook.ts'
import { sameSubject } from '../domain/subject.ts'
import type { NewEntry } from '../store/store.ts'

type Told = Pick<NewEntry, 'type' | 'subject' | 'message' | 'cause'>
type Declared = Runbook & { recovery: string; declaration: Declaration }

/** The steps that were done last: told before the flags that close with them. `before`: as of `recoveryNews`. */
export function lastSteps(
  before: readonly Runbook[],
  { closed }: Pick<Plan, 'closed'>,
  { revision }: Pick<Desired, 'revision'>,
): NewEntry[] {
  const told = closed.filter(isDeclared).flatMap((runbook) => {
    const former = before.filter(isDeclared).find((other) => isSame(runbook, other))
    const done = former ? runbook.steps.filter(({ state }) => state === 'done') : []
    return done.flatMap((step) => stepNews(step, sameStep(step, former), runbook))
  })
  return told.map((one) => ({ actor: 'holdfast', revision, ...one }))
}

/** What became different since the last pass, of which `before` are the runbooks. */
export function recoveryNews(
  before: readonly Runbook[],
  { runbooks, flags, closed }: Pick<Plan, 'runbooks' | 'flags' | 'closed'>,
  { recoveries, revision }: Pick<Desired, 'recoveries' | 'revision'>,
): NewEntry[] {
  const [old, now, last] = [before.filter(isDeclared), runbooks.filter(isDeclared), closed.filter(isDeclared)]
  const ended = old.filter((one) => !now.some((other) => isSame(one, other)))
  const told = [
    ...ended.map((one) => endOf(last.find((other) => isSame(one, other)) ?? one, flags, recoveries)),
    ...now.flatMap((one) =>
      newsOf(
        one,
        old.find((other) => isSame(one, other)),
      ),
    ),
  ]
  return told.map((one) => ({ actor: 'holdfast', revision, ...one }))
}

/** Of recoveries whose flag has closed: what is done afterwards, and that somebody finished it. */
export function leftoverNews(
  before: Pick<Plan, 'leftovers'>,
  { leftovers = [], closed }: Pick<Plan, 'leftovers' | 'closed'>,
  { recoveries, revision }: Pick<Desired, 'recoveries' | 'revision'>,
): NewEntry[] {
  const [old, now] = [(before.leftovers ?? []).filter(isDeclared), leftovers.filter(isDeclared)]
  const told = [
    ...now.flatMap((one) => {
      const former = [...old, ...closed.filter(isDeclared)].find((other) => isSame(one, other))
      const done = former ? one.steps.filter(({ state }) => state === 'done') : []
      return done.flatMap((step) => stepNews(step, sameStep(step, former), one))
    }),
    ...old
      .filter((one) => leftSteps(one).length > 0 && !now.some((other) => isSame(one, other)))
      .flatMap((one) => finishOf(one, recoveries) ?? []),
  ]
  return told.map((one) => ({ actor: 'holdfast', revision, ...one }))
}

function isSame(a: Declared, b: Declared): boolean {
  return a.recovery === b.recovery && sameSubject(a.subject, b.subject)
}

function sameStep(step: Step, former: Declared | undefined): Step | undefined {
  return former?.steps.find((one) => isSameRow(one, step))
}

function isDeclared(runbook: Runbook): runbook is Declared {
  return runbook.recovery !== null && runbook.declaration !== undefined
}

/** `words` are for people; the fields are read back. */
function entry(
  type: string,
  cause: 'intentional' | 'observed',
  { recovery, subject: server }: Declared,
  subject: string,
  fields: Partial<Record<FieldName, FieldValue>>,
  words?: string,
): Told {
  return { type, cause, subject, message: withFields({ recovery, server, ...fields }, words) }
}

function newsOf(runbook: Declared, former: Declared | undefined): Told[] {
  return [
    ...declared(runbook, former),
    ...accepted(runbook, former),
    ...runbook.steps.flatMap((step) => {
      const before = sameStep(step, former)
      return [...stepNews(step, before, runbook), ...refusals(step, before, runbook)]
    }),
  ]
}

function declared(runbook: Declared, former: Declared | undefined): Told[] {
  const { scenario, since, subject, declaration } = runbook
  const { from, run, commit } = declaration
  const said = ({ declaration: { from, run, commit } }: Declared): string => JSON.stringify([from, run, commit])
  if (former && said(former) === said(runbook)) return []
  const type = former ? 'recovery-changed' : 'recovery-declared'
  const by = { author: commit?.author, committed: commit?.at }
  return [entry(type, 'intentional', runbook, subject, { scenario, since, from, run, ...by }, commit?.subject)]
}

function accepted(runbook: Declared, former: Declared | undefined): Told[] {
  const known = new Set(former?.declaration.accepts.map((one) => JSON.stringify(one)))
  const author = runbook.declaration.commit?.author
  return runbook.declaration.accepts
    .filter((one) => !known.has(JSON.stringify(one)))
    .map(({ what, subject: of, fact, by, at, note }: Acceptance) =>
      entry(
        'recovery-accepted',
        'intentional',
        runbook,
        runbook.subject,
        { author, what, of, fact, by, 'as-of': at },
        note ?? undefined,
      ),
    )
}

function stepNews(step: Step, former: Step | undefined, runbook: Declared): Told[] {
  const { id, title, subject, state, since, evidence, proof, endedBy, branch } = step
  if (state === former?.state) return []
  const fields = { step: id, title, since }
  const tell = (type: string, more = {}): Told[] => [
    entry(type, 'observed', runbook, subject, { ...fields, ...more }, evidence),
  ]
  switch (state) {
    case 'done': {
      const said = proof?.how === 'said' ? { by: proof.by, 'as-of': proof.at, author: proof.committedBy } : {}
      return tell('step-done', { how: proof?.how, ...said, way: branch })
    }
    case 'blocked':
      return tell('step-blocked')
    case 'ended':
      return tell('step-ended', { fork: endedBy && `${endedBy.id} of ${endedBy.subject}` })
    case 'ready':
    case 'waiting':
      return former?.state === 'done' ? tell('step-undone') : []
  }
}

/** What is told elsewhere: by the order of the steps, by what the `Recovery` says itself, by the condition of Git. */
const plain: ReadonlySet<Gate> = new Set([
  ...(['not-declared', 'only-guided', 'git-out-of-sight', 'step-waits', 'restored-now'] as const),
])

/** Of a step that would run now. Told again when other conditions are against it, not when one is put in other words. */
function refusals(step: Step, former: Step | undefined, runbook: Declared): Told[] {
  const against = (one: Step | undefined): NonNullable<Step['run']>['refused'] =>
    one?.state === 'ready' ? (one.run?.refused.filter(({ gate }) => !plain.has(gate)) ?? []) : []
  const found = against(step)
  const gates = (one: typeof found): string => [...new Set(one.map(({ gate }) => gate))].sort().join()
  if (runbook.declaration.run !== 'holdfast' || found.length === 0 || gates(found) === gates(against(former))) return []
  const words = found.map(({ message }) => message).join(' ')
  const { id, title, subject } = step
  const fields = { step: id, title, gate: [...new Set(found.map(({ gate }) => gate))] }
  return [entry('step-refused', 'observed', runbook, subject, fields, words)]
}

function leftOf(runbook: Declared): string[] {
  return leftSteps(runbook).map((step) => `${step.id} of ${step.subject}`)
}

/** Null: nobody says so. */
function finishOf(runbook: Declared, recoveries: Desired['recoveries']): Told | null {
  const { recovery: name, subject } = runbook
  const finished = recoveries.find((one) => one.name === name && sameSubject(one.server, subject))?.finished
  if (!finished) return null
  const { by, at, note } = finished
  const fields = { by, 'as-of': at, left: leftOf(runbook) }
  return entry('recovery-finished', 'intentional', runbook, subject, fields, note ?? undefined)
}

/** Somebody finished it; its flag closed; or no file names the flag any more. */
function endOf(runbook: Declared, flags: Plan['flags'], recoveries: Desired['recoveries']): Told {
  const { subject } = runbook
  const left = leftOf(runbook)
  const finish = finishOf(runbook, recoveries)
  if (finish) return finish
  const isFlagged = flags.some((one) => sameSubject(one.subject, subject))
  return isFlagged
    ? entry('recovery-withdrawn', 'intentional', runbook, subject, { left })
    : entry('recovery-closed', 'observed', runbook, subject, { left })
}
