import { Problem, toProblem } from '../base/problem.ts'
import type { Desired } from '../domain/model.ts'
import type { Plan } from '../domain/plan.ts'
import { difference } from '../plan/difference/difference.ts'
import type { Difference } from '../plan/difference/row.ts'
import { plan as makePlan } from '../plan/plan.ts'
import { planView } from '../views/plan.ts'
import type { AddCommand, Context } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { expectSnapshot, type Reading } from '../reconcile/reading.ts'
import { openForReading } from './open.ts'
import { noPlanInMarkdown, planInWords } from './plan-text.ts'

interface Options {
  revision?: string
  base?: string
  detailedExitCode?: boolean
}

export const addPlan: AddCommand = (program, run) => {
  program
    .command('plan')
    .option('--revision <revision>', 'plan for this revision instead of the one that is applied')
    .option('--base <revision>', 'show what the revision changes against this one')
    .option('--detailed-exit-code', 'exit code 5 when there are actions, findings or changes')
    .description('what would be done now, and why; for a pull request: what it changes')
    .action((options: Options) =>
      run((context) => print(options, context).catch((thrown: unknown) => refuse(thrown, context))),
    )
}

async function print(options: Options, context: Context): Promise<number> {
  await using reading = await openForReading(context)
  const head = options.revision === undefined ? null : await desiredAt(options.revision, reading)
  const base = options.base === undefined ? null : await desiredAt(options.base, reading)
  const { observed, memory, now } = reading.ground
  const { desired, plan } = head
    ? { desired: head, plan: makePlan(head, observed, memory, now) }
    : expectSnapshot(reading)
  const changed = base && difference(base, desired, observed, now)
  const view = planView(plan, changed)
  const { output, terminal } = context
  terminal.out(output === 'json' ? `${JSON.stringify(view)}\n` : planInWords(view, context))
  return options.detailedExitCode === true && isWorthALook(plan, changed) ? exitCode.changesPresent : exitCode.done
}

/** The conversation of a pull request shows standard output alone: there, too, it says why there is no plan. */
function refuse(thrown: unknown, { output, terminal }: Context): never {
  if (output === 'markdown' && !terminal.signal.aborted) terminal.out(noPlanInMarkdown(toProblem(thrown)))
  throw thrown
}

async function desiredAt(revision: string, { source }: Reading): Promise<Desired> {
  const loaded = await source.at(revision)
  if (loaded.ok) return loaded.desired
  const faults = loaded.errors.map(
    ({ file, line, column, message, hint }) => `${file}:${line}:${column}: ${message.replace(/\.?$/, '.')} ${hint}`,
  )
  throw new Problem('revision-invalid', {
    subject: revision,
    message: `The desired state of ${loaded.revision.slice(0, 12)} is not valid.\n  ${faults.join('\n  ')}`,
    hint: 'Fix them on the branch. Before a commit, holdfast validate finds the same faults in a folder.',
  })
}

function isWorthALook({ actions, findings, flags }: Plan, changed: Difference | null): boolean {
  const changes = changed ? changed.added.length + changed.removed.length + changed.changed.length : 0
  return actions.length + findings.length + flags.length + changes > 0
}
