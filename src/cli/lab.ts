import type { Command } from 'commander'
import { hash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Problem } from '../base/problem.ts'
import { startInBackground, stopLab } from '../lab/background.ts'
import type { RunningLab } from '../lab/lab.ts'
import { labStatus, type LabStatus } from '../lab/status.ts'
import type { AddCommand, Context } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { runDaemonInTerminal } from './run.ts'
import { paragraph } from './table.ts'

const sample = fileURLToPath(new URL('../../desired-state', import.meta.url))
const launcher = fileURLToPath(new URL('./holdfast.js', import.meta.url))

interface UpOptions {
  from?: string
  detach?: true
}

interface BreakOptions {
  dir: string
  list?: true
}

/** What a person typed. */
interface Asked {
  kind: string | undefined
  subject: string | undefined
  detail?: string | undefined
}

/** Loaded when one of its commands runs: no other command pays for it. */
const loadLab = () => import('../lab/lab.ts')

export const addLab: AddCommand = (program, run) => {
  const group = program.command('lab').description('a simulated deployment, for trying and testing')
  group
    .command('up <directory>')
    .description('start the lab in this folder; make it when the folder is new or empty')
    .option('--from <folder>', 'desired state to build it from (default: the Contoso sample)')
    .option('--detach', 'serve it in the background')
    .action((directory: string, options: UpOptions) => run((context) => up(directory, options, context)))
  group
    .command('down <directory>')
    .description('end the lab of this folder; its files stay')
    .action((directory: string) => run((context) => down(directory, context)))
  group
    .command('run [directory]')
    .description('lab and daemon in one process (default folder: .lab)')
    .option('--from <folder>', 'desired state to build it from (default: the Contoso sample)')
    .action((directory: string | undefined, options: UpOptions) =>
      run((context) => runLab(directory ?? '.lab', options, context)),
    )
  withFolder(group.command('status'))
    .description('where everything of the lab is, and what is broken')
    .action(({ dir }: BreakOptions) => run((context) => status(dir, context)))
  withFolder(group.command('break [kind] [subject] [detail]'))
    .description('let something happen to the deployment')
    .option('--list', 'show every kind with its subjects and details')
    .action(
      (kind: string | undefined, subject: string | undefined, detail: string | undefined, options: BreakOptions) =>
        run((context) =>
          options.list ? list(options.dir, context) : alter('break', options.dir, { kind, subject, detail }, context),
        ),
    )
  withFolder(group.command('content [subject]'))
    .description('what the deployment holds: users, groups, rooms, rows and files, to be compared before and after')
    .action((subject: string | undefined, { dir }: BreakOptions) =>
      run((context) => content(dir, subject ?? null, context)),
    )
  withFolder(group.command('do [act] [subject] [detail]'))
    .description('do what an administrator does with his own hands, in any order')
    .option('--list', 'show every act with its subjects and details')
    .action(
      (kind: string | undefined, subject: string | undefined, detail: string | undefined, options: BreakOptions) =>
        run((context) =>
          options.list ? listActs(options.dir, context) : perform(options.dir, { kind, subject, detail }, context),
        ),
    )
  withFolder(group.command('repair <kind> <subject>'))
    .description('put right what "lab break" did; returns when the subject answers again')
    .action((kind: string, subject: string, { dir }: BreakOptions) =>
      run((context) => alter('repair', dir, { kind, subject }, context)),
    )
}

function withFolder(command: Command): Command {
  return command.option('--dir <folder>', 'the folder of the lab', '.lab')
}

async function up(directory: string, { from, detach }: UpOptions, context: Context): Promise<number> {
  const { cwd, signal } = context.terminal
  const [folder, tree] = [resolve(cwd, directory), resolve(cwd, from ?? sample)]
  if (from !== undefined && existsSync(join(folder, 'lab.json')))
    context.terminal.err('The lab in this folder exists already, so --from is not used.\n')
  if (detach) {
    const options = ['lab', 'up', folder, ...(from === undefined ? [] : ['--from', tree]), '--output', 'json']
    await startInBackground(folder, [process.execPath, launcher, ...options])
    await tell(folder, context)
    return exitCode.done
  }
  const { startLab } = await loadLab()
  await using running = await startLab(folder, tree)
  await tell(folder, context)
  await Promise.race([running.asked, aborted(signal)])
  return exitCode.done
}

async function runLab(directory: string, { from }: UpOptions, context: Context): Promise<number> {
  const { terminal } = context
  const { cwd, signal } = terminal
  const folder = resolve(cwd, directory)
  const { startLab } = await loadLab()
  await using running = await startLab(folder, resolve(cwd, from ?? sample))
  terminal.err(`The lab is in ${folder}. The daemon starts on it.\n\n`)
  const ending = AbortSignal.any([signal, signalOf(running.asked)])
  await runDaemonInTerminal(running.config, { ...context, terminal: { ...terminal, signal: ending } }, (set) =>
    whatNext(running.paths, set),
  )
  terminal.err(`Ended. The files stay in ${folder}; "holdfast lab run" goes on with them.\n`)
  return exitCode.done
}

/** For a newcomer: where the set is, how to check it, how to change what is done. */
function whatNext({ directory, config, clone }: RunningLab['paths'], set: string | null): string {
  const look =
    set === null
      ? ['', 'Nothing is due. The sets:', `  holdfast sets --config ${config}`]
      : [
          '',
          'Check the set as a stranger would, in another terminal:',
          `  cd ${set}`,
          '  sha256sum -c manifest-sha256.txt && sha256sum -c tagmanifest-sha256.txt',
        ]
  return [
    ...look,
    'Change what is done by a commit; the daemon takes it at once:',
    `  cd ${clone}`,
    '  <edit a file in desired-state> && git commit -am "<why>" && git push',
    'Break something:',
    `  holdfast lab break --list --dir ${directory}`,
    'Ctrl+C ends the daemon and the lab.',
  ].join('\n')
}

