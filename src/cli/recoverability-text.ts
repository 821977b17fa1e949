import { formatDuration } from '../base/units.ts'
import type { RecoverabilityView } from '../views/recoverability/recoverability.ts'
import type { Context } from './command.ts'
import { escapeMarkdown } from './markdown.ts'
import { coarse, painter, section } from './render.ts'
import { tableFor } from './status.ts'
import { paragraph } from './table.ts'

type Row = RecoverabilityView['subjects'][number]

/** One line for each server, or all there is to say of one. */
export function recoverabilityInWords(view: RecoverabilityView, isOne: boolean, context: Context): string {
  const [only] = view.subjects
  if (isOne && only) return inFull(only, context)
  const draw = tableFor(context.output)
  const rows = view.subjects.map((row) => [
    row.server,
    row.scenario ?? '-',
    row.items.length === 0 ? 'nothing' : row.items.map(lossOf).join(', '),
    about(row.estimateSeconds),
    [...new Set(row.blockers.map(({ code }) => code))].join(', ') || '-',
  ])
  const hint = 'Steps and reasons: holdfast recoverability SERVER\n'
  return `${draw(['SERVER', 'SCENARIO', 'WOULD LOSE', 'TIME', 'BLOCKERS'], rows)}\n${hint}`
}

function lossOf({ kind, dataLossSeconds }: Row['items'][number]): string {
  return dataLossSeconds === null ? `all ${kind}` : `${formatDuration(coarse(dataLossSeconds))} of ${kind}`
}

/** A rough figure should not look exact. */
function about(seconds: number): string {
  const quarters = Math.max(1, Math.round(seconds / 900))
  return quarters >= 8 ? `~${Math.round(quarters / 4)} h` : `~${quarters * 15} min`
}

function inFull(row: Row, context: Context): string {
  const { output, terminal } = context
  const isMarkdown = output === 'markdown'
  const paint = painter(terminal)
  const title = (text: string): string => (isMarkdown ? `### ${text}\n` : paint('bold', text))
  const draw = tableFor(output)
  const items = row.items.map(({ kind, subject, from, dataLossSeconds }) => [
    kind,
    subject,
    from ?? 'no copy',
    dataLossSeconds === null ? 'everything' : formatDuration(coarse(dataLossSeconds)),
  ])
  const blockers = row.blockers.map(({ code, message }) => [code, message])
  const scenario = row.scenario === null ? 'no procedure of this product' : `scenario ${row.scenario}`
  const head = `If ${row.server} died now: ${scenario}, ${about(row.estimateSeconds)} of work`
  return [
    isMarkdown ? `## ${escapeMarkdown(head)}\n\n` : `${paint('bold', head)}\n\n`,
    row.items.length === 0 && row.scenario !== null ? 'No data has to come from a set.\n\n' : '',
    section(title('Comes back from'), draw(['ITEM', 'SUBJECT', 'SET', 'WOULD LOSE'], items)),
    section(title('What blocks a restore now'), draw(['CODE', 'MESSAGE'], blockers)),
    section(title(`What the paired pool ${row.pairing?.partner ?? ''} holds`), pairing(row, draw)),
    section(title('Steps'), row.steps.map((step, index) => stepText(step, index + 1, isMarkdown)).join('')),
  ].join('')
}

function pairing({ pairing: paired }: Row, draw: ReturnType<typeof tableFor>): string {
  if (paired === null) return ''
  const rows = [
    ...paired.covered.map(({ kind, subject }) => [kind, subject, 'yes, minutes old']),
    ...paired.notCovered.map(({ kind, subject }) => [kind, subject, 'no: only the sets']),
  ]
  return draw(['ITEM', 'SUBJECT', 'AT THE PARTNER'], rows)
}

function stepText(
  { title, actor, command, warning }: Row['steps'][number],
  number: number,
  isMarkdown: boolean,
): string {
  const by = actor === 'holdfast' ? ' [Holdfast can]' : ''
  if (isMarkdown) {
    const code = command === undefined ? '' : `\n   \`\`\`powershell\n${indented(command, 3)}   \`\`\`\n`
    return `${number}. ${escapeMarkdown(title)}${by}${warning === undefined ? '' : ` **${escapeMarkdown(warning)}**`}\n${code}`
  }
  const lines = paragraph(`${title}${by}`, 75).map((line, index) => (index === 0 ? line : `    ${line}`))
  const warned =
    warning === undefined
      ? ''
      : paragraph(`Careful: ${warning}`, 75)
          .map((line) => `    ${line}\n`)
          .join('')
  return `${String(number).padStart(2)}. ${lines.join('\n')}\n${warned}${command === undefined ? '' : indented(command, 8)}`
}

function indented(text: string, by: number): string {
  return text
    .split('\n')
    .map((line) => `${' '.repeat(by)}${line}\n`)
    .join('')
}
