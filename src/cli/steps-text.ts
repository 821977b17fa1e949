import type { RecoverabilityView } from '../views/recoverability.ts'
import { escapeMarkdown } from './markdown.ts'
import { paragraph } from './table.ts'

type Step = RecoverabilityView['subjects'][number]['steps'][number]

/** The steps of one procedure, numbered; of a fork, what each way ends. */
export function stepsInWords(steps: readonly Step[], isMarkdown: boolean): string {
  return together(steps)
    .map((told) => stepText(told, steps, isMarkdown))
    .join('')
}

/** Steps that stand beside each other and do the same to several things, told as one. */
interface Told {
  first: number
  steps: Step[]
}

function together(steps: readonly Step[]): Told[] {
  const found: Told[] = []
  for (const [index, step] of steps.entries()) {
    const last = found.at(-1)
    if (last?.steps[0]?.id === step.id && sayTheSame(last.steps[0], step)) last.steps.push(step)
    else found.push({ first: index + 1, steps: [step] })
  }
  return found
}

function sayTheSame(a: Step, b: Step): boolean {
  const unnamed = ({ title, subject }: Step): string => title.replaceAll(subject, '')
  return a.branches === undefined && unnamed(a) === unnamed(b) && a.title.includes(a.subject)
}

function stepText({ first, steps }: Told, all: readonly Step[], isMarkdown: boolean): string {
  const [step, ...others] = steps
  if (!step) return ''
  const { title, risks } = step
  const command = steps.flatMap((one) => one.command ?? []).join('\n')
  const likewise =
    others.length === 0
      ? []
      : [`Likewise, ${numbers(first + 1, others.length)}: ${others.map(({ subject }) => subject).join(', ')}`]
  const notes = [...likewise, ...onlyIf(step, all), ...forkText(step, all)]
  if (isMarkdown) {
    const code = command === '' ? '' : `\n   \`\`\`powershell\n${indented(command, 3)}   \`\`\`\n`
    const told = notes.map((note) => `   - ${escapeMarkdown(note)}\n`).join('')
    const careful = risks === undefined ? '' : ` **${escapeMarkdown(risks)}**`
    return `${first}. ${escapeMarkdown(title)}${careful}\n${told}${code}`
  }
  const lines = paragraph(title, 75).map((line, index) => (index === 0 ? line : `    ${line}`))
  const told = [...notes, ...(risks === undefined ? [] : [`Careful: ${risks}`])]
    .flatMap((text) => paragraph(text, 75))
    .map((line) => `    ${line}\n`)
  return `${String(first).padStart(2)}. ${lines.join('\n')}\n${told.join('')}${command === '' ? '' : indented(command, 8)}`
}

function numbers(from: number, count: number): string {
  return count === 1 ? `step ${from}` : `steps ${from} to ${from + count - 1}`
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
    const [only, ...more] = ended
    if (only === undefined) return `FORK If ${when}: nothing ends.`
    if (more.length === 0) return `FORK If ${when}: step ${only} ends, and must not be done.`
    return `FORK If ${when}: steps ${ended.join(', ')} end, and must not be done.`
  })
}

function indented(text: string, by: number): string {
  return text
    .split('\n')
    .map((line) => `${' '.repeat(by)}${line}\n`)
    .join('')
}
