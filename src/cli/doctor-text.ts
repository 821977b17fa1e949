import type { CheckResult } from '../doctor/check.ts'
import type { Context } from './command.ts'
import { markdownTable } from './markdown.ts'
import { painter, section } from './render.ts'
import { table } from './table.ts'

/** What was tried, how it went, and for each failure what, why and what to do. */
export function doctorInWords(results: readonly CheckResult[], all: boolean, { output, terminal }: Context): string {
  const show: typeof markdownTable =
    output === 'markdown' ? markdownTable : (header, rows) => table(header, rows, terminal.columns)
  const paint = output === 'markdown' ? (_style: string, text: string): string => text : painter(terminal)
  const failed = results.filter(({ outcome }) => outcome === 'failed')
  const skipped = results.filter(({ outcome }) => outcome === 'skipped')
  const overview = all
    ? show(
        ['CHECK', 'SUBJECT', '', 'SEEN'],
        results.map(({ name, subject, outcome, message }) => [name, subject, outcome, message]),
      )
    : show(
        ['CHECK', 'TRIED', 'OK', 'FAILED', 'SKIPPED'],
        namesOf(results).map((name) => counts(name, results)),
      )
  const failures = failed.map(({ name, subject, message, remedy }) =>
    section(
      paint('red', `FAILED  ${name}  ${subject}`),
      details(
        [
          ['why', message],
          ['do', remedy ?? ''],
        ],
        output,
      ),
    ),
  )
  const untried = show(
    ['SKIPPED', 'SUBJECT', ''],
    skipped.map(({ name, subject, message }) => [name, subject, message]),
  )
  return [overview, ...failures, untried, verdict(results.length, failed.length, skipped.length)]
    .map((part) => part.trimEnd())
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n')
}

function namesOf(results: readonly CheckResult[]): string[] {
  return [...new Set(results.map(({ name }) => name))]
}

function counts(name: string, results: readonly CheckResult[]): string[] {
  const of = (outcome: CheckResult['outcome']): number =>
    results.filter((one) => one.name === name && one.outcome === outcome).length
  const [ok, failed, skipped] = [of('ok'), of('failed'), of('skipped')]
  return [name, String(ok + failed), String(ok), String(failed), String(skipped)]
}

/** Two columns under no heading. */
function details(rows: readonly (readonly [string, string])[], output: Context['output']): string {
  if (output === 'markdown') return rows.map(([title, text]) => `- ${title}: ${text}\n`).join('')
  return table(['', ''], rows).replace(/^\n/, '')
}

function verdict(tried: number, failed: number, skipped: number): string {
  if (failed + skipped === 0) return `All ${tried} checks are ok.`
  return `${failed} of ${tried} checks failed, ${skipped} could not be tried.`
}
