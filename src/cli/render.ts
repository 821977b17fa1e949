import { styleText } from 'node:util'
import { secondsBetween, type Time } from '../base/time.ts'
import { formatSize } from '../base/units.ts'
import { itemKey } from '../domain/subject.ts'
import { reasonOf, type BackupSet } from '../domain/backup-set.ts'
import { tellNotTaken } from '../domain/not-taken.ts'
import type { Item } from '../domain/words.ts'
import type { Context, Terminal } from './command.ts'
import { markdownTable } from './markdown.ts'
import { paragraph, table } from './table.ts'

type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red'

/** Colour for people: nothing is added where standard output is no terminal. */
export function painter({ interactive, env }: Terminal): (style: Style, text: string) => string {
  const isPlain = !interactive || (env['NO_COLOR'] ?? '') !== ''
  return (style, text) => (isPlain ? text : styleText(style, text, { validateStream: false }))
}

const steps = [
  { seconds: 86_400, unit: 'd' },
  { seconds: 3600, unit: 'h' },
  { seconds: 60, unit: 'min' },
] as const

/** `just now`, `5 min ago`, `in 3 h`, `2 d ago`: rounded down, for people. */
export function relativeTime(time: Time, now: Time): string {
  const seconds = Math.round(secondsBetween(time, now))
  const step = steps.find((one) => Math.abs(seconds) >= one.seconds)
  if (!step) return Math.abs(seconds) < 10 ? 'just now' : inOrAgo(seconds, `${Math.abs(seconds)} s`)
  return inOrAgo(seconds, `${Math.floor(Math.abs(seconds) / step.seconds)} ${step.unit}`)
}

function inOrAgo(seconds: number, amount: string): string {
  return seconds > 0 ? `${amount} ago` : `in ${amount}`
}

/** Whole minutes from a minute on, whole hours from a day on: what a person wants to know of an age. */
export function coarse(seconds: number): number {
  const unit = seconds >= 86_400 ? 3600 : seconds >= 60 ? 60 : 1
  return Math.floor(seconds / unit) * unit
}

/** `2026-07-29 02:00:07 UTC` */
export function absoluteTime(time: Time): string {
  return `${time.slice(0, 10)} ${time.slice(11, 19)} UTC`
}

/** One set: what it is, where it stands, every item in the order in which they are required, and what is wrong. */
export function describeSet(set: BackupSet, columns: number): string {
  const rows = inOrder(set).map(({ kind, subject, outcome, bytes }) => [kind, subject, outcome, formatSize(bytes)])
  const items = table(['ITEM', 'SUBJECT', 'OUTCOME', 'SIZE'], rows, columns).trimEnd()
  return [headOf(set), items, notOk(set), leftOut(set)].filter((part) => part !== '').join('\n\n')
}

/** The same for somebody who saw the items pass by: only those that are not ok. */
export function summariseSet(set: BackupSet): string {
  return [headOf(set), notOk(set)].filter((part) => part !== '').join('\n\n')
}

function headOf(set: BackupSet): string {
  const ok = requiredOk(set)
  const size = `${counted(set.files, 'file')}, ${formatSize(set.bytes)}`
  return `${set.id} is ${set.state}: ${ok} of ${counted(set.required.length, 'item')} ok, ${size}\n${set.path}`
}

/** How many of the required items are ok. */
export function requiredOk({ items, required }: BackupSet): number {
  const ok = new Set(items.filter(({ outcome }) => outcome === 'ok').map(itemKey))
  return required.filter((item) => ok.has(itemKey(item))).length
}

/** Items as a set lists its required ones, then any others. */
function inOrder({ items, required }: BackupSet): BackupSet['items'] {
  const place = new Map(required.map((item, index) => [itemKey(item), index]))
  const placeOf = (item: Item): number => place.get(itemKey(item)) ?? required.length
  return items.toSorted((one, other) => placeOf(one) - placeOf(other))
}

/** What each item that is not ok, or is so with a doubt, says of itself, a paragraph each: in a table it is hard to read. */
function notOk(set: BackupSet): string {
  return inOrder(set)
    .filter(({ outcome, code }) => outcome !== 'ok' || code !== undefined)
    .map((item) => [`${item.outcome}: ${item.kind} of ${item.subject}`, ...indented(reasonOf(item))].join('\n'))
    .join('\n')
}

/** What of file stores was not taken, by reason. */
function leftOut(set: BackupSet): string {
  return inOrder(set)
    .filter(({ notTaken }) => notTaken !== undefined)
    .map(({ subject, notTaken }) =>
      [`Not taken of ${subject}:`, ...tellNotTaken(notTaken).flatMap(indented)].join('\n'),
    )
    .join('\n')
}

function indented(text: string): string[] {
  return text === '' ? [] : paragraph(text, 76).map((line) => `    ${line}`)
}

/** `1 file`, `2 files`, `2 passes`, `2 entries` */
export function counted(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`
  if (noun.endsWith('y')) return `${count} ${noun.slice(0, -1)}ies`
  return `${count} ${noun}${noun.endsWith('s') ? 'es' : 's'}`
}

/** A heading with the text below it; nothing for an empty text. */
export function section(title: string, text: string): string {
  return text === '' ? '' : `${title}\n${text}\n`
}

/** How rows are drawn in this output. */
export function tableFor({
  output,
  terminal,
}: Context): (header: readonly string[], rows: readonly (readonly string[])[]) => string {
  return output === 'markdown' ? markdownTable : (header, rows) => table(header, rows, terminal.columns)
}
