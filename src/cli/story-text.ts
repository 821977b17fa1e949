import { compareText } from '../base/text.ts'
import { formatSize, lasting } from '../base/units.ts'
import type { StoryLoss, StoryView } from '../views/story/shape.ts'
import { escapeMarkdown, markdownTable } from './markdown.ts'
import { absoluteTime, counted, section } from './render.ts'

/** For the incident ticket. Whatever it says, a ticket shows it as text. */
export function storyInMarkdown({ recovery, at, losses }: StoryView): string {
  const several =
    losses.length > 1 ? `It was declared for ${counted(losses.length, 'loss')}, one after the other.\n\n` : ''
  return `# Recovery ${safe(recovery)}\n\nAs of ${absoluteTime(at)}.\n\n${several}${losses.map(lossText).join('')}`
}

const notRecorded = 'not recorded'

function safe(text: string | null): string {
  return text === null ? notRecorded : escapeMarkdown(text)
}

function when(time: string | null): string {
  return time === null ? notRecorded : absoluteTime(time)
}

function lossText(loss: StoryLoss): string {
  const { server, journal } = loss
  return [
    section(`## ${safe(server)}\n`, summary(loss)),
    section('### Who asked for it\n', merges(loss)),
    section('### What was accepted\n', accepted(loss)),
    section('### What Holdfast ran, and what came back\n', runs(loss)),
    section('### What was done\n', changes(loss)),
    section('### What the gate refused\n', refused(loss)),
    section('### Never seen done\n', left(loss)),
    `Entries ${journal.first} to ${journal.last} of the journal; \`holdfast audit verify\` proves that none was changed.\n\n`,
  ].join('')
}

function summary({ scenario, lostSince, flag, flagClosed, ended, merged, seconds, runs, accepted }: StoryLoss): string {
  const failed = runs.filter(({ outcome }) => outcome !== 'done').length
  return [
    ['Scenario', safe(scenario)],
    ['Lost since', when(lostSince)],
    ['Flagged', flag === null ? notRecorded : `${when(flag.at)}: ${safe(flag.message)}`],
    ['Declared', `${when(merged[0]?.at ?? null)} by ${safe(merged[0]?.author ?? null)}`],
    ['Ended', endText(ended)],
    ['Flag closed', flagClosed === null ? 'it is still open' : `${when(flagClosed.at)}: ${safe(flagClosed.message)}`],
    ['From the loss until the flag closed', seconds === null ? '-' : lasting(seconds)],
    ['Steps run by Holdfast', `${runs.length}${failed === 0 ? '' : `, ${failed} of them in vain`}`],
    ['Accepted', accepted.length === 0 ? 'nothing' : counted(accepted.length, 'exception')],
  ]
    .map(([name, text]) => `- ${name ?? ''}: ${text ?? ''}\n`)
    .join('')
}

function endText(ended: StoryLoss['ended']): string {
  if (ended === null) return 'it is open'
  if (ended.how === 'closed') return `${when(ended.at)}, with its flag`
  if (ended.how === 'withdrawn') return `${when(ended.at)}: no file in Git names it for this loss any more`
  const note = ended.note === null ? '' : `: ${safe(ended.note)}`
  return `${when(ended.at)}, finished by ${safe(ended.by)} as of ${when(ended.asOf)}${note}`
}

/** Anybody may write any name: who committed it is told where that is another. */
function whoSays(by: string | null, author: string | null): string {
  const isOther = author !== null && by !== null && author.toLowerCase() !== by.toLowerCase()
  return `${by ?? notRecorded}${isOther ? ` (the file was last changed by ${author})` : ''}`
}

function merges({ merged }: StoryLoss): string {
  return draw(
    ['Applied', 'Revision', 'Author', 'Commit', 'Run', 'From'],
    merged.map(({ at, revision, author, message, run, from }) => [
      ...[absoluteTime(at), revision.slice(0, 12), author, message, run, from],
    ]),
  )
}

function accepted(loss: StoryLoss): string {
  return draw(
    ['Applied', 'What', 'Of', 'Who', 'As of', 'Note'],
    loss.accepted.map(({ at, what, of, fact, by, author, asOf, note }) => [
      ...[absoluteTime(at), what, `${of ?? 'everything'}${fact === null ? '' : `, ${fact}`}`],
      ...[whoSays(by, author), when(asOf), note ?? '-'],
    ]),
  )
}

function runs(loss: StoryLoss): string {
  return draw(
    ['Ended', 'Step', 'Subject', 'Outcome', 'Took', 'Set', 'Counted', 'Result'],
    loss.runs.map(({ at, step, subject, outcome, askedBy, seconds, set, bytes, counts, message }) => [
      ...[absoluteTime(at), step, subject, askedBy === 'holdfast' ? outcome : `${outcome}, asked for by ${askedBy}`],
      seconds === null ? null : lasting(seconds),
      `${set ?? '-'}${bytes === null ? '' : `, ${formatSize(bytes)}`}`,
      Object.entries(counts)
        .map(([what, count]) => `${what}: ${count}`)
        .join(', ') || '-',
      message,
    ]),
  )
}

type Change = StoryLoss['steps'][number]['changes'][number]

/** All of them in the order in which they happened. */
function changes({ steps }: StoryLoss): string {
  const rows = steps
    .flatMap(({ step, subject, title, changes }) => changes.map((change) => ({ step, subject, title, change })))
    .sort((a, b) => compareText(timeOf(a.change), timeOf(b.change)))
  return draw(
    ['When', 'Step', 'Subject', 'State', 'How', 'Evidence'],
    rows.map(({ step, subject, title, change }) => [
      ...[absoluteTime(timeOf(change)), `${step ?? notRecorded}${title === null ? '' : `: ${title}`}`, subject],
      ...[change.state, howText(change), change.evidence ?? '-'],
    ]),
  )
}

/** What was so before the Recovery was declared is dated from then on. */
function timeOf({ at, since }: Change): string {
  return since ?? at
}

function howText({ state, how, by, asOf, author, way, endedBy }: Change): string {
  const taken = way === null ? '' : `, way ${way}`
  if (state === 'ended') return `by ${endedBy ?? notRecorded}`
  if (state !== 'done') return '-'
  if (how === 'said') return `said by ${whoSays(by, author)} as of ${when(asOf)}${taken}`
  return how === null ? notRecorded : `${how === 'ran' ? 'run by Holdfast' : 'seen'}${taken}`
}

function refused(loss: StoryLoss): string {
  return draw(
    ['When', 'Step', 'Subject', 'Gate', 'Why'],
    loss.refused.map(({ at, step, subject, gates, message }) => [
      ...[absoluteTime(at), step, subject, gates.join(', '), message],
    ]),
  )
}

function left({ steps }: StoryLoss): string {
  return steps
    .filter(({ state }) => state === 'left' || state === 'undone' || state === 'blocked')
    .map(
      ({ step, subject, title }) => `- ${safe(step)} of ${safe(subject)}${title === null ? '' : `: ${safe(title)}`}\n`,
    )
    .join('')
}

function draw(header: readonly string[], rows: readonly (readonly (string | null)[])[]): string {
  return markdownTable(
    header,
    rows.map((row) => row.map((cell) => cell ?? notRecorded)),
  )
}
