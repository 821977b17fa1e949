import type { RestoreView } from '../views/restore.ts'
import type { Context } from './command.ts'
import { toolsFor } from './recoverability-text.ts'
import { acceptancesToCommit } from './recovery-yaml.ts'
import { section } from './render.ts'
import { stepsInWords } from './steps-text.ts'

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
  return [
    section(title(head), rows.length === 0 ? '' : draw(['GATE', 'WHY', 'A RECOVERY MAY ACCEPT'], rows)),
    toAccept(view, context),
    section(title('Steps that Holdfast runs'), stepsInWords(view.steps, isMarkdown, true)),
  ].join('')
}

/** A person looks first: what is accepted is no longer against it. */
function toAccept(view: RestoreView, context: Context): string {
  const found = acceptancesToCommit(view)
  if (found === null) return ''
  const { isMarkdown, title } = toolsFor(context)
  const what = found.isWhole ? 'commit this' : `add this to Recovery ${view.recovery ?? ''}`
  const head = `To go on all the same, ${what}; accept only what you looked at`
  const yaml = isMarkdown ? `\n\`\`\`yaml\n${found.text}\`\`\`\n` : found.text
  const stays =
    found.stays.length === 0 ? '' : `What else is against it cannot be accepted: ${found.stays.join(', ')}.\n`
  return section(title(head), `${yaml}${stays}`)
}
