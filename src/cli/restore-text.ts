import type { RestoreView } from '../views/restore.ts'
import type { Context } from './command.ts'
import { toolsFor } from './recoverability-text.ts'
import { acceptanceInWords } from './acceptance-text.ts'
import { section } from './render.ts'
import { escapeMarkdown } from './markdown.ts'
import { stepsInWords } from './steps-text.ts'
import { paragraph } from './table.ts'
import { withoutGit } from './without-git.ts'

/** What Holdfast would run, and every reason why it does not. */
export function restoreInWords(view: RestoreView, context: Context): string {
  const { isMarkdown, title, draw } = toolsFor(context)
  const rows = view.refused.map(({ gate, message, accept }) => [
    gate,
    message,
    accept ? [accept.what, accept.subject, accept.fact].filter((part) => part !== undefined).join(' of ') : '-',
  ])
  const done = view.steps.every(({ state }) => state === 'done' || state === 'ended')
  const head = done
    ? `Nothing of ${view.server} is left for Holdfast to run`
    : view.refused.length === 0
      ? `Every gate of ${view.server} is open`
      : `Why not all of ${view.server} is run`
  const said = view.gitUnread === undefined ? null : withoutGit(view.gitUnread)
  const unread = said && `${isMarkdown ? escapeMarkdown(said) : paragraph(said, 80).join('\n')}\n\n`
  return [
    unread ?? '',
    section(title(head), rows.length === 0 ? '' : draw(['GATE', 'WHY', 'A RECOVERY MAY ACCEPT'], rows)),
    acceptanceInWords(view, context),
    section(title('Steps that Holdfast runs'), stepsInWords(view.steps, isMarkdown, true)),
  ].join('')
}
