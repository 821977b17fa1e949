import { Command, CommanderError } from 'commander'
import manifest from '../../package.json' with { type: 'json' }
import { resolve } from 'node:path'
import { scrub } from '../base/log.ts'
import { Problem, thrownLater } from '../base/problem.ts'
import { meaningOf } from '../base/problem-codes.ts'
import { addAudit } from './audit.ts'
import { addBackup } from './backup.ts'
import type { AddCommand, Context, Output, Terminal } from './command.ts'
import { addDoctor } from './doctor.ts'
import { addDrill } from './drill.ts'
import { addDrift } from './drift.ts'
import { endAtLast } from './end-at-last.ts'
import { exitCode } from './exit-codes.ts'
import { addExplain } from './explain.ts'
import { addExport } from './export.ts'
import { addImport } from './import.ts'
import { addLab } from './lab.ts'
import { addValidate } from './validate.ts'
import { addPlan } from './plan.ts'
import { problemOf } from './problem-of.ts'
import { addRecoverability } from './recoverability.ts'
import { addRun } from './run.ts'
import { addRestore } from './restore.ts'
import { addRunbook } from './runbook.ts'
import { addSets } from './sets.ts'
import { addStatus } from './status.ts'
import { listenForStop } from './stop-requests.ts'
import { addTakeOver } from './take-over.ts'
import { addVerify } from './verify.ts'

/** One file per command; the order is that of the help. */
const commands: AddCommand[] = [
  addValidate,
  addRun,
  addPlan,
  addStatus,
  addSets,
  addDrift,
  addExplain,
  addRecoverability,
  addRunbook,
  addDrill,
  addRestore,
  addBackup,
  addVerify,
  addImport,
  addDoctor,
  addAudit,
  addTakeOver,
  addExport,
  addLab,
]

const exitCodes = { invalid: exitCode.invalidInput, refused: exitCode.refused } as const

/** Runs one command line and returns its exit code. Never throws. */
export async function main(argv: readonly string[], terminal: Terminal): Promise<number> {
  let code: number = exitCode.done
  let refusal = ''
  const program = new Command('holdfast')
    .description('Backup and restoration of Lync Server and Skype for Business Server, from Git')
    .version(
      `holdfast ${manifest.version}, Node.js ${process.versions.node}`,
      '--version',
      'the version, and that of Node.js',
    )
    .option('-c, --config <file>', 'the configuration of the daemon', 'holdfast.yaml')
    .option('-o, --output <format>', 'text, json or markdown', 'text')
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => (refusal += text) })
    .showHelpAfterError('(holdfast --help shows more)')
  for (const add of commands)
    add(program, async (action) => {
      code = await action(contextOf(program, terminal))
    })
  acceptGlobalOptionsEverywhere(program)
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (thrown) {
    if (thrown instanceof CommanderError)
      return thrown.exitCode === 0 ? exitCode.done : refuseLine(thrown, refusal, argv, terminal)
    if (terminal.signal.aborted) return exitCode.interrupted
    const problem = problemOf(thrown)
    printProblem(problem, outputOf(program), terminal)
    if (outputOf(program) === 'text')
      for (const later of thrownLater(thrown).map(problemOf))
        terminal.err(`holdfast: while it was closed: ${scrub(later.message)} [${later.code}]\n`)
    const { exit } = meaningOf(problem.code)
    return exit ? exitCodes[exit] : exitCode.failed
  }
}

/** `holdfast sets --config F` means the same as `holdfast --config F sets`. */
function acceptGlobalOptionsEverywhere(command: Command): void {
  for (const child of command.commands) {
    for (const option of command.options)
      if (!child.options.some((own) => own.long === option.long)) child.addOption(option)
    acceptGlobalOptionsEverywhere(child)
  }
}

function outputOf(program: Command): Output {
  const text = deepest(program, 'output')
  return text === 'json' || text === 'markdown' ? text : 'text'
}

function contextOf(program: Command, terminal: Terminal): Context {
  const output = deepest(program, 'output')
  if (output !== 'text' && output !== 'json' && output !== 'markdown')
    throw new Problem('usage', { message: `--output ${output} is not a format.`, hint: 'Use text, json or markdown.' })
  return { configFile: resolve(terminal.cwd, deepest(program, 'config')), output, terminal }
}

/** The value of an option wherever on the line it stood; the one nearest to the command wins. */
function deepest(command: Command, option: string): string {
  let value = command.getOptionValue(option) as string
  for (let child = invoked(command); child; child = invoked(child))
    if (child.getOptionValueSource(option) === 'cli') value = child.getOptionValue(option) as string
  return value
}

function invoked(command: Command): Command | undefined {
  return command.commands.find((child) => command.args[0] === child.name())
}

/** A command line that cannot be read: its own output format is not known yet, so it is looked for among the words. */
function refuseLine(error: CommanderError, refusal: string, argv: readonly string[], terminal: Terminal): number {
  const wantsJson = argv.some(
    (word, at) => /^(--output=|-o=?)json$/.test(word) || (/^(--output|-o)$/.test(word) && argv[at + 1] === 'json'),
  )
  const [said = ''] = error.message.replace(/^error: /, '').split('\n')
  const message = error.code === 'commander.help' ? 'A command is needed.' : said
  if (wantsJson) printProblem(new Problem('usage', { message, hint: 'holdfast --help tells more.' }), 'json', terminal)
  else terminal.err(refusal)
  return exitCode.invalidInput
}

function printProblem(problem: Problem, output: Output, terminal: Terminal): void {
  const { code, subject, message, hint } = problem
  const error = {
    code,
    ...(subject === null ? {} : { subject }),
    message: scrub(message),
    ...(hint === null ? {} : { hint: scrub(hint) }),
  }
  if (output === 'json') {
    terminal.err(`${JSON.stringify({ error })}\n`)
    return
  }
  const about = subject === null ? '' : `${subject}: `
  terminal.err(`holdfast: ${about}${error.message} [${code}]\n`)
  if (error.hint !== undefined) terminal.err(`  ${error.hint}\n`)
}

/** The process's own command line, streams and requests to stop. */
export async function runFromProcess(): Promise<void> {
  using stop = listenForStop()
  process.stdout.on('error', ignoreClosedPipe)
  process.stderr.on('error', ignoreClosedPipe)
  const terminal: Terminal = {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    interactive: process.stdout.isTTY,
    columns: columnsOf(process.stdout),
    cwd: process.cwd(),
    env: process.env,
    signal: stop.signal,
  }
  process.exitCode = await main(process.argv.slice(2), terminal)
  endAtLast(terminal)
}

/** Longer lines than 160 columns are hard to follow. */
export function columnsOf({ isTTY, columns }: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>): number {
  return isTTY && columns > 0 ? Math.min(columns, 160) : 80
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}
