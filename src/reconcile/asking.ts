import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { Problem, toProblem } from '../base/problem.ts'
import type { Random } from '../base/random.ts'
import type { Progress } from '../act/handler.ts'
import type { Config } from '../config/config.ts'
import { foldSubject } from '../domain/subject.ts'
import type { Action, Attempt, Request, Wish } from '../domain/action.ts'
import { startDaemon } from './daemon.ts'
import { openStore, type Store } from '../store/store.ts'

const pollMilliseconds = 200
/** A daemon that has not taken a request after this long is busy with something else. */
const handOverMilliseconds = 10_000

export interface Asked {
  request: Request
  /** Null when a daemon will serve it and nobody waited for the end. */
  answer: Attempt | null
  /** It is under way. */
  begun: boolean
}

export interface AskOptions {
  clock: Clock
  random: Random
  log: Log
  signal: AbortSignal
  /** Who asks, for the journal. */
  actor: string
  /** Wait for the end even when a daemon does the work. Without a daemon the command does it itself, always. */
  wait: boolean
  onProgress?: (progress: Progress) => void
}

/**
 * Writes the wishes down as requests. A running daemon takes them; without one, this process holds the lease and serves
 * requests, nothing else.
 */
export async function ask(wishes: readonly Wish[], config: Config, options: AskOptions): Promise<Asked[]> {
  using store = openStore(config.state, 'act', options.clock)
  const requests = wishes.map((wish) => store.requests.ask(wish, options.actor))
  if (store.lease.holder() === null) await serveInTurn(requests, store, config, options)
  else if (options.wait) await waitFor(requests, config, options)
  else await handOver(requests, store, config, options)
  return requests.map((request) => {
    const found = store.requests.find(request.id)
    return { request, answer: found?.answer ?? null, begun: found?.begun === true }
  })
}

/** Until the daemon has begun them or said why not: what it refuses at once is not left to the journal. */
async function handOver(
  requests: readonly Request[],
  store: Store,
  config: Config,
  options: AskOptions,
): Promise<void> {
  const { clock, signal } = options
  const isTaken = ({ id }: Request): boolean => {
    const found = store.requests.find(id)
    return found !== null && (found.begun || found.answer !== null)
  }
  const end = clock.monotonic() + handOverMilliseconds
  while (!requests.every(isTaken) && clock.monotonic() < end) {
    // It was a short-lived command that held the lease, or the daemon has ended: nobody else would serve them.
    if (store.lease.holder() === null) return serveInTurn(requests, store, config, options)
    await clock.sleep(pollMilliseconds, signal)
  }
}

/**
 * Serves them as soon as this process gets the lease, for another command may have been faster. What comes to nothing
 * is withdrawn, so that no daemon starts it when nobody expects it any more.
 */
async function serveInTurn(
  requests: readonly Request[],
  store: Store,
  config: Config,
  options: AskOptions,
): Promise<void> {
  const open = (): Request[] => requests.filter(({ id }) => !store.requests.find(id)?.answer)
  try {
    while (open().length > 0) {
      if (store.lease.holder() === null && (await serve(requests, config, options))) break
      await options.clock.sleep(pollMilliseconds, options.signal)
    }
    const [unserved] = open()
    if (unserved)
      throw new Problem('request-unserved', {
        subject: aimOf(unserved.wish),
        message: 'What was asked for was neither started nor refused.',
        hint: 'holdfast status tells what is known of the location. Repeat the command.',
      })
  } catch (thrown) {
    const reason = `The command gave up: ${toProblem(thrown).message}`
    for (const { id } of open()) store.requests.refuse(id, { message: reason })
    throw thrown
  }
}

function aimOf(wish: Wish): string {
  if ('backup' in wish) return wish.backup
  if ('restore' in wish) return wish.restore
  return 'verify' in wish ? (wish.verify ?? '') : wish.takeOver
}

/** False when another process took the lease first. */
async function serve(
  requests: readonly Request[],
  config: Config,
  { clock, random, log, signal, onProgress }: AskOptions,
): Promise<boolean> {
  const policies = new Set(requests.flatMap(({ wish }) => ('backup' in wish ? [foldSubject(wish.backup)] : [])))
  // What others asked for is served as well: an older request of the same policy goes first, and another command that
  // found the lease taken counts on it. The pointer follows a new set: without it `$Backup` would stay behind.
  const wanted = (action: Action): boolean => {
    if (action.kind === 'point-backup') return policies.has(foldSubject(action.policy))
    if (action.request !== null && action.kind === 'create-backup-set') policies.add(foldSubject(action.policy))
    return action.request !== null
  }
  const progress = onProgress ? { onProgress } : {}
  await using daemon = await startDaemon(config, { clock, random, log, ...progress }).catch(nullWhenTaken)
  // The locations decide whether a request can be served; what else it needs, it looks at itself.
  if (daemon) await daemon.untilIdle({ wanted, looks: 'locations', signal })
  return daemon !== null
}

function nullWhenTaken(thrown: unknown): null {
  if (toProblem(thrown).code === 'another-daemon') return null
  throw thrown
}

async function waitFor(requests: readonly Request[], config: Config, { clock, signal }: AskOptions): Promise<void> {
  using store = openStore(config.state, 'read', clock)
  while (requests.some(({ id }) => !store.requests.find(id)?.answer)) {
    if (store.lease.holder() === null)
      throw new Problem('daemon-gone', {
        message: 'The daemon that was to serve the request has ended.',
        hint: 'The request stands. Start the daemon again, or repeat the command: without a daemon it does the work itself.',
      })
    await clock.sleep(pollMilliseconds, signal)
  }
}