async function down(directory: string, context: Context): Promise<number> {
  const folder = resolve(context.terminal.cwd, directory)
  const stopped = await stopLab(folder)
  say(
    context,
    { directory: folder, stopped },
    stopped ? 'The lab is down. Its files stay.' : 'The lab was down already.',
  )
  return exitCode.done
}

async function status(directory: string, context: Context): Promise<number> {
  const found = await labStatus(resolve(context.terminal.cwd, directory))
  say(context, found, describe(found))
  return exitCode.done
}

async function list(directory: string, context: Context): Promise<number> {
  const { breaksOf } = await loadLab()
  const breaks = breaksOf(resolve(context.terminal.cwd, directory))
  say(context, { breaks }, breaks.flatMap(linesOf).join('\n'))
  return exitCode.done
}

async function content(directory: string, subject: string | null, context: Context): Promise<number> {
  const { contentOf } = await loadLab()
  const held = contentOf(resolve(context.terminal.cwd, directory), subject)
  if (held.length === 0)
    throw new Problem('usage', {
      subject: subject ?? directory,
      message: 'This lab holds nothing of that name.',
      hint: 'holdfast lab content names every subject.',
    })
  const lines = held.map(({ kind, subject: of, content: things }) => {
    const digest = hash('sha256', JSON.stringify(things), 'hex').slice(0, 12)
    return `${kind} of ${of}: ${things === null ? 'not there' : `${Object.keys(things).length} (${digest})`}`
  })
  say(context, { content: held }, lines.join('\n'))
  return exitCode.done
}

async function listActs(directory: string, context: Context): Promise<number> {
  const { actsOf } = await loadLab()
  const acts = actsOf(resolve(context.terminal.cwd, directory))
  say(context, { acts }, acts.flatMap(linesOf).join('\n'))
  return exitCode.done
}

interface Listed {
  kind: string
  subjects: string[]
  details: string[]
  path?: string
  does: string
}

function linesOf({ kind, subjects, details, path, does }: Listed): string[] {
  const choices = [...details, ...(path === undefined ? [] : [`a path (${path})`])]
  return [
    choices.length === 0 ? kind : `${kind}: ${choices.join(', ')}`,
    ...paragraph(does, 74).map((line) => `    ${line}`),
    ...(subjects.length === 0 ? [] : [`    such as ${subjects.slice(0, 2).join(', ')}`]),
  ]
}

async function perform(directory: string, request: Asked, context: Context): Promise<number> {
  const { kind, subject, detail } = request
  if (kind === undefined || subject === undefined)
    throw new Problem('usage', {
      message: 'An act and a subject are needed.',
      hint: 'holdfast lab do --list shows them; then: holdfast lab do ACT SUBJECT [DETAIL]',
    })
  const { act } = await loadLab()
  const { cwd } = context.terminal
  await act(resolve(cwd, directory), { kind, subject, detail: detail ?? null }, cwd)
  say(context, { do: { kind, subject } }, `Done: ${kind} ${subject}`)
  return exitCode.done
}

async function alter(
  name: 'break' | 'repair',
  directory: string,
  { kind, subject, detail }: Asked,
  context: Context,
): Promise<number> {
  if (kind === undefined || subject === undefined)
    throw new Problem('usage', {
      message: 'A kind and a subject are needed.',
      hint: 'holdfast lab break --list shows them; then: holdfast lab break KIND SUBJECT [DETAIL]',
    })
  const { change } = await loadLab()
  await change(resolve(context.terminal.cwd, directory), name, { kind, subject, detail: detail ?? null })
  say(context, { [name]: { kind, subject } }, `${name === 'break' ? 'Broken' : 'Repaired'}: ${kind} ${subject}`)
  return exitCode.done
}

async function tell(folder: string, context: Context): Promise<void> {
  const found = await labStatus(folder)
  const next = [
    `The lab is up in ${folder}: ${found.hosts.length} machines.`,
    '',
    `  make a backup:       holdfast run --once --config ${found.config}`,
    `  see the sets:        holdfast sets --config ${found.config}`,
    `  change the policy:   cd ${found.clone}, edit, git commit -am "...", git push`,
    `  break something:     holdfast lab break --list --dir ${folder}`,
    `  end it:              holdfast lab down ${folder}`,
  ]
  say(context, found, next.join('\n'))
}

function describe({ directory, pid, hosts, broken, ...places }: LabStatus): string {
  const { config, clone, share, topology, listen } = places
  const width = Math.max(...hosts.map(({ fqdn }) => fqdn.length))
  return [
    `${directory}: ${pid === null ? 'down' : `up (process ${pid})`}`,
    ...Object.entries({ config, clone, share, topology, listen }).map(
      ([name, value]) => `  ${name.padEnd(10)}${value}`,
    ),
    '',
    ...hosts.map(({ fqdn, roles, state }) => `  ${fqdn.padEnd(width)}  ${state.padEnd(4)}  ${roles.join(', ')}`),
    ...(broken.length === 0 ? [] : ['', 'Broken:']),
    ...broken.map(({ kind, subject, detail }) => `  ${kind} ${subject} (${detail})`),
  ].join('\n')
}

function say(context: Context, json: object, text: string): void {
  context.terminal.out(context.output === 'json' ? `${JSON.stringify(json)}\n` : `${text}\n`)
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else
      signal.addEventListener('abort', () => {
        resolve()
      })
  })
}

function signalOf(asked: Promise<void>): AbortSignal {
  const controller = new AbortController()
  void asked.then(() => {
    controller.abort()
  })
  return controller.signal
}
