import { driftView, type DriftView } from '../views/drift.ts'
import type { AddCommand, Context } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { expectSnapshot } from '../reconcile/reading.ts'
import { openForReading } from './open.ts'
import { absoluteTime, painter, relativeTime, section, tableFor } from './render.ts'
import { paragraph } from './table.ts'

export const addDrift: AddCommand = (program, run) => {
  program
    .command('drift')
    .option('--detailed-exit-code', 'exit code 5 when there are findings or flags')
    .description('what is not as Git and the newest sets say')
    .action(({ detailedExitCode = false }: { detailedExitCode?: boolean }) =>
      run((context) => print(detailedExitCode, context)),
    )
}

async function print(detailed: boolean, context: Context): Promise<number> {
  await using reading = await openForReading(context)
  const snapshot = expectSnapshot(reading)
  const view = driftView(snapshot)
  const { output, terminal } = context
  terminal.out(output === 'json' ? `${JSON.stringify(view)}\n` : inWords(view, snapshot.now, context))
  return detailed && view.findings.length + view.flags.length > 0 ? exitCode.changesPresent : exitCode.done
}

function inWords({ findings, flags, coverage, ignored }: DriftView, now: string, context: Context): string {
  const { output, terminal } = context
  const paint = painter(terminal)
  const title = (text: string): string => (output === 'markdown' ? `## ${text}\n` : paint('bold', text))
  const draw = tableFor(context)
  const rows = findings.map(({ severity, code, subject, since, desired, observed, message }) => [
    ...[severity, code, subject, relativeTime(since, now), desired, observed, message],
  ])
  const left = ignored.map(({ code, subject, until, reason }) => [code, subject, absoluteTime(until), reason])
  const lost = flags.map(({ subject, scenario, since, reason }) => [
    subject,
    scenario,
    relativeTime(since, now),
    reason,
  ])
  const share =
    coverage === null
      ? 'The published topology is not known, so nobody can tell what else exists.\n'
      : `Backed up by a policy: ${coverage.protected} of ${coverage.existing} pools, databases and file stores that are published.\n`
  return [
    findings.length + flags.length === 0 ? 'No finding and no flag is open.\n\n' : '',
    section(title('To be rebuilt'), draw(['SUBJECT', 'SCENARIO', 'SINCE', 'WHY'], lost)),
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
  const { severity, code, subject, since, desired, observed, message, remedy } = finding
  const lines = [
    ...paragraph(message, 76),
    ...paragraph(`desired: ${desired}`, 76),
    ...paragraph(`observed: ${observed}`, 76),
    ...(remedy === undefined ? [] : paragraph(`do: ${remedy}`, 76)),
  ]
  return `${severity}: ${subject} [${code}], ${relativeTime(since, now)}\n${lines.map((line) => `    ${line}\n`).join('')}`
}
