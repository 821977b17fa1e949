import { driftView, type DriftView } from '../views/drift.ts'
import type { AddCommand, Context } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { openForReading } from './open.ts'
import { absoluteTime, painter, relativeTime, section } from './render.ts'
import { known, tableFor } from './status.ts'
import { paragraph } from './table.ts'

export const addDrift: AddCommand = (program, run) => {
  program
    .command('drift')
    .option('--detailed-exit-code', 'exit code 5 when there are findings')
    .description('what is not as Git and the newest sets say')
    .action(({ detailedExitCode = false }: { detailedExitCode?: boolean }) =>
      run((context) => print(detailedExitCode, context)),
    )
}

async function print(detailed: boolean, context: Context): Promise<number> {
  await using reading = await openForReading(context)
  const parts = known(reading)
  const view = driftView(parts)
  const { output, terminal } = context
  terminal.out(output === 'json' ? `${JSON.stringify(view)}\n` : inWords(view, parts.now, context))
  return detailed && view.findings.length > 0 ? exitCode.changesPresent : exitCode.done
}

function inWords({ findings, coverage, ignored }: DriftView, now: string, context: Context): string {
  const { output, terminal } = context
  const paint = painter(terminal)
  const title = (text: string): string => (output === 'markdown' ? `## ${text}\n` : paint('bold', text))
  const draw = tableFor(context)
  const rows = findings.map(({ severity, code, subject, since, desired, observed, message }) => [
    ...[severity, code, subject, relativeTime(since, now), desired, observed, message],
  ])
  const left = ignored.map(({ code, subject, until, reason }) => [code, subject, absoluteTime(until), reason])
  const share =
    coverage === null
      ? 'The published topology is not known, so nobody can tell what else exists.\n'
      : `Backed up by a policy: ${coverage.protected} of ${coverage.existing} pools, databases and file stores that are published.\n`
  return [
    findings.length === 0 ? 'No finding is open.\n\n' : '',
    section(
      title('Findings'),
      output === 'markdown'
        ? draw(['SEVERITY', 'CODE', 'SUBJECT', 'SINCE', 'DESIRED', 'OBSERVED', 'MESSAGE'], rows)
        : findings.map((finding) => findingText(finding, now)).join('\n'),
    ),
    section(title('Ignored on purpose'), draw(['CODE', 'SUBJECT', 'UNTIL', 'REASON'], left)),
    share,
  ].join('')
}

/** A paragraph each: in a table long messages are hard to read. */
function findingText(finding: DriftView['findings'][number], now: string): string {
  const { severity, code, subject, since, desired, observed, message } = finding
  const lines = [
    ...paragraph(message, 76),
    ...paragraph(`desired: ${desired}`, 76),
    ...paragraph(`observed: ${observed}`, 76),
  ]
  return `${severity}: ${subject} [${code}], ${relativeTime(since, now)}\n${lines.map((line) => `    ${line}\n`).join('')}`
}
