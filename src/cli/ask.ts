import { userInfo } from 'node:os'
import { systemClock } from '../base/clock.ts'
import { Problem } from '../base/problem.ts'
import { systemRandom } from '../base/random.ts'
import type { Progress } from '../act/handler.ts'
import type { Config } from '../config/config.ts'
import type { Action, Attempt, Request, Wish } from '../domain/words.ts'
import { startDaemon } from '../reconcile/daemon.ts'
import { openStore } from '../store/store.ts'
import type { Context } from './command.ts'
import { quietLog } from './open.ts'

const pollMilliseconds = 200

export interface Asked {
  request: Request
  /** Null when a daemon will serve it and nobody waited. */
  answer: Attempt | null
}

export interface AskOptions {
  /** Wait for the end even when a daemon does the work. Without a daemon the command does it itself, always. */
  wait: boolean
  onProgress?: (progress: Progress) => void
}

/** Writes the wishes down as requests. A running daemon takes them; without one, this process holds the lease and serves only them. */
export async function ask(
  wishes: readonly Wish[],
  config: Config,
  context: Context,
  options: AskOptions,
): Promise<Asked[]> {
  using store = openStore(config.state, 'act', systemClock)
  const actor = userInfo().username
  const requests = wishes.map((wish) => store.requests.ask(wish, actor))
  if (store.lease.holder() === null) await serve(requests, config, context, options)
  else if (options.wait) await waitFor(requests, config, context)
  return requests.map((request) => ({ request, answer: store.requests.find(request.id)?.answer ?? null }))
}

async function serve(
  requests: readonly Request[],
  config: Config,
  context: Context,
  { onProgress }: AskOptions,
): Promise<void> {
  const asked = new Set(requests.map(({ id }) => id))
  const policies = new Set(requests.flatMap(({ wish }) => ('backup' in wish ? [wish.backup.toLowerCase()] : [])))
  // The pointer of a policy follows its new set: without it `$Backup` would stay behind until a daemon runs.
  const wanted = (action: Action): boolean =>
    (action.request !== null && asked.has(action.request.id)) ||
    (action.kind === 'point-backup' && policies.has(action.policy.toLowerCase()))
  await using daemon = await startDaemon(config, {
    clock: systemClock,
    random: systemRandom,
    log: quietLog(context),
    ...(onProgress ? { onProgress } : {}),
  })
  await daemon.untilIdle({ wanted, signal: context.terminal.signal })
}

async function waitFor(requests: readonly Request[], config: Config, context: Context): Promise<void> {
  using store = openStore(config.state, 'read', systemClock)
  while (requests.some(({ id }) => !store.requests.find(id)?.answer)) {
    if (store.lease.holder() === null)
      throw new Problem('daemon-gone', {
        message: 'The daemon that was to serve the request has ended.',
        hint: 'The request stands. Start the daemon again, or repeat the command: without a daemon it does the work itself.',
      })
    await systemClock.sleep(pollMilliseconds, context.terminal.signal)
  }
}
