import type { RunbookView } from '../views/runbook.ts'
import { acceptanceInWords } from './acceptance-text.ts'
import type { Context } from './command.ts'
import { escapeMarkdown } from './markdown.ts'
import { heading, toolsFor, whatComesBack } from './recoverability-text.ts'
import { counted, section } from './render.ts'
import { recoveryToCommit } from './recovery-yaml.ts'
import { stepsInWords } from './steps-text.ts'
import { paragraph } from './table.ts'
import { withoutGit } from './without-git.ts'

/**
 * The whole procedure for what is lost, each step with why, what shows that it is done, and who says so. Of what is flagged
 * also how it stands: first what is next, and what to commit.
 */
export function runbookInWords(view: RunbookView, context: Context): string {
  const { isMarkdown, title, draw } = toolsFor(context)
  const said = `${whoRuns(view)} The names are those of revision ${view.revision.slice(0, 12)}, the files ${view.from === 'latest' ? 'the newest usable copies' : `those of ${view.from}`}.`
  return [
    heading(`Runbook of ${[view.server, ...(view.also ?? [])].join(', ')}`, view, context),
    isMarkdown ? `${escapeMarkdown(said)}\n\n` : `${paragraph(said, 80).join('\n')}\n\n`,
    section(title(progressOf(view)), draw(['STEP', 'ID', 'SUBJECT', 'WHO', 'SEEN'], nextRows(view))),
    toCommit(view, context),
    toAccept(view, context),
    ...whatComesBack(view, title, draw),
    section(title('Steps'), stepsInWords(view.steps, isMarkdown, true)),
  ].join('')
}

function whoRuns(view: RunbookView): string {
  if (isOver(view))
    return `It is flagged no more, and Holdfast runs nothing of it. What is left is for people: say in Recovery ${view.recovery ?? ''} what was done, or that it is finished.`
  const own = view.steps.flatMap(({ run }) => run ?? [])
  if (view.gitUnread !== undefined) return `${withoutGit(view.gitUnread)} A person can do every step.`
  if (isAsked(view)) return 'Holdfast runs its own steps when their gates are open; a person does the others.'
  const hint = own.length > 0 ? ' With run: holdfast in the Recovery, Holdfast runs its own.' : ''
  return `A person does every step; Holdfast runs none.${hint}`
}

/** It was lost and is back, and its `Recovery` is not finished. */
function isOver({ flag, recovery }: RunbookView): boolean {
  return flag === null && recovery !== null
}

/** Only of what is lost something can be run, and only what a Recovery asks for. */
function isAsked({ steps }: RunbookView): boolean {
  return steps.some(({ run }) => run && (run.done || !run.refused.some(({ gate }) => withoutAsking.has(gate))))
}

/** Of what Holdfast is asked to run. */
function toAccept(view: RunbookView, context: Context): string {
  const refused = view.steps.flatMap(({ run }) => run?.refused ?? [])
  return isAsked(view) && !isOver(view) && view.also === undefined
    ? acceptanceInWords({ ...view, refused }, context)
    : ''
}

const withoutAsking: ReadonlySet<string> = new Set(['not-declared', 'only-guided'])

function progressOf({ steps }: RunbookView): string {
  const count = (state: string): number => steps.filter((step) => step.state === state).length
  const ended = count('ended')
  const all = counted(steps.length - ended, 'step')
  return `${count('done')} of ${all} done${ended === 0 ? '' : `, ${ended} ended by a fork`}. Next`
}

function nextRows({ steps }: RunbookView): string[][] {
  return steps.flatMap((step, index) => {
    const { id, subject, actor, state } = step
    return state === 'ready' || state === 'blocked' ? [[`${index + 1}`, id, subject, actor, seenOf(step)]] : []
  })
}

function seenOf({ state, evidence = '-', run }: RunbookView['steps'][number]): string {
  if (run?.running === true) {
    const doing = run.reading ? 'READING' : 'RUNNING'
    return run.percent === undefined ? doing : `${doing}: ${run.percent} %`
  }
  return `${state === 'blocked' ? 'BLOCKED: ' : ''}${evidence}`
}

function toCommit(view: RunbookView, context: Context): string {
  const found = (view.flag === null && !isOver(view)) || (view.also ?? []).length > 0 ? null : recoveryToCommit(view)
  if (found === null) return ''
  const { isMarkdown, title } = toolsFor(context)
  const head = found.isWhole
    ? 'To declare the recovery, commit this; name only what was done'
    : `To say what was done, add this to Recovery ${view.recovery ?? ''}; name only what was done`
  return section(title(head), isMarkdown ? `\n\`\`\`yaml\n${found.text}\`\`\`\n` : found.text)
}
