import { problemCodes, type ProblemCode } from '../base/problem-codes.ts'
import { explainView, type ExplainView } from '../views/explain/explain.ts'
import type { AddCommand, Context } from './command.ts'
import { codeNamed, errorPageInWords, readErrorPage } from './error-page.ts'
import { exitCode } from './exit-codes.ts'
import { markdownTable } from './markdown.ts'
import { expectSnapshot } from '../reconcile/reading.ts'
import { unknownSubject } from './named.ts'
import { openForReading } from './open.ts'
import { painter, relativeTime } from './render.ts'
import { paragraph } from './table.ts'

export const addExplain: AddCommand = (program, run) => {
  program
    .command('explain')
    .argument(
      '<subject>',
      'host, pool, instance, database, file store, location, policy, deployment or set; or a code, such as item-failed',
    )
    .description('why: the facts behind each verdict, with source and age; or what a code means and what to do')
    .action((typed: string) =>
      run((context) => {
        const code = codeNamed(typed)
        return code === null ? print(typed, context) : printPage(code, context)
      }),
    )
}

async function printPage(code: ProblemCode, context: Context): Promise<number> {
  const page = await readErrorPage(code)
  const { output, terminal } = context
  terminal.out(output === 'json' ? `${JSON.stringify(page)}\n` : errorPageInWords(page, context))
  return exitCode.done
}

async function print(subject: string, context: Context): Promise<number> {
  await using reading = await openForReading(context)
  const parts = expectSnapshot(reading)
  const view = explainView(parts, subject)
  if ('candidates' in view) throw unknownSubject(subject, [...view.candidates, ...Object.keys(problemCodes)])
  const { output, terminal } = context
  terminal.out(output === 'json' ? `${JSON.stringify(view)}\n` : inWords(view, parts.now, context))
  return exitCode.done
}

function inWords({ subject, verdicts }: ExplainView, now: string, context: Context): string {
  const { output, terminal } = context
  const paint = painter(terminal)
  if (output === 'markdown') {
    const parts = verdicts.map(({ verdict, because }) => {
      const rows = because.map(({ fact, value, source, observedAt }) => [fact, value, source, observedAt])
      return `### ${verdict}\n\n${markdownTable(['FACT', 'VALUE', 'SOURCE', 'SEEN'], rows)}`
    })
    return `## ${subject}\n\n${parts.join('\n')}\n`
  }
  const parts = verdicts.map(({ verdict, because }) =>
    [
      ...paragraph(verdict, 80),
      ...because.flatMap(({ fact, value, source, observedAt }) => [
        ...paragraph(`${fact} (${source}, ${relativeTime(observedAt, now)})`, 74).map((line) => `    ${line}`),
        ...paragraph(value, 72).map((line) => `        ${line}`),
      ]),
      '',
    ].join('\n'),
  )
  if (parts.length === 0) return `Nothing is said of ${subject}, and nothing was seen of it.\n`
  return `${paint('bold', subject)}\n\n${parts.join('\n')}`
}
