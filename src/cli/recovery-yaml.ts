import { Document } from 'yaml'
import type { RestoreView } from '../views/restore.ts'
import type { RunbookView } from '../views/runbook.ts'

type Steps = RunbookView['steps']

/**
 * What to commit so that the steps that nothing can see go on: a whole `Recovery`, or, where there is one already, what to
 * add to it. Null where no such step is ready.
 */
export function recoveryToCommit(view: RunbookView): ToCommit | null {
  const { recovery, steps, at } = view
  const open = steps.filter(({ state, acknowledgeable }) => state === 'ready' && acknowledgeable === true)
  return recovery !== null && open.length === 0 ? null : toCommit(view, saidOf(open, at))
}

/**
 * The same, so that the gate opens where what is against it may be accepted by name. Null where nothing of it may; `stays`: the
 * conditions that nobody can accept, so that it stays shut.
 */
export function acceptancesToCommit(
  view: Pick<RestoreView, 'server' | 'scenario' | 'recovery' | 'refused' | 'at'>,
): (ToCommit & { stays: string[] }) | null {
  const { refused, at } = view
  const wanted = refused.flatMap(({ accept }) => accept ?? [])
  if (wanted.length === 0) return null
  const once = new Map(wanted.map((one) => [JSON.stringify(one), one]))
  // What a Recovery says about running is not accepted, but said.
  const isToRun = refused.some(({ gate }) => ofRunning.has(gate))
  const spec = {
    ...(isToRun ? { run: 'holdfast' } : {}),
    accept: [...once.values()].map(({ what, subject, fact }) => ({
      ...{ what, subject },
      ...(fact === undefined ? {} : { fact }),
      ...{ by, at },
    })),
  }
  const found = toCommit(view, spec)
  const shut = refused.filter(({ gate, accept }) => !accept && !ofRunning.has(gate) && !passing.has(gate))
  return found && { ...found, stays: [...new Set(shut.map(({ gate }) => gate))] }
}

type Gate = RestoreView['refused'][number]['gate']

const ofRunning: ReadonlySet<Gate> = new Set(['not-declared', 'only-guided'])
/** What waits for others, also for what is accepted. */
const passing: ReadonlySet<Gate> = new Set(['step-waits', 'restored-now'])

export interface ToCommit {
  /** YAML. */
  text: string
  /** It is a whole `Recovery`; else it is to be added to the one that there is. */
  isWhole: boolean
}

const by = 'your name'

function toCommit(
  { server, scenario, recovery, at }: Pick<RunbookView, 'server' | 'scenario' | 'recovery' | 'at'>,
  spec: Record<string, unknown>,
): ToCommit | null {
  if (scenario === null) return null
  const isWhole = recovery === null
  const whole = {
    ...{ apiVersion: 'holdfast/v1', kind: 'Recovery' },
    metadata: { name: `${server.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-${at.slice(0, 10)}`.replace(/^-+/, '') },
    spec: { server, scenario, ...spec },
  }
  return { text: new Document(isWhole ? whole : { spec }).toString({ lineWidth: 0, singleQuote: true }), isWhole }
}

function saidOf(open: Steps, at: string): Record<string, unknown> {
  const done = open.filter(({ branches }) => branches === undefined)
  const forks = open.flatMap(({ branches, ...step }) => (branches ? [{ ...step, branches }] : []))
  return {
    ...(done.length === 0 ? {} : { acknowledge: done.map(({ id: step, subject }) => ({ step, subject, by, at })) }),
    ...(forks.length === 0
      ? {}
      : {
          choose: forks.map(({ id: step, subject, branches }) => ({
            ...{ step, subject },
            branch: branches.map(({ name }) => name).join(' or '),
            ...{ by, at },
          })),
        }),
  }
}

/** What to commit so that one user comes back. `at` goes into its name: each declaration is run once. */
export function userRecovery(spec: { user: string; pool: string; from: string }, at: string): string {
  const name = `${spec.user.replaceAll(/[^a-z0-9]+/g, '-')}-${at.slice(0, 10)}`.replace(/^-+/, '')
  const whole = { apiVersion: 'holdfast/v1', kind: 'Recovery', metadata: { name }, spec }
  return new Document(whole).toString({ lineWidth: 0, singleQuote: true })
}
