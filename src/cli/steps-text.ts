import { toldRows, type Tellable, type ToldRow } from '../domain/procedures/telling.ts'
import { languageOf } from '../domain/restore-commands.ts'
import { escapeMarkdown } from './markdown.ts'
import { paragraph } from './table.ts'

/** The steps of one procedure, numbered. `isFull`: also why, after which steps, what shows that it is done, and who says so. */
export function stepsInWords(steps: readonly Tellable[], isMarkdown: boolean, isFull = false): string {
  return toldRows(steps)
    .map((step) => (isMarkdown ? asMarkdown(step, isFull) : asText(step, isFull)))
    .join('')
}

function notesOf(
  { evidence, runs, likewise, onlyIf, forks, why, after, proves, source }: ToldRow,
  isFull: boolean,
): string[] {
  const seen = evidence === null ? [] : [`Seen: ${evidence}`]
  const notes = [...seen, ...runs, ...(likewise === null ? [] : [likewise]), ...onlyIf, ...forks]
  if (!isFull) return notes
  const said = source === 'derived' ? 'derived; no document says it in so many words' : source
  return [...notes, ...(after === null ? [] : [after]), `Why: ${why}`, `Done when: ${proves}`, `Source: ${said}`]
}

function withState({ state, title }: ToldRow): string {
  return state === null ? title : `[${state}] ${title}`
}

function asMarkdown(step: ToldRow, isFull: boolean): string {
  const { number, risks, command } = step
  const title = withState(step)
  const code = command === '' ? '' : `\n   \`\`\`${languageOf(command)}\n${indented(command, 3)}   \`\`\`\n`
  const told = notesOf(step, isFull).map((note) => `   - ${escapeMarkdown(note)}\n`)
  const careful = risks === null ? '' : ` **${escapeMarkdown(risks)}**`
  return `${number}. ${escapeMarkdown(title)}${careful}\n${told.join('')}${code}`
}

function asText(step: ToldRow, isFull: boolean): string {
  const { number, risks, command } = step
  const lines = paragraph(withState(step), 75).map((line, index) => (index === 0 ? line : `    ${line}`))
  const told = [...notesOf(step, isFull), ...(risks === null ? [] : [`Careful: ${risks}`])]
    .flatMap((text) => paragraph(text, 75))
    .map((line) => `    ${line}\n`)
  return `${String(number).padStart(2)}. ${lines.join('\n')}\n${told.join('')}${command === '' ? '' : indented(command, 8)}`
}

function indented(text: string, by: number): string {
  return text
    .split('\n')
    .map((line) => `${' '.repeat(by)}${line}\n`)
    .join('')
}
