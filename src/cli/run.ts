import pretty from 'pino-pretty'
import { systemClock } from '../base/clock.ts'
import { createLog, type Log } from '../base/log.ts'
import { systemRandom } from '../base/random.ts'
import { readConfig } from '../config/config.ts'
import { startDaemon, type RunReport } from '../reconcile/daemon.ts'
import { runOnceView } from '../views/run-once.ts'
import type { AddCommand, Context, Terminal } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { progressOf } from './progress.ts'
import { counted } from './render.ts'

export const addRun: AddCommand = (program, run) => {
  program
    .command('run')
    .option('--once', 'make passes until nothing is due and nothing in flight, then exit')
    .description('the daemon')
    .action(({ once = false }: { once?: boolean }) => run((context) => (once ? runOnce(context) : runDaemon(context))))
}

async function runDaemon(context: Context): Promise<number> {
  const config = await readConfig(context.configFile)
  const log = daemonLog(context.terminal, config.log.level)
  await using daemon = await startDaemon(config, { clock: systemClock, random: systemRandom, log })
  log.info({ config: config.file, pid: process.pid }, 'the daemon runs')
  await daemon.run(context.terminal.signal)
  log.info({}, 'the daemon ends')
  return exitCode.done
}

async function runOnce(context: Context): Promise<number> {
  const { terminal, output } = context
  const config = await readConfig(context.configFile)
  const log = daemonLog(terminal, output === 'json' ? 'error' : config.log.level)
  await using daemon = await startDaemon(config, { clock: systemClock, random: systemRandom, log })
  const report = await daemon.untilIdle({ signal: terminal.signal })
  terminal.out(output === 'json' ? `${JSON.stringify(runOnceView(report))}\n` : describe(report))
  return codeOf(report)
}

/** Partly done when an action of this run did not end well, or the newest revision was not the one applied. */
function codeOf({ actions, headInvalid }: RunReport): number {
  return headInvalid || actions.some(({ outcome }) => outcome !== 'done') ? exitCode.partly : exitCode.done
}

function describe({ revision, passes, actions, headInvalid }: RunReport): string {
  const lines = actions.map(({ kind, subject, outcome, set, message }) =>
    [outcome.padEnd(11), kind, set ?? subject, message === null ? '' : `(${message})`].join(' ').trimEnd(),
  )
  const summary = `${counted(actions.length, 'action')} in ${counted(passes, 'pass')} on revision ${revision.slice(0, 12)}.`
  const warning = headInvalid
    ? ['The newest revision is invalid; the last good one was applied (holdfast status tells more).']
    : []
  return `${[...lines, summary, ...warning].join('\n')}\n`
}

/** The daemon with its runs on the screen instead of its log, until the terminal's signal: the second half of `lab run`. */
export async function runDaemonInTerminal(configFile: string, context: Context): Promise<void> {
  const config = await readConfig(configFile)
  const log = daemonLog(context.terminal, 'error')
  using progress = progressOf(context)
  let revision = ''
  await using daemon = await startDaemon(config, {
    clock: systemClock,
    random: systemRandom,
    log,
    onProgress: progress.show,
    onPlan(plan) {
      if (plan.revision !== revision) progress.say(`revision ${plan.revision.slice(0, 12)} is in force`)
      revision = plan.revision
    },
  })
  await daemon.run(context.terminal.signal)
}

/** JSON lines on standard error; readable ones on a terminal. */
function daemonLog(terminal: Terminal, level: string): Log {
  const write = (line: string): void => {
    terminal.err(line)
  }
  if (!terminal.interactive) return createLog({ write }, level)
  const stream = pretty({
    colorize: true,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname',
    singleLine: true,
    destination: 2,
    sync: true,
  })
  return createLog(stream, level)
}
