import { styleText } from 'node:util'
import { secondsBetween, type Time } from '../base/time.ts'
import { formatSize } from '../base/units.ts'
import type { BackupSet } from '../domain/words.ts'
import type { Terminal } from './command.ts'
import { table } from './table.ts'

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

/** `2026-07-29 02:00:07 UTC` */
export function absoluteTime(time: Time): string {
  return `${time.slice(0, 10)} ${time.slice(11, 19)} UTC`
}

/** One set in a few lines: what it is, where it stands, and every item. */
export function describeSet(set: BackupSet): string {
  const items = table(
    ['ITEM', 'SUBJECT', 'OUTCOME', 'SIZE', ''],
    set.items.map(({ kind, subject, outcome, bytes, message }) => [
      kind,
      subject,
      outcome,
      formatSize(bytes),
      outcome === 'ok' ? '' : (message ?? ''),
    ]),
  )
  const ok = set.items.filter(({ outcome }) => outcome === 'ok').length
  const size = `${set.files} ${set.files === 1 ? 'file' : 'files'}, ${formatSize(set.bytes)}`
  return `${set.id} is ${set.state}: ${ok} of ${set.required.length} items ok, ${size}\n${set.path}\n\n${items}`.trimEnd()
}

/** A heading with the text below it; nothing for an empty text. */
export function section(title: string, text: string): string {
  return text === '' ? '' : `${title}\n${text}\n`
}
