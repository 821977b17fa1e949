import { causesOf, type Cause } from '../doctor/causes.ts'
import type { CheckResult } from '../doctor/check.ts'
import type { Context } from './command.ts'
import { markdownTable } from './markdown.ts'
import { painter, section } from './render.ts'
import { table } from './table.ts'

/** So many names help to see what they have in common; more only hide the next cause. */
const mostSubjects = 40

/** What was tried, how it went, and for each cause of failures what, why, what to do, and what it kept from being tried. */
export function doctorInWords(results: readonly CheckResult[], all: boolean, { output, terminal }: Context): string {
  const show: typeof markdownTable =
    output === 'markdown' ? markdownTable : (header, rows) => table(header, rows, terminal.columns)
  const paint = output === 'markdown' ? (_style: string, text: string): string => text : painter(terminal)
  const overview = all
    ? show(
        ['CHECK', 'SUBJECT', '', 'SEEN'],
        results.map(({ name, subject, outcome, message }) => [name, subject, outcome, message]),
      )
    : show(
        ['CHECK', 'TRIED', 'OK', 'FAILED', 'SKIPPED'],
        namesOf(results).map((name) => [name, ...counts(name, results)]),
      )
  const causes = causesOf(results).map((cause) =>
    section(paint('red', `FAILED  ${cause.name}  ${about(cause)}`), details(rowsOf(cause, all), output)),
  )
  const left = leftOut(results).map(({ name, message }) =>
    section(`LEFT OUT  ${name}`, details([['why', message]], output)),
  )
  return [overview, ...causes, ...left, verdict(results, causes.length)]
    .map((part) => part.trimEnd())
    .join('\n\n')
    .concat('\n')
}

function about({ subjects }: Cause): string {
  return subjects.length === 1 ? (subjects[0] ?? '') : `${subjects.length} subjects`
}

function rowsOf({ subjects, message, remedies, skipped }: Cause, all: boolean): [string, string][] {
  const shown = all ? subjects : subjects.slice(0, mostSubjects)
  const more = subjects.length > shown.length ? ` and ${subjects.length - shown.length} more (--all)` : ''
  const left = namesOf(skipped).map((name) => `${skipped.filter((one) => one.name === name).length} ${name}`)
  return [
    ...(subjects.length > 1 ? [['at', `${shown.join(', ')}${more}`] as [string, string]] : []),
    ['why', message],
    ...remedies.map((remedy): [string, string] => ['do', remedy]),
    ...(left.length > 0
      ? [['skipped', `${left.join(', ')}${all ? '' : ' (--all lists them)'}`] as [string, string]]
      : []),
  ]
}

function namesOf(results: readonly CheckResult[]): string[] {
  return [...new Set(results.map(({ name }) => name))]
}

function counts(name: string, results: readonly CheckResult[]): string[] {
  const of = (outcome: CheckResult['outcome']): number =>
    results.filter((one) => one.name === name && one.outcome === outcome).length
  const [ok, failed, skipped] = [of('ok'), of('failed'), of('skipped')]
  return [String(ok + failed), String(ok), String(failed), String(skipped)]
}

/** Two columns under no heading. */
function details(rows: readonly (readonly [string, string])[], output: Context['output']): string {
  if (output === 'markdown') return rows.map(([title, text]) => `- ${title}: ${text}\n`).join('')
  return table(['', ''], rows).replace(/^\n/, '')
}

/** On purpose, with no failure behind it. */
function leftOut(results: readonly CheckResult[]): CheckResult[] {
  return results.filter(({ outcome, because }) => outcome === 'skipped' && because === undefined)
}

function verdict(results: readonly CheckResult[], causes: number): string {
  const count = (outcome: CheckResult['outcome']): number => results.filter((one) => one.outcome === outcome).length
  const tried = results.length - leftOut(results).length
  const skipped = count('skipped') - leftOut(results).length
  if (count('failed') + skipped === 0) return `All ${tried} checks are ok.`
  const blocks = causes === 1 ? '1 cause' : `${causes} causes`
  return `${count('failed')} of ${tried} checks failed (${blocks}), ${skipped} could not be tried.`
}
