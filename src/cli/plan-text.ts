import { scrub } from '../base/log.ts'
import type { Problem } from '../base/problem.ts'
import type { PlanView } from '../views/plan.ts'
import type { Context } from './command.ts'
import { differenceInWords } from './difference-text.ts'
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
  const unseen = new Set(view.base?.notSeen)
  const head = `Holdfast plan for ${view.revision.slice(0, 12)}`
  return [
    isMarkdown ? `## ${head}\n\n` : `${paint('bold', head)}\n\n`,
    view.base ? differenceInWords(view.base, { output, terminal }) : '',
    section(title('Would be done now'), draw(['ACTION', 'SUBJECT', 'CAUSE', 'ITEMS', 'WHY'], actionRows(view))),
    view.actions.length === 0 && unseen.size === 0 ? `${plain('Nothing is due now.')}\n\n` : '',
    section(title('To be rebuilt'), draw(['SUBJECT', 'SCENARIO', 'WHY'], flagRows(view))),
    section(title('Refused'), draw(['GUARD', 'WHY', 'WHAT TO DO'], refusedRows(view, unseen))),
    section(title('Findings'), draw(['SEVERITY', 'CODE', 'SUBJECT', 'MESSAGE'], findingRows(view))),
    section(title('Not as promised'), draw(['SUBJECT', 'CONDITION', 'STATUS', 'MESSAGE'], conditionRows(view, unseen))),
  ].join('')
}

/** Why there is no plan, for the same conversation: every fault on a line of its own. */
export function noPlanInMarkdown({ message, hint }: Problem): string {
  const [first = '', ...faults] = scrub(message).split('\n').map(escapeMarkdown)
  const list = faults.map((fault) => `- ${fault.trim()}\n`).join('')
  const parts = ['## Holdfast has no plan', first, list.trimEnd(), hint === null ? '' : escapeMarkdown(scrub(hint))]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
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

/** A reviewer whose machine does not reach the shares was told so, in one line; nobody there can bring them back. */
function refusedRows({ refused }: PlanView, unseen: ReadonlySet<string>): string[][] {
  const isTold = (guard: string): boolean => unseen.size > 0 && guardsOfReach.has(guard)
  return refused.filter(({ guard }) => !isTold(guard)).map(({ guard, message, override }) => [guard, message, override])
}

const guardsOfReach: ReadonlySet<string> = new Set(['location-not-seen', 'location-unreachable'])

function flagRows({ flags }: PlanView): string[][] {
  return flags.map(({ subject, scenario, reason }) => [subject, scenario, reason])
}

function findingRows({ findings }: PlanView): string[][] {
  return findings.map(({ severity, code, subject, message }) => [severity, code, subject, message])
}

/** What is promised and kept needs no line in a plan; what is not known is no fault either. */
function conditionRows({ conditions }: PlanView, unseen: ReadonlySet<string>): string[][] {
  return conditions
    .filter(({ status }) => status === 'false')
    .filter(({ type, subject }) => !(type === 'LocationReady' && unseen.has(subject)))
    .map(({ subject, type, reason, message }) => [subject, type, reason, message])
}
