import { formatDuration } from '../base/units.ts'
import type { StatusView } from '../views/status.ts'
import type { Context } from './command.ts'
import { absoluteTime, coarse, counted, painter, relativeTime, section, tableFor } from './render.ts'
import { paragraph } from './table.ts'
import { verdictMeanings, verdictWords } from './verdict-text.ts'

type Draw = ReturnType<typeof tableFor>
type Title = (text: string) => string

/** The verdict first, then what is not well, then runs; what is well is a count, unless all is asked for. */
export function statusInWords(view: StatusView, all: boolean, context: Context): string {
  const { output, terminal } = context
  const paint = painter(terminal)
  const title: Title = (text) => (output === 'markdown' ? `## ${text}\n` : paint('bold', text))
  const draw = tableFor(context)
  return [
    verdictPart(view, paint),
    flagged(view, title, draw),
    recovering(view, title, draw),
    frozen(view, title, draw),
    notPromised(view, title, draw),
    section(
      title('Policies'),
      draw(['POLICY', 'LAST GOOD COPY', 'SET', 'FAILURES SINCE', 'NEXT RUN'], policyRows(view)),
    ),
    whyFailed(view),
    olderBackups(view),
    ...lateCopies(view, title, draw),
    section(
      title('Servers that are not healthy'),
      draw(['SERVER', 'ROLES', 'CLASS', 'FLAG'], serverRows(view.servers.filter(isUnwell))),
    ),
    ...(all ? unfolded(view, title, draw) : [folded(view)]),
  ].join('')
}

const colours = { ok: 'green', attention: 'yellow', 'not-ok': 'red', unknown: 'yellow' } as const
/** Of one code; the rest is a number. */
const reasonsShown = 5

function verdictPart({ verdict, daemon, revision, at }: StatusView, paint: ReturnType<typeof painter>): string {
  const { state, reasons } = verdict
  const heart =
    daemon.lastPassAt === null ? 'no daemon ever made a pass' : `last pass ${relativeTime(daemon.lastPassAt, at)}`
  const head = `${paint(colours[state], verdictWords[state])}: ${verdictMeanings[state]}.\nRevision ${revision.slice(0, 12)}, ${heart}, ${absoluteTime(at)}`
  const groups = [...Map.groupBy(reasons, ({ code }) => code)]
  const lines = groups.flatMap(([code, found]) => [
    ...found
      .slice(0, reasonsShown)
      .flatMap(({ subject, message, remedy }) => [
        ...paragraph(`${subject}: ${message} [${code}]`, 76).map((line) => `  ${line}`),
        ...paragraph(remedy, 70).map((line, index) => `      ${index === 0 ? '> ' : '  '}${line}`),
      ]),
    ...(found.length > reasonsShown
      ? [`  and ${found.length - reasonsShown} more [${code}]: ${tail(found.slice(reasonsShown))}`]
      : []),
  ])
  return [head, ...(lines.length === 0 ? [] : ['', ...lines]), '', ''].join('\n')
}

function tail(reasons: StatusView['verdict']['reasons']): string {
  const names = reasons.slice(0, reasonsShown).map(({ subject }) => subject)
  return `${names.join(', ')}${reasons.length > reasonsShown ? ', ...' : ''}`
}

/** What must be rebuilt comes first, with what to do next. */
function flagged({ flags, at }: StatusView, title: Title, draw: Draw): string {
  const rows = flags.map(({ subject, scenario, since, reason }) => [subject, scenario, relativeTime(since, at), reason])
  const table = section(title('To be rebuilt'), draw(['SUBJECT', 'SCENARIO', 'SINCE', 'WHY'], rows))
  return table === '' ? '' : `${table}What comes back and how: holdfast recoverability SUBJECT\n\n`
}

