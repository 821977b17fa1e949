import { formatDuration } from '../base/units.ts'
import type { RecoverabilityView } from '../views/recoverability.ts'
import type { Context } from './command.ts'
import { escapeMarkdown } from './markdown.ts'
import { absoluteTime, coarse, counted, painter, section, tableFor } from './render.ts'
import { stepsInWords } from './steps-text.ts'
import { paragraph } from './table.ts'

type Row = RecoverabilityView['subjects'][number]

/** One line for each server, or all there is to say of one. */
export function recoverabilityInWords(view: RecoverabilityView, isOne: boolean, context: Context): string {
  const [only] = view.subjects
  if (isOne && only) return inFull(only, context)
  const { title, draw } = toolsFor(context)
  const rows = view.subjects.map((row) => [
    row.server,
    row.scenario ?? '-',
    worst(row.items),
    about(row.estimateSeconds),
    row.blockers.length === 0 ? '-' : `${row.blockers.length}`,
  ])
  const blocked = view.subjects.flatMap(({ server, blockers }) => blockers.map(({ code }) => ({ code, server })))
  const codes = [...Map.groupBy(blocked, ({ code }) => code)].map(([code, found]) => [
    code,
    [...new Set(found.map(({ server }) => server))].join(', '),
  ])
  const unseen = view.subjects.flatMap(({ items }) => items.flatMap(({ unseenSince }) => unseenSince ?? [])).sort()[0]
  return [
    unseen === undefined
      ? ''
      : `NOT SEEN since ${absoluteTime(unseen)}: copies that are shown here as last seen. What blocks is told below.\n\n`,
    `${draw(['SERVER', 'SCENARIO', 'WOULD LOSE', 'TIME', 'BLOCKERS'], rows)}\n`,
    section(title('What blocks'), draw(['CODE', 'SERVERS'], codes)),
    'Steps and reasons: holdfast recoverability SERVER\n',
  ].join('')
}

/** What would be lost of the item that would lose most. */
function worst(items: Row['items']): string {
  if (items.length === 0) return 'nothing'
  const ages = items.map(({ dataLossSeconds }) => dataLossSeconds ?? Infinity)
  const most = Math.max(...ages)
  return `${most === Infinity ? 'everything' : formatDuration(coarse(most))} of ${counted(items.length, 'item')}`
}

/** A rough figure should not look exact. */
function about(seconds: number): string {
  const quarters = Math.max(1, Math.round(seconds / 900))
  return quarters >= 8 ? `~${Math.round(quarters / 4)} h` : `~${quarters * 15} min`
}

function inFull(row: Row, context: Context): string {
  const { isMarkdown, title, draw } = toolsFor(context)
  return [
    heading(`If ${row.server} died now`, row, context),
    ...whatComesBack(row, title, draw),
    section(title(`What the paired pool ${row.pairing?.partner ?? ''} holds`), pairing(row, draw)),
    section(title('Steps'), stepsInWords(row.steps, isMarkdown)),
  ].join('')
}

export function toolsFor(context: Context) {
  const { output, terminal } = context
  const isMarkdown = output === 'markdown'
  const paint = painter(terminal)
  const title = (text: string): string => (isMarkdown ? `### ${text}\n` : paint('bold', text))
  return { isMarkdown, paint, title, draw: tableFor(context) }
}

/** What is said of one loss, whether it is there or only thought of. */
export type Procedure = Omit<Row, 'pairing'>

export function heading(ifHealthy: string, row: Procedure, context: Context): string {
  const { isMarkdown, paint } = toolsFor(context)
  const scenario = row.scenario === null ? 'no procedure of this product' : `scenario ${row.scenario}`
  const happened = row.flag === null ? ifHealthy : `${row.server} is to be rebuilt`
  const head = `${happened}: ${scenario}, ${about(row.estimateSeconds)} where hands work side by side (${row.estimateBasis})`
  return isMarkdown ? `## ${escapeMarkdown(head)}\n\n` : `${paint('bold', paragraph(head, 80).join('\n'))}\n\n`
}

export function whatComesBack(
  row: Procedure,
  title: (text: string) => string,
  draw: ReturnType<typeof tableFor>,
): string[] {
  const blockers = row.blockers.map(({ code, message }) => [code, message])
  return [
    row.items.length === 0 && row.scenario !== null ? 'No data has to come from a set.\n\n' : '',
    ...bySet(row, title, draw),
    section(title('What blocks a restore now'), draw(['CODE', 'MESSAGE'], blockers)),
  ]
}

/** One table for each set that something comes back from: its name is long. */
function bySet({ items }: Procedure, title: (text: string) => string, draw: ReturnType<typeof tableFor>): string[] {
  return [...new Set(items.map(({ from }) => from))].map((set) => {
    const rows = items
      .filter(({ from }) => from === set)
      .map(({ kind, subject, dataLossSeconds, missing }) => [
        kind,
        subject,
        dataLossSeconds === null
          ? 'everything'
          : `${formatDuration(coarse(dataLossSeconds))}${missing ? `, and ${counted(missing.count, 'file')}` : ''}`,
      ])
    return section(
      title(set === null ? 'Without any ok copy' : `Comes back from ${set}`),
      draw(['ITEM', 'SUBJECT', 'WOULD LOSE'], rows),
    )
  })
}

function pairing({ pairing: paired }: Row, draw: ReturnType<typeof tableFor>): string {
  if (paired === null) return ''
  const rows = [
    ...paired.covered.map(({ kind, subject }) => [kind, subject, 'yes, minutes old']),
    ...paired.notCovered.map(({ kind, subject }) => [kind, subject, 'no: only the sets']),
  ]
  return draw(['ITEM', 'SUBJECT', 'AT THE PARTNER'], rows)
}
