import { secondsBetween, type Time } from '../base/time.ts'
import { Problem } from '../base/problem.ts'
import { formatDuration } from '../base/units.ts'
import { systemClock } from '../base/clock.ts'
import { readSettings } from '../config/config.ts'
import { openStore } from '../store/store.ts'
import { statusView, type StatusView } from '../views/status.ts'
import type { AddCommand, Context, Output } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { markdownTable } from './markdown.ts'
import { openForReading, type Reading } from './open.ts'
import { absoluteTime, coarse, painter, relativeTime, section } from './render.ts'
import { table } from './table.ts'

export const addStatus: AddCommand = (program, run) => {
  program
    .command('status')
    .option('--health', 'only whether a daemon makes passes: exit code 0 or 1')
    .description('conditions, recovery points and next runs')
    .action(({ health = false }: { health?: boolean }) =>
      run((context) => (health ? printHealth(context) : print(context))),
    )
}

async function print(context: Context): Promise<number> {
  await using reading = await openForReading(context)
  const view = statusView(known(reading))
  const { output, terminal } = context
  terminal.out(output === 'json' ? `${JSON.stringify(view)}\n` : inWords(view, context))
  return exitCode.done
}

/** The parts of a reading once a revision was valid. Throws Problem `desired-state-invalid` before. */
export function known({ desired, plan, ...rest }: Reading): Parameters<typeof statusView>[0] {
  if (desired && plan) return { desired, plan, ...rest }
  const fact = rest.source.fact()
  const faults = fact.known ? fact.value.invalid : [fact.error]
  const unreachable = fact.known && fact.value.unreachable !== null ? [fact.value.unreachable] : []
  throw new Problem('desired-state-invalid', {
    subject: rest.config.git.url,
    message: ['No valid desired state was ever read.', ...unreachable, ...faults].join('\n  '),
    hint: 'holdfast validate checks a folder before it is committed.',
  })
}

/** The loop passes every few seconds; this late, it hangs. */
const overdueSeconds = 120

async function printHealth(context: Context): Promise<number> {
  const { state } = await readSettings(context.configFile)
  using store = openStore(state, 'read', systemClock)
  const { healthy, message } = healthOf(store.lease.holder(), store.lastPassAt(), systemClock.now())
  const { output, terminal } = context
  terminal.out(output === 'json' ? `${JSON.stringify({ healthy, message })}\n` : `${message}\n`)
  return healthy ? exitCode.done : exitCode.failed
}

/** A daemon is healthy while it makes passes; one that has just started gets the time for its first. */
export function healthOf(
  holder: { pid: number; since: Time } | null,
  lastPassAt: Time | null,
  now: Time,
): { healthy: boolean; message: string } {
  if (holder === null) return { healthy: false, message: 'No daemon holds the lease.' }
  const isFirst = lastPassAt === null || lastPassAt < holder.since
  const age = Math.round(secondsBetween(isFirst ? holder.since : lastPassAt, now))
  const what = isFirst ? 'has made no pass since it started' : 'made its last pass'
  return { healthy: age <= overdueSeconds, message: `The daemon (pid ${holder.pid}) ${what} ${age} s ago.` }
}

function inWords(view: StatusView, { output, terminal }: Context): string {
  const paint = painter(terminal)
  const title = (text: string): string => (output === 'markdown' ? `## ${text}\n` : paint('bold', text))
  const draw = tableFor(output)
  const head = `Revision ${view.revision.slice(0, 12)}, ${absoluteTime(view.at)}\n\n`
  return [
    head,
    flagged(view, title, draw),
    section(title('Conditions'), draw(['SUBJECT', 'CONDITION', 'STATUS', 'SINCE'], conditionRows(view))),
    section(title('Not as promised, or not known'), draw(['CONDITION', 'SUBJECT', 'MESSAGE'], doubtRows(view))),
    section(title('Policies'), draw(['POLICY', 'LAST SET', 'OUTCOME', 'NEXT RUN'], policyRows(view))),
    ...recoveryPoints(view, title, draw),
    section(title('Servers'), draw(['SERVER', 'ROLES', 'CLASS', 'FLAG'], serverRows(view))),
  ].join('')
}

type Draw = ReturnType<typeof tableFor>

/** What must be rebuilt comes first, with what to do next. */
function flagged({ flags, at }: StatusView, title: (text: string) => string, draw: Draw): string {
  const rows = flags.map(({ subject, scenario, since, reason }) => [subject, scenario, relativeTime(since, at), reason])
  const table = section(title('To be rebuilt'), draw(['SUBJECT', 'SCENARIO', 'SINCE', 'WHY'], rows))
  return table === '' ? '' : `${table}What comes back and how: holdfast recoverability SUBJECT\n\n`
}

/** One table for each set that is the newest copy of something: its name is long, and the same for most items. */
function recoveryPoints({ items }: StatusView, title: (text: string) => string, draw: Draw): string[] {
  const sets = [...new Set(items.map(({ recoveryPoint }) => recoveryPoint?.set ?? null))]
  return sets.map((set) =>
    section(
      title(set === null ? 'Without any ok copy' : `Recovery points in ${set}`),
      draw(
        ['ITEM', 'SUBJECT', 'AGE', 'OBJECTIVE'],
        items.filter(({ recoveryPoint }) => (recoveryPoint?.set ?? null) === set).map(itemRow),
      ),
    ),
  )
}

/** How rows are drawn in this output. */
export function tableFor(output: Output): (header: readonly string[], rows: readonly (readonly string[])[]) => string {
  return output === 'markdown' ? markdownTable : (header, rows) => table(header, rows)
}

function conditionRows({ conditions, at }: StatusView): string[][] {
  return conditions.map(({ subject, type, status, reason, since }) => [
    subject,
    type,
    `${status} (${reason})`,
    relativeTime(since, at),
  ])
}

function doubtRows({ conditions }: StatusView): string[][] {
  return conditions
    .filter(({ status }) => status !== 'true')
    .map(({ subject, type, message }) => [type, subject, message])
}

function policyRows({ policies, at }: StatusView): string[][] {
  return policies.map(({ name, lastSet, lastOutcome, nextRunAt, running }) => [
    name,
    lastSet ?? 'none',
    lastOutcome ?? '-',
    running ? 'running' : nextRunAt === null ? 'never' : nextRunAt <= at ? 'now' : relativeTime(nextRunAt, at),
  ])
}

function itemRow({ kind, subject, ageSeconds, objectiveSeconds }: StatusView['items'][number]): string[] {
  return [
    kind,
    subject,
    ageSeconds === null ? 'never' : formatDuration(coarse(ageSeconds)),
    objectiveSeconds === null ? '-' : formatDuration(objectiveSeconds),
  ]
}

function serverRows({ servers }: StatusView): string[][] {
  return servers.map(({ fqdn, roles, class: state, flag }) => [fqdn, roles.join(', '), state, flag?.scenario ?? '-'])
}