/** The next things to do, and who does them. */
function recovering({ recoveries }: StatusView, title: Title, draw: Draw): string {
  const rows = recoveries.map(({ server, recovery, done, steps, next }) => {
    const [first, ...others] = next
    const more = others.length === 0 ? '' : `, and ${others.length} more`
    const held = first?.suspended === undefined ? '' : 'FROZEN: '
    const blocked = first?.state === 'blocked' ? `BLOCKED: ${first.evidence ?? ''} ` : ''
    const told = first
      ? `${held}${blocked}${first.title} (${first.id}, ${first.actor})${more}`
      : 'nothing: look at the runbook'
    return [server, recovery ?? 'not declared in Git', `${done} of ${steps}`, told]
  })
  const table = section(title('Recoveries'), draw(['SERVER', 'RECOVERY', 'STEPS', 'NEXT'], rows))
  return table === '' ? '' : `${table}Every step, and what to commit: holdfast runbook SERVER\n\n`
}

/** What a person holds for a time. */
function frozen({ suspensions }: StatusView, title: Title, draw: Draw): string {
  const rows = suspensions.map(({ name, actions, subjects, until, reason }) => [
    ...[name, actions.join(', '), subjects.join(', '), absoluteTime(until), reason],
  ])
  return section(title('Frozen'), draw(['SUSPENSION', 'ACTIONS', 'OF', 'UNTIL', 'WHY'], rows))
}

/** A proof that nobody configured is counted below, and no exception. */
function notPromised({ conditions, at }: StatusView, title: Title, draw: Draw): string {
  const rows = conditions
    .filter((condition) => condition.status !== 'true' && !isUnasked(condition))
    .map(({ subject, type, status, since, message }) => [type, subject, status, relativeTime(since, at), message])
  return section(title('Not as promised, or not known'), draw(['CONDITION', 'SUBJECT', '', 'SINCE', 'MESSAGE'], rows))
}

const unasked: ReadonlySet<string> = new Set(['NotChecked', 'NotTested'])

function isUnasked({ status, reason }: StatusView['conditions'][number]): boolean {
  return status === 'unknown' && unasked.has(reason)
}

function policyRows({ policies, at }: StatusView): string[][] {
  return policies.map(({ name, lastGood, failuresSince, nextRunAt, suspended, running }) => [
    name,
    lastGood === null ? 'none' : relativeTime(lastGood.at, at),
    lastGood?.set ?? '-',
    `${failuresSince}`,
    running
      ? 'running'
      : suspended !== undefined
        ? 'frozen'
        : nextRunAt === null
          ? 'never'
          : nextRunAt <= at
            ? 'now'
            : relativeTime(nextRunAt, at),
  ])
}

function whyFailed({ policies }: StatusView): string {
  const lines = policies.flatMap(({ name, failuresSince, lastMessage }) =>
    failuresSince === 0 || lastMessage === null
      ? []
      : paragraph(`${name} failed last because: ${lastMessage}`, 76).map((line) => `${line}\n`),
  )
  return lines.length === 0 ? '' : `${lines.join('')}\n`
}

/** `$Backup` stays where it is while an item fails; the list beside it does not. */
function olderBackups({ policies, at }: StatusView): string {
  const older = policies.filter(
    ({ lastSet, lastGood, failuresSince }) => failuresSince > 0 && lastGood !== null && lastGood.set !== lastSet,
  )
  const lines = older.flatMap(({ name, lastGood }) => {
    const age = lastGood ? relativeTime(lastGood.at, at) : ''
    const text = `$Backup of ${name} refers to a set of ${age}. The newest usable copy of each item is named by current\\${name}.copies.csv on the share.`
    return paragraph(text, 76).map((line) => `${line}\n`)
  })
  return lines.length === 0 ? '' : `${lines.join('')}\n`
}

/** What the newest copy lacks, and how old the one is that lacks nothing. */
function gapRows(items: StatusView['items'], at: string): string[][] {
  return items.flatMap(({ kind, subject, recoveryPoint, newestOk }) => {
    const missing = recoveryPoint?.missing
    if (!missing) return []
    return [[kind, subject, counted(missing.count, 'file'), newestOk ? relativeTime(newestOk.at, at) : 'none']]
  })
}

