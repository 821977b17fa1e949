import { formatDuration } from '../base/units.ts'
import type { RecoverabilityView } from '../views/recoverability.ts'
import type { Context } from './command.ts'
import { escapeMarkdown } from './markdown.ts'
import { absoluteTime, coarse, counted, painter, section, tableFor } from './render.ts'
import { paragraph } from './table.ts'

type Row = RecoverabilityView['subjects'][number]

/** One line for each server, or all there is to say of one. */
export function recoverabilityInWords(view: RecoverabilityView, isOne: boolean, context: Context): string {
  const [only] = view.subjects
  if (isOne && only) return inFull(only, context)
  const { output, terminal } = context
  const paint = painter(terminal)
  const title = (text: string): string => (output === 'markdown' ? `### ${text}\n` : paint('bold', text))
  const draw = tableFor(context)
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
  const { output, terminal } = context
  const isMarkdown = output === 'markdown'
  const paint = painter(terminal)
  const title = (text: string): string => (isMarkdown ? `### ${text}\n` : paint('bold', text))
  const draw = tableFor(context)
  const blockers = row.blockers.map(({ code, message }) => [code, message])
  const scenario = row.scenario === null ? 'no procedure of this product' : `scenario ${row.scenario}`
  const happened = row.flag === null ? `If ${row.server} died now` : `${row.server} is to be rebuilt`
  const head = `${happened}: ${scenario}, ${about(row.estimateSeconds)} of work`
  return [
    isMarkdown ? `## ${escapeMarkdown(head)}\n\n` : `${paint('bold', head)}\n\n`,
    row.items.length === 0 && row.scenario !== null ? 'No data has to come from a set.\n\n' : '',
    ...bySet(row, title, draw),
    section(title('What blocks a restore now'), draw(['CODE', 'MESSAGE'], blockers)),
    section(title(`What the paired pool ${row.pairing?.partner ?? ''} holds`), pairing(row, draw)),
    section(title('Steps'), row.steps.map((step) => stepText(step, row.steps, isMarkdown)).join('')),
  ].join('')
}

/** One table for each set that something comes back from: its name is long. */
function bySet({ items }: Row, title: (text: string) => string, draw: ReturnType<typeof tableFor>): string[] {
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

type Step = Row['steps'][number]

function stepText(step: Step, all: readonly Step[], isMarkdown: boolean): string {
  const { title, command, risks } = step
  const number = all.indexOf(step) + 1
  const ways = [...onlyIf(step, all), ...forkText(step, all)]
  if (isMarkdown) {
    const code = command === undefined ? '' : `\n   \`\`\`powershell\n${indented(command, 3)}   \`\`\`\n`
    const told = ways.map((way) => `   - ${escapeMarkdown(way)}\n`).join('')
    const careful = risks === undefined ? '' : ` **${escapeMarkdown(risks)}**`
    return `${number}. ${escapeMarkdown(title)}${careful}\n${told}${code}`
  }
  const lines = paragraph(title, 75).map((line, index) => (index === 0 ? line : `    ${line}`))
  const told = [...ways, ...(risks === undefined ? [] : [`Careful: ${risks}`])]
    .flatMap((text) => paragraph(text, 75))
    .map((line) => `    ${line}\n`)
  return `${String(number).padStart(2)}. ${lines.join('\n')}\n${told.join('')}${command === undefined ? '' : indented(command, 8)}`
}

/** On which ways of the forks before it a step is done at all. */
function onlyIf({ branch }: Step, all: readonly Step[]): string[] {
  return (branch ?? []).map(({ fork, branch: name }) => {
    const at = all.findIndex(({ id, subject }) => id === fork.id && subject === fork.subject)
    const when = all[at]?.branches?.find((one) => one.name === name)?.when ?? name
    return `Only if (step ${at + 1}) ${when}.`
  })
}

/** What each way of a fork makes needless. */
function forkText({ id, subject, branches }: Step, all: readonly Step[]): string[] {
  return (branches ?? []).map(({ name, when }) => {
    const ended = all.flatMap(({ branch }, index) =>
      branch?.some(({ fork, branch: other }) => fork.id === id && fork.subject === subject && other !== name) === true
        ? [index + 1]
        : [],
    )
    const ends = ended.length === 0 ? 'nothing ends' : `steps ${ended.join(', ')} end and must not be done`
    return `FORK If ${when}: ${ends}.`
  })
}

function indented(text: string, by: number): string {
  return text
    .split('\n')
    .map((line) => `${' '.repeat(by)}${line}\n`)
    .join('')
}
