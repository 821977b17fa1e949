import type { Progress } from '../act/handler.ts'
import { systemClock } from '../base/clock.ts'
import { createLog, type Log } from '../base/log.ts'
import { systemRandom } from '../base/random.ts'
import { readConfig } from '../config/config.ts'
import type { Plan } from '../domain/plan.ts'
import type { SetId } from '../domain/words.ts'
import { startDaemon, type DaemonOptions, type RunReport } from '../reconcile/daemon.ts'
import { verdictOf } from '../plan/verdict/verdict.ts'
import { runOnceView } from '../views/run-once.ts'
import type { AddCommand, Context, Terminal } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { progressOf } from './progress.ts'
import { counted } from './render.ts'
import { verdictLine } from './verdict-text.ts'

export const addRun: AddCommand = (program, run) => {
  program
    .command('run')
    .option('--once', 'make passes until nothing is due and nothing in flight, then exit')
    .description('the daemon')
    .action(({ once = false }: { once?: boolean }) => run((context) => (once ? runOnce(context) : runDaemon(context))))
}

async function runDaemon(context: Context): Promise<number> {
  const config = await readConfig(context.configFile)
  const log = await daemonLog(context.terminal, config.log.level)
  await using daemon = await startDaemon(config, { ...replacing(context), log })
  log.info({ config: config.file, pid: process.pid }, 'the daemon runs')
  await daemon.run(context.terminal.signal)
  log.info({}, 'the daemon ends')
  return exitCode.done
}

/** A daemon begins a new state store in place of a damaged one; no other command does. */
function replacing({
  terminal: { signal },
}: Context): Pick<DaemonOptions, 'clock' | 'random' | 'signal' | 'replacesStore'> {
  return { clock: systemClock, random: systemRandom, signal, replacesStore: true }
}

async function runOnce(context: Context): Promise<number> {
  const { terminal, output } = context
  const config = await readConfig(context.configFile)
  const log = await daemonLog(terminal, output === 'json' ? 'error' : config.log.level)
  await using daemon = await startDaemon(config, { ...replacing(context), log })
  const report = await daemon.untilIdle({ signal: terminal.signal })
  terminal.out(output === 'json' ? `${JSON.stringify(runOnceView(report))}\n` : describe(report))
  return codeOf(report)
}

/**
 * Refused when all that was due met a guard; partly done when some of it did, an action of this run did not end well, or
 * the newest revision was not the one applied.
 */
function codeOf({ actions, headInvalid, refused }: RunReport): number {
  const isRefused = refused.length > 0 || actions.some(({ outcome }) => outcome === 'refused')
  if (isRefused && actions.every(({ outcome }) => outcome === 'refused')) return exitCode.refused
  const isWhole = !isRefused && !headInvalid && actions.every(({ outcome }) => outcome === 'done')
  return isWhole ? exitCode.done : exitCode.partly
}

function describe({ revision, passes, actions, headInvalid, refused, snapshot }: RunReport): string {
  const lines = actions.map(({ kind, subject, outcome, set, message }) =>
    [outcome.padEnd(11), kind, set ?? subject, message === null ? '' : `(${message})`].join(' ').trimEnd(),
  )
  const summary = `${counted(actions.length, 'action')} in ${counted(passes, 'pass')} on revision ${revision.slice(0, 12)}.`
  const warning = headInvalid
    ? ['The newest revision is invalid; the last good one was applied (holdfast status tells more).']
    : []
  const refusals = refused.map(
    ({ guard, actions: ids, message, override }) =>
      `REFUSED     ${counted(ids.length, 'action')}: ${message} ${override} [${guard}]`,
  )
  const heart = { running: true, lastPassAt: snapshot.plan.at }
  return `${[...lines, ...refusals, summary, ...warning, verdictLine(verdictOf(snapshot, heart))].join('\n')}\n`
}

/**
 * The daemon with its runs on the screen instead of its log, until the terminal's signal: the second half of `lab run`.
 * `settled` gets the folder of the largest set that was made, when for the first time no run is due or under way.
 */
export async function runDaemonInTerminal(
  configFile: string,
  context: Context,
  settled: (folder: string | null) => string,
): Promise<void> {
  const config = await readConfig(configFile)
  const log = await daemonLog(context.terminal, 'error')
  using progress = await progressOf(context)
  const first = firstRuns()
  let revision = ''
  let verdict = ''
  await using daemon = await startDaemon(config, {
    ...replacing(context),
    log,
    onProgress(event) {
      first.note(event)
      progress.show(event)
    },
    onPass({ snapshot }) {
      const { plan } = snapshot
      if (plan.revision !== revision) progress.say(`revision ${plan.revision.slice(0, 12)} is in force`)
      revision = plan.revision
      const said = verdictLine(verdictOf(snapshot, { running: true, lastPassAt: plan.at }))
      if (said !== verdict) progress.say(said)
      verdict = said
      if (first.haveEnded(plan)) progress.say(settled(first.folder()))
    },
  })
  await daemon.run(context.terminal.signal)
}

/** Follows the runs until all that were due at the start have ended. */
function firstRuns() {
  const running = new Map<SetId, number>()
  let largest: { path: string; items: number } | null = null
  let told = false
  return {
    folder: () => largest?.path ?? null,
    note(event: Progress): void {
      if (event.kind === 'set-started') running.set(event.set, event.items.length)
      if (event.kind !== 'set-ended') return
      const items = running.get(event.set) ?? 0
      running.delete(event.set)
      if (items > (largest?.items ?? 0)) largest = { path: event.path, items }
    },
    /** True once: at the first plan with nothing left to run, after a run or where every policy is kept. */
    haveEnded({ actions, conditions }: Plan): boolean {
      if (told || running.size > 0 || actions.some(({ kind }) => kind === 'create-backup-set')) return false
      const kept = conditions.filter(({ type }) => type === 'BackupCurrent')
      told = largest !== null || (kept.length > 0 && kept.every(({ status }) => status === 'true'))
      return told
    },
  }
}

/** JSON lines on standard error; readable ones on a terminal. */
async function daemonLog(terminal: Terminal, level: string): Promise<Log> {
  const write = (line: string): void => {
    terminal.err(line)
  }
  if (!terminal.interactive) return createLog({ write }, level)
  const { default: pretty } = await import('pino-pretty') // memory that a service need not spend
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