/** Items without a copy, with one beyond the objective, or with one that nobody can see now. */
function lateCopies({ items, at }: StatusView, title: Title, draw: Draw): string[] {
  const isLate = ({ ageSeconds, objectiveSeconds }: StatusView['items'][number]): boolean =>
    ageSeconds !== null && objectiveSeconds !== null && ageSeconds > objectiveSeconds
  const header = ['ITEM', 'SUBJECT', 'AGE', 'OBJECTIVE', 'SEEN']
  return [
    section(title('Without any ok copy'), draw(header, items.filter((one) => one.recoveryPoint === null).map(itemRow))),
    section(title('Older than the objective'), draw(header, items.filter(isLate).map(itemRow))),
    section(title('Newest copies with gaps'), draw(['ITEM', 'SUBJECT', 'LACKS', 'NEWEST OK'], gapRows(items, at))),
    section(
      title('Copies that cannot be seen now'),
      draw(header, items.filter((one) => one.unseenSince !== null && !isLate(one)).map(itemRow)),
    ),
  ]
}

function itemRow({ kind, subject, ageSeconds, objectiveSeconds, unseenSince }: StatusView['items'][number]): string[] {
  return [
    kind,
    subject,
    ageSeconds === null ? 'never' : formatDuration(coarse(ageSeconds)),
    objectiveSeconds === null ? '-' : formatDuration(objectiveSeconds),
    unseenSince === null ? 'now' : `last at ${absoluteTime(unseenSince)}`,
  ]
}

function isUnwell({ class: kind, flag }: StatusView['servers'][number]): boolean {
  return kind !== 'healthy' || flag !== null
}

function serverRows(servers: StatusView['servers']): string[][] {
  return servers.map(({ fqdn, roles, class: state, flag }) => [fqdn, roles.join(', '), state, flag?.scenario ?? '-'])
}

/** What is well, in two lines. */
function folded({ servers, items, conditions, policies }: StatusView): string {
  const healthy = servers.filter((server) => !isUnwell(server)).length
  const kept = conditions.filter(({ status }) => status === 'true').length
  const copied = items.flatMap(({ ageSeconds, unseenSince }) =>
    ageSeconds === null || unseenSince !== null ? [] : [ageSeconds],
  )
  const oldest = copied.length === 0 ? '' : `, the oldest ${formatDuration(coarse(Math.max(...copied)))} old`
  const parts = [
    `${healthy} of ${counted(servers.length, 'server')} healthy`,
    `${copied.length} of ${counted(items.length, 'item')} with an ok copy${oldest}`,
    `${counted(kept, 'promise')} kept`,
  ]
  const open = conditions.filter(isUnasked).map(({ type }) => (type === 'Restorable' ? 'restore tests' : 'signatures'))
  const unproved = open.length === 0 ? '' : `Not configured, so not proved: ${[...new Set(open)].join(', ')}.\n`
  return `${parts.join('; ')}.\n${unproved}${policies.length === 0 ? '' : 'All of it: holdfast status --all\n'}`
}

function unfolded(view: StatusView, title: Title, draw: Draw): string[] {
  const { conditions, items, servers, at } = view
  const rows = conditions.map(({ subject, type, status, reason, since }) => [
    ...[subject, type, `${status} (${reason})`, relativeTime(since, at)],
  ])
  const sets = [...new Set(items.map(({ recoveryPoint }) => recoveryPoint?.set ?? null))]
  return [
    section(title('Conditions'), draw(['SUBJECT', 'CONDITION', 'STATUS', 'SINCE'], rows)),
    // One table for each set that is the newest copy of something: its name is long, and the same for most items.
    ...sets
      .filter((set) => set !== null)
      .map((set) =>
        section(
          title(`Recovery points in ${set}`),
          draw(
            ['ITEM', 'SUBJECT', 'AGE', 'OBJECTIVE', 'SEEN'],
            items.filter(({ recoveryPoint }) => recoveryPoint?.set === set).map(itemRow),
          ),
        ),
      ),
    section(title('Servers'), draw(['SERVER', 'ROLES', 'CLASS', 'FLAG'], serverRows(servers))),
  ]
}
