import { toMinute } from '../base/time.ts'
import type { PlanView } from '../views/plan.ts'
import type { Context } from './command.ts'
import { escapeMarkdown } from './markdown.ts'
import { painter } from './render.ts'
import { paragraph, withoutControls } from './table.ts'

type Base = NonNullable<PlanView['base']>
type Row = Base['added'][number]

const colours = { '+': 'green', '-': 'red', '~': 'yellow' } as const
type Sign = keyof typeof colours
type Line = readonly [sign: Sign, text: string]

const width = 80

/** What a pull request changes: one sentence, then a line for each thing that comes, goes or changes. */
export function differenceInWords(base: Base, { output, terminal }: Pick<Context, 'output' | 'terminal'>): string {
  const paint = painter(terminal)
  const lines: Line[] = [
    ...base.added.map((row): Line => ['+', addedLine(row)]),
    ...base.removed.map((row): Line => ['-', removedLine(row)]),
    ...base.expired.map((row): Line => ['-', expiredLine(row)]),
    ...base.changed.map((row): Line => ['~', changedLine(row)]),
  ]
  const sentences = [`Against ${base.revision.slice(0, 12)}: ${base.summary}`, ...notSeenLine(base)]
  if (output === 'markdown') {
    const list = lines.map(([sign, text]) => `${sign} ${withoutControls(text)}\n`).join('')
    return [...sentences.map(escapeMarkdown), ...(list === '' ? [] : [`\`\`\`diff\n${list}\`\`\``]), ''].join('\n\n')
  }
  const list = lines.map(([sign, text]) =>
    paragraph(text, width - 2)
      .map((line, at) => `${paint(colours[sign], `${at === 0 ? sign : ' '} ${line}`)}\n`)
      .join(''),
  )
  const head = sentences.map((text) => `${paragraph(text, width).join('\n')}\n\n`).join('')
  return `${head}${list.join('')}${list.length > 0 ? '\n' : ''}`
}

/** What a machine that does not reach the shares, such as a CI runner, cannot say. */
function notSeenLine({ notSeen }: Base): string[] {
  if (notSeen.length === 0) return []
  const shares = `the ${notSeen.length === 1 ? 'share' : 'shares'} of ${notSeen.join(', ')}`
  return [`Not seen from here: ${shares}. What is due now and which sets would expire is therefore not known.`]
}

function addedLine({ what, subject, policy = '', kind, after }: Row): string {
  if (kind !== undefined) return `${kind} of ${subject}, in ${policy}`
  return `${words(what)} ${subject}${after === undefined ? '' : `: ${after}`}`
}

function removedLine({ what, subject, policy = '', kind, before, stillIn }: Row): string {
  if (kind === undefined) return `${words(what)} ${subject}${before === undefined ? '' : `: ${before}`}`
  const item = `${kind} of ${subject}`
  if (!stillIn) return `${item}: nobody backs it up any more (${policy} did)`
  if (stillIn.includes(policy)) return `${item}: ${policy} backs it up in another way`
  return `${item}: no longer in ${policy}, still in ${stillIn.join(', ')}`
}

function expiredLine({ set, enforced }: Base['expired'][number]): string {
  return `set ${set}: no rule keeps it any more${enforced ? '' : '; it stays, because the retention is not enforced'}`
}

function changedLine({ what, subject, policy, field = '', before = '', after = '', gained, lost }: Row): string {
  if (policy === undefined) {
    const values = gained && lost ? plusAndMinus(gained, lost) : `${before} -> ${after}`
    return `${words(what)} ${subject}: ${field} ${values}`
  }
  if (what === 'run') return `${policy}: next run ${moment(before)} -> ${moment(after)}`
  return `${policy}: ${words(what)} ${settingsLine(before.split(', '), after.split(', '))}`
}

/** Of a setting in several phrases only those that differ. */
function settingsLine(before: readonly string[], after: readonly string[]): string {
  const gained = after.filter((phrase) => !before.includes(phrase))
  const lost = before.filter((phrase) => !after.includes(phrase))
  if (gained.length > 0 && lost.length > 0) return `${lost.join(', ')} -> ${gained.join(', ')}`
  return plusAndMinus(gained, lost)
}

function plusAndMinus(gained: readonly string[], lost: readonly string[]): string {
  return [...gained.map((one) => `+ ${one}`), ...lost.map((one) => `- ${one}`)].join(', ')
}

function moment(run: string): string {
  return run === 'never' ? run : toMinute(run)
}

function words(what: string): string {
  return what.replaceAll('-', ' ').replace(/^sql\b/, 'SQL')
}
