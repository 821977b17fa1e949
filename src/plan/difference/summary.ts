import { toMinute } from '../../base/time.ts'
import { distinct, itemKey } from '../../domain/subject.ts'
import type { DifferenceRow, ExpiredSet, Rows } from './row.ts'

/** The whole difference in one sentence, with what may hurt first. */
export function summary({ added, removed, changed }: Rows, expired: readonly ExpiredSet[]): string {
  const clauses = [
    ...itemsRemoved(removed.filter(isItem)),
    ...setsExpired(expired),
    ...named('removes', removed.filter(isPolicy)),
    ...named('adds', added.filter(isPolicy)),
    ...itemsAdded(added.filter(isItem)),
    ...runsMoved(changed.filter(({ what }) => what === 'run')),
    ...settingsChanged(changed),
    ...resources('removes', removed),
    ...resources('adds', added),
    ...resources('alters', changed),
  ]
  return clauses.length === 0
    ? 'This change touches no resource, run, item or retention.'
    : `This change ${listed(clauses)}.`
}

const isItem = ({ what }: DifferenceRow): boolean => what === 'item'
const isPolicy = ({ what }: DifferenceRow): boolean => what === 'policy'

/** An item that two policies drop is one item. */
function itemsRemoved(rows: readonly DifferenceRow[]): string[] {
  const [gone, dropped] = [rows.filter(({ orphaned }) => orphaned), rows.filter(({ orphaned }) => !orphaned)]
  const [lost, kept] = [distinctItems(gone), distinctItems(dropped)]
  return [
    ...(lost === 0 ? [] : [`removes ${counted(lost, 'item')} that nobody backs up any more`]),
    ...(kept === 0
      ? []
      : [
          `takes ${counted(kept, 'item')} out of ${policiesOf(dropped)} that ${kept === 1 ? 'is' : 'are'} still backed up`,
        ]),
  ]
}

function itemsAdded(rows: readonly DifferenceRow[]): string[] {
  return rows.length === 0 ? [] : [`adds ${counted(distinctItems(rows), 'item')} to ${policiesOf(rows)}`]
}

function setsExpired(expired: readonly ExpiredSet[]): string[] {
  const [real, shown] = [expired.filter(({ enforced }) => enforced), expired.filter(({ enforced }) => !enforced)]
  return [
    ...(real.length === 0 ? [] : [`lets ${counted(real.length, 'set')} expire`]),
    ...(shown.length === 0
      ? []
      : [`leaves ${counted(shown.length, 'set')} that would expire if the retention were enforced`]),
  ]
}

function named(verb: string, policies: readonly DifferenceRow[]): string[] {
  if (policies.length === 0) return []
  return [
    `${verb} the ${policies.length === 1 ? 'policy' : 'policies'} ${listed(policies.map(({ subject }) => subject))}`,
  ]
}

function runsMoved(rows: readonly DifferenceRow[]): string[] {
  return rows.map(({ subject, before = '', after = '' }) => {
    if (after === 'never') return `ends the runs of ${subject}`
    if (before === 'never') return `lets ${subject} run again, next at ${toMinute(after)}`
    const isSameDay = before.slice(0, 10) === after.slice(0, 10)
    const from = isSameDay ? before.slice(11, 16) : toMinute(before)
    const to = isSameDay ? `${after.slice(11, 16)} UTC` : toMinute(after)
    return `moves the next run of ${subject} from ${from} to ${to}`
  })
}

/** What a run or a number of sets already tells is not told again. */
const told: ReadonlySet<string> = new Set(['run', 'sets-kept'])

function settingsChanged(changed: readonly DifferenceRow[]): string[] {
  const moved = new Set(changed.filter(({ what }) => what === 'run').map(({ subject }) => subject))
  const rows = changed.filter(
    ({ what, policy, subject }) =>
      policy !== undefined && !told.has(what) && !(what === 'schedule' && moved.has(subject)),
  )
  return [...Map.groupBy(rows, ({ subject }) => subject)].map(
    ([policy, settings]) => `alters ${listed(settings.map(({ what }) => words(what)))} of ${policy}`,
  )
}

/** One of a kind by its name, more of them by their number. */
function resources(verb: string, rows: readonly DifferenceRow[]): string[] {
  const own = rows.filter((row) => !isItem(row) && !isPolicy(row) && row.policy === undefined)
  const kinds = [...Map.groupBy(own, ({ what }) => what)].map(([what, of]) => {
    const [first = '', ...others] = distinct(of.map(({ subject }) => subject))
    return others.length === 0 ? `the ${words(what)} ${first}` : counted(others.length + 1, words(what))
  })
  return kinds.length === 0 ? [] : [`${verb} ${listed(kinds)}`]
}

function distinctItems(rows: readonly DifferenceRow[]): number {
  return new Set(rows.map(({ kind = '', subject }) => itemKey({ kind, subject }))).size
}

function policiesOf(rows: readonly DifferenceRow[]): string {
  return listed([...new Set(rows.flatMap(({ policy }) => policy ?? []))])
}

function words(what: string): string {
  return what.replaceAll('-', ' ').replace(/^sql\b/, 'SQL')
}

function counted(count: number, noun: string): string {
  const many = noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`
  return `${count} ${count === 1 ? noun : many}`
}

/** `a`, `a and b`, `a, b and c` */
function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`
}
