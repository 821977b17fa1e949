import { formatDuration, lasting } from '../base/units.ts'
import { languageOf } from '../domain/restore-commands.ts'
import { onlyDoing, type DrillView } from '../views/drill.ts'
import { escapeMarkdown, markdownTable } from './markdown.ts'
import { absoluteTime, coarse, counted, section } from './render.ts'
import { withoutControls } from './table.ts'

type Step = DrillView['steps'][number]
type Told = DrillView['stops'][number]

/** A report to keep: what would come of a recovery today, and each step with what it rests on. */
export function drillInMarkdown(view: DrillView): string {
  const { server, also = [], at, steps } = view
  return [
    `# Drill of ${[server, ...also].map(safe).join(', ')}\n\n`,
    `${outcome(view)}\n\n${ground(view)}\n\n`,
    section(`## What would stop it tonight\n`, listed(view.stops, view)),
    section(`## Ways that are closed\n`, closed(view)),
    section(`## What nobody ever proved\n`, listed(view.unproved, view)),
    section(`## What comes back\n`, comesBack(view)),
    section(`## Steps\n`, steps.map((step, index) => stepText(step, index + 1, steps)).join('\n')),
    `As of ${absoluteTime(at)}. Nothing was changed.\n`,
  ].join('')
}

function safe(text: string): string {
  return escapeMarkdown(text)
}

function outcome({ outcome: result, scenario, stops, closedWays, estimateSeconds, estimateBasis }: DrillView): string {
  if (scenario === null) return '**It would stop**: no procedure of this product leads back.'
  const took = `about ${lasting(estimateSeconds)} where hands work side by side (${safe(estimateBasis)})`
  if (result === 'stops')
    return `**It would stop**: ${counted(stops.length, 'thing')} would stop it. Without them it takes ${took}.`
  const ways = closedWays.length === 0 ? '' : `, though ${counted(closedWays.length, 'way')} of its forks would not`
  return `**It would come through** as far as can be seen today${ways}: ${took}.`
}

function ground({ scenario, flag, from, revision, unproved, unknown, steps }: DrillView): string {
  const lost = flag === null ? 'as if it were lost now' : `it is lost: ${safe(flag.reason)}`
  const copies = from === 'latest' ? 'the newest usable copies' : safe(from)
  return [
    `Scenario ${scenario ?? 'none'}, ${lost}; names of revision ${safe(revision.slice(0, 12))}, ${copies}.`,
    `${counted(steps.length, 'step')}; ${counted(unproved.length, 'thing')} that nobody ever proved, ${unknown.length} that nobody can see today.`,
  ].join(' ')
}

function listed(found: readonly Told[], { steps }: DrillView): string {
  const grouped = Map.groupBy(found, ({ about, subject, message }) => `${about} ${subject} ${message}`)
  return [...grouped.values()]
    .flatMap(([first, ...others]) => {
      if (!first) return []
      const numbers = [first, ...others].flatMap(({ step }) => numberOf(step, steps) ?? [])
      const where = numbers.length === 0 ? '' : ` (step ${[...new Set(numbers)].join(', ')})`
      return `- ${safe(first.subject)}${where}: ${safe(first.message)}${remedyOf(first)}\n`
    })
    .join('')
}

function remedyOf({ remedy }: { remedy?: string | undefined }): string {
  return remedy === undefined ? '' : `\n  **To do**: ${safe(remedy)}`
}

function numberOf(step: Told['step'], steps: readonly Step[]): number | null {
  const at = step ? steps.findIndex(({ id, subject }) => id === step.id && subject === step.subject) : -1
  return at < 0 ? null : at + 1
}

function closed({ closedWays, steps }: DrillView): string {
  return closedWays
    .map(({ fork, branch }) => {
      const when = steps
        .find(({ id, subject }) => id === fork.id && subject === fork.subject)
        ?.branches?.find(({ name }) => name === branch)?.when
      return `- Step ${numberOf(fork, steps) ?? '?'}: ${safe(when ?? branch)}\n`
    })
    .join('')
}

function comesBack({ items }: DrillView): string {
  if (items.length === 0) return 'No data has to come from a set.\n'
  return markdownTable(
    ['Item', 'Subject', 'From', 'Would lose'],
    items.map(({ kind, subject, from, dataLossSeconds }) => [
      ...[kind, withoutControls(subject), withoutControls(from ?? 'nothing')],
      dataLossSeconds === null ? 'everything' : formatDuration(coarse(dataLossSeconds)),
    ]),
  )
}

const marks = { holds: 'OK', stops: 'STOPS', unproved: 'UNPROVED', unknown: 'UNKNOWN' } as const

function stepText(step: Step, number: number, steps: readonly Step[]): string {
  const { title, subject, actor, seconds, measured, command, from, branch = [], checks } = step
  const took = measured === undefined ? 'rule of thumb' : counted(measured.runs, 'run')
  const only = branch
    .map((one) => `; only if step ${numberOf(one.fork, steps) ?? '?'} goes ${safe(one.branch)}`)
    .join('')
  const seen = checks.filter(({ about }) => about !== onlyDoing)
  const shows = seen.length === 0 ? '; only doing it shows whether it works' : ''
  const code =
    command === undefined
      ? ''
      : `\n   \`\`\`${languageOf(command)}\n${indented(withoutControlsButLines(command))}   \`\`\`\n\n`
  return [
    `${number}. **${safe(title)}**\n`,
    `   - ${safe(subject)}, ${actor === 'holdfast' ? 'Holdfast' : 'a person'}, about ${lasting(seconds)} (${took})${only}${shows}\n`,
    from === undefined ? '' : `   - from ${safe(from.set)}: ${safe(from.file)}\n`,
    code,
    ...seen.map(
      (one) =>
        `   - ${marks[one.result]} ${safe(one.about)} of ${safe(one.subject)}: ${safe(one.message)}${indent(remedyOf(one))}\n`,
    ),
  ].join('')
}

function indent(text: string): string {
  return text.replaceAll('\n', '\n   ')
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `   ${line}\n`)
    .join('')
}

function withoutControlsButLines(text: string): string {
  return text.split('\n').map(withoutControls).join('\n')
}
