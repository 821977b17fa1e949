import type { PlanView } from '../views/plan.ts'
import type { Context } from './command.ts'
import { escapeMarkdown } from './markdown.ts'
import { painter, section, tableFor } from './render.ts'

/** A plan as text for a terminal, or as Markdown for the conversation of a pull request. */
export function planInWords(view: PlanView, context: Context): string {
  const { output, terminal } = context
  const paint = painter(terminal)
  const isMarkdown = output === 'markdown'
  const title = (text: string): string => (isMarkdown ? `### ${text}\n` : paint('bold', text))
  const plain = isMarkdown ? escapeMarkdown : (text: string): string => text
  const draw = tableFor(context)
  const head = `Holdfast plan for ${view.revision.slice(0, 12)}`
  return [
    isMarkdown ? `## ${head}\n\n` : `${paint('bold', head)}\n\n`,
    ...differenceParts(view, title, draw),
    section(title('Would be done now'), draw(['ACTION', 'SUBJECT', 'CAUSE', 'ITEMS', 'WHY'], actionRows(view))),
    view.actions.length === 0 ? `${plain('Nothing is due now.')}\n\n` : '',
    section(title('To be rebuilt'), draw(['SUBJECT', 'SCENARIO', 'WHY'], flagRows(view))),
    section(title('Refused'), draw(['GUARD', 'WHY', 'WHAT TO DO'], refusedRows(view))),
    section(title('Findings'), draw(['SEVERITY', 'CODE', 'SUBJECT', 'MESSAGE'], findingRows(view))),
    section(title('Not as promised'), draw(['SUBJECT', 'CONDITION', 'STATUS', 'MESSAGE'], conditionRows(view))),
  ].join('')
}

type Draw = ReturnType<typeof tableFor>

function differenceParts({ base }: PlanView, title: (text: string) => string, draw: Draw): string[] {
  if (!base) return []
  const header = ['WHAT', 'SUBJECT', 'POLICY', 'DETAIL']
  const parts = [
    section(title('Added'), draw(header, base.added.map(changeRow))),
    section(title('Removed'), draw(header, base.removed.map(changeRow))),
    section(
      title('Changed'),
      draw(
        ['WHAT', 'SUBJECT', 'BEFORE', 'AFTER'],
        base.changed.map(({ what, subject, before = '', after = '' }) => [what, subject, before, after]),
      ),
    ),
  ]
  const isSame = parts.every((part) => part === '')
  return isSame ? [`No change in runs, items and retention against ${base.revision.slice(0, 12)}.\n\n`] : parts
}

function changeRow({
  what,
  subject,
  policy,
  kind,
  before,
  after,
}: NonNullable<PlanView['base']>['added'][number]): string[] {
  return [kind ?? what, subject, policy ?? '', after ?? before ?? '']
}

function actionRows({ actions }: PlanView): string[][] {
  return actions.map(({ kind, subject, cause, items, reason }) => [
    kind,
    subject,
    cause,
    items ? `${items.length}` : '',
    reason,
  ])
}

function refusedRows({ refused }: PlanView): string[][] {
  return refused.map(({ guard, message, override }) => [guard, message, override])
}

function flagRows({ flags }: PlanView): string[][] {
  return flags.map(({ subject, scenario, reason }) => [subject, scenario, reason])
}

function findingRows({ findings }: PlanView): string[][] {
  return findings.map(({ severity, code, subject, message }) => [severity, code, subject, message])
}

/** What is promised and kept needs no line in a plan; what is not known is no fault either. */
function conditionRows({ conditions }: PlanView): string[][] {
  return conditions
    .filter(({ status }) => status === 'false')
    .map(({ subject, type, reason, message }) => [subject, type, reason, message])
}
