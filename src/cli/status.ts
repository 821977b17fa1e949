import { systemClock } from '../base/clock.ts'
import { secondsBetween, type Time } from '../base/time.ts'
import { readSettings } from '../config/config.ts'
import { overdueSeconds } from '../plan/verdict/verdict.ts'
import { expectSnapshot } from '../reconcile/reading.ts'
import { openStore } from '../store/store.ts'
import { statusView } from '../views/status.ts'
import type { AddCommand, Context } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { openForReading } from './open.ts'
import { statusInWords } from './status-text.ts'

interface Options {
  health?: boolean
  exitCode?: boolean
  all?: boolean
}

export const addStatus: AddCommand = (program, run) => {
  program
    .command('status')
    .option('--exit-code', 'exit code 5 unless the verdict is OK')
    .option('--all', 'list also what is well')
    .option('--health', 'only whether a daemon makes passes: exit code 0 or 1')
    .description('can everything be got back, now? Then what is wrong, recovery points and next runs')
    .action((options: Options) =>
      run((context) => (options.health === true ? printHealth(context) : print(options, context))),
    )
}

async function print({ all = false, exitCode: isChecked = false }: Options, context: Context): Promise<number> {
  await using reading = await openForReading(context)
  const view = statusView(expectSnapshot(reading), reading.heart)
  const { output, terminal } = context
  terminal.out(output === 'json' ? `${JSON.stringify(view)}\n` : statusInWords(view, all, context))
  return isChecked && view.verdict.state !== 'ok' ? exitCode.changesPresent : exitCode.done
}

async function printHealth(context: Context): Promise<number> {
  const { state } = await readSettings(context.configFile)
  using store = openStore(state, 'read', systemClock)
  const { healthy, message } = healthOf(store.lease.holder(), store.lastPassAt(), systemClock.now())
  const { output, terminal } = context
  terminal.out(output === 'json' ? `${JSON.stringify({ healthy, message })}\n` : `${message}\n`)
  return healthy ? exitCode.done : exitCode.failed
}

/** A daemon is healthy while it makes passes; one that has just started gets the time for its first. */
export function healthOf(
  holder: { pid: number; since: Time } | null,
  lastPassAt: Time | null,
  now: Time,
): { healthy: boolean; message: string } {
  if (holder === null) return { healthy: false, message: 'No daemon holds the lease.' }
  const isFirst = lastPassAt === null || lastPassAt < holder.since
  const age = Math.round(secondsBetween(isFirst ? holder.since : lastPassAt, now))
  const what = isFirst ? 'has made no pass since it started' : 'made its last pass'
  return { healthy: age <= overdueSeconds, message: `The daemon (pid ${holder.pid}) ${what} ${age} s ago.` }
}
