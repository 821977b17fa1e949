import { styleText } from 'node:util'
import { formatSize } from '../base/units.ts'
import { itemKey } from '../domain/subject.ts'
import type { Item, SetId } from '../domain/words.ts'
import type { Progress } from '../act/handler.ts'
import type { Context } from './command.ts'
import { counted } from './render.ts'
import { paragraph } from './table.ts'

export interface ProgressView extends Disposable {
  show: (progress: Progress) => void
  /** A line between those of the runs. */
  say: (line: string) => void
}

interface Options {
  /** The caller tells afterwards where the set is and what is wrong with it. */
  isBrief?: boolean
}

interface Run {
  items: number
  ended: number
  bytes: number
  /** What is under way: key of the item -> item and percent, where the source tells one. */
  active: Map<string, { item: Item; percent: number | null }>
}

/** Runs as they go: one live line a run and one per busy item on a terminal, a line per event elsewhere, nothing for JSON. */
export async function progressOf(
  { output, terminal }: Context,
  { isBrief = false }: Options = {},
): Promise<ProgressView> {
  if (output !== 'text') return { show: () => {}, say: () => {}, [Symbol.dispose]: () => {} }
  const runs = new Map<SetId, Run>()
  const live = terminal.interactive ? (await import('log-update')).createLogUpdate(process.stderr) : null
  const say = (line: string): void => {
    live?.clear()
    terminal.err(`${line}\n`)
  }
  return {
    say,
    show(progress) {
      const line = note(runs, progress, isBrief)
      if (line !== null) say(terminal.interactive ? paint(line, progress) : line)
      live?.(picture(runs))
    },
    [Symbol.dispose]() {
      live?.clear()
      live?.done()
    },
  }
}

/** Takes the event into the picture; the line to keep on the screen, or null. */
function note(runs: Map<SetId, Run>, progress: Progress, isBrief: boolean): string | null {
  if (progress.kind === 'step-percent') return null // the runbook shows it
  if (progress.kind === 'set-started') {
    runs.set(progress.set, { items: progress.items.length, ended: 0, bytes: 0, active: new Map() })
    return `${progress.set}: started, ${counted(progress.items.length, 'item')}`
  }
  const run = runs.get(progress.set)
  if (!run) return null
  switch (progress.kind) {
    case 'set-ended':
      runs.delete(progress.set)
      return isBrief ? null : `${progress.set}: ${progress.state}, ${formatSize(run.bytes)}\n  ${progress.path}`
    case 'item-started':
      run.active.set(itemKey(progress.item), { item: progress.item, percent: null })
      return null
    case 'item-percent':
      run.active.set(itemKey(progress.item), { item: progress.item, percent: progress.percent })
      return null
    case 'item-ended': {
      run.active.delete(itemKey(progress.item))
      run.ended += 1
      run.bytes += progress.bytes
      return endOf(progress, runs.size > 1, isBrief)
    }
  }
}

/** With more than one run under way the line tells whose item it is. */
function endOf(
  { set, item, outcome, bytes, message }: Extract<Progress, { kind: 'item-ended' }>,
  isOneOfMany: boolean,
  isBrief: boolean,
): string {
  const run = isOneOfMany ? `${set.split('/')[0] ?? set}: ` : ''
  const size = bytes > 0 ? `  ${formatSize(bytes)}` : ''
  const why = outcome === 'ok' || message === '' || isBrief ? [] : paragraph(message, 70)
  const line = `  ${outcome.padEnd(7)} ${run}${item.kind} of ${item.subject}${size}`
  return [line, ...why.map((part) => `          ${part}`)].join('\n')
}

function paint(line: string, progress: Progress): string {
  if (progress.kind === 'set-ended') return styleText(progress.state === 'complete' ? 'green' : 'yellow', line)
  if (progress.kind === 'item-ended' && progress.outcome !== 'ok') return styleText('yellow', line)
  return line
}

function picture(runs: ReadonlyMap<SetId, Run>): string {
  return [...runs]
    .map(([set, run]) => [`${bar(run.ended / run.items)} ${run.ended}/${run.items}  ${set}`, ...busy(run)].join('\n'))
    .join('\n')
}

function busy(run: Run): string[] {
  return [...run.active.values()].map(
    ({ item, percent }) => `    ${item.kind} of ${item.subject}${percent === null ? '' : `  ${percent} %`}`,
  )
}

const barWidth = 20

function bar(share: number): string {
  const full = Math.round(share * barWidth)
  return `[${'#'.repeat(full)}${'.'.repeat(barWidth - full)}]`
}
