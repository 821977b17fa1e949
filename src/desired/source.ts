import PQueue from 'p-queue'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { logFields, Problem, toProblem } from '../base/problem.ts'
import { systemRandom, type Random } from '../base/random.ts'
import type { Config } from '../config/config.ts'
import { localRepository } from '../config/git-url.ts'
import type { Commit } from '../domain/commit.ts'
import type { Facts, RevisionFault, Rewriting, SourceTrouble } from '../domain/facts.ts'
import type { Desired } from '../domain/model.ts'
import type { Observation } from '../domain/observation.ts'
import type { Fault, Loaded } from './load.ts'
import { openMirror, type Mirror } from './mirror.ts'
import { readAt } from './read-at.ts'
import { watchSource } from './watch.ts'

/** The Git repository as a source of desired state. Reports itself as an observation, like any probe. */
export interface Source extends AsyncDisposable {
  /** Desired state of the newest valid revision; null when none was ever read. Survives an unreachable Git. */
  lastGood(): Desired | null
  fact(): Observation<Facts['source']>
  /** Fetches and reads the head now. Never rejects: what went wrong is in `fact()`. */
  refresh(signal?: AbortSignal): Promise<void>
  /** Any commit or name of one (`main`, `HEAD~1`, a short hash), as desired state. Throws Problem `revision-unknown`. */
  at(revision: string): Promise<Loaded & { revision: string }>
  /** Somebody has acknowledged that the history was rewritten: from now on it is told no more. */
  acknowledgeRewriting(): void
  /** Starts to watch a local repository, or to fetch a remote one by interval with jitter, and calls `wake` after each change of `fact()`. */
  watch(wake: () => void): void
}

type SourceFact = Facts['source']

const slowMilliseconds = 5000
const slowAgainMilliseconds = 3_600_000

/**
 * Opens the mirror (a bare repository in `<state>.mirror`), making it when missing; fetches nothing yet. `lastGood`: the
 * revision last applied, so that a restart under an invalid head or without Git goes on where it was.
 */
export async function openSource(
  config: Pick<Config, 'git' | 'state'>,
  lastGood: string | null,
  clock: Clock,
  log: Log,
  random: Random = systemRandom,
): Promise<Source> {
  const { url, branch, path } = config.git
  const mirror = await openMirror(`${config.state}.mirror`, config.git, clock)
  const closed = new AbortController()
  const applied = lastGood === null ? null : await mirror.commit(lastGood, closed.signal)
  const before = applied === null ? null : await readAt(mirror, applied, path, { clock, signal: closed.signal })
  let good: Desired | null = before?.ok === true ? before.desired : null
  let rewriting = good && (await unlessRestored(await mirror.rewriting(closed.signal), good.revision, closed.signal))
  const first: SourceFact = {
    head: null,
    lastGood: good?.revision ?? null,
    ...(good && (await authorsOf(good, closed.signal))),
    fetchedAt: null,
    unreachable: null,
    invalid: [],
    rewritten: rewriting,
  }
  let fact = observation(first, clock.now())
  /** The head as it was read last; before the first look, what was applied last, which it mostly is. */
  let judged: (Loaded & { revision: string }) | null =
    before?.ok === true ? { ...before, revision: before.desired.revision } : null
  let judgedAt = clock.monotonic()
  const turn = new PQueue({ concurrency: 1 })

  function observation(value: SourceFact, at: string): Observation<SourceFact> & { known: true } {
    const subject = good?.deployment.name ?? 'git'
    return { subject, at, since: at, source: `git ${url}`, known: true, value }
  }

  function report(value: SourceFact): void {
    const next = observation(value, clock.now())
    fact = { ...next, since: same(fact.value, value) ? fact.since : next.at }
  }

  async function look(signal: AbortSignal): Promise<void> {
    const seen: SourceFact = { ...fact.value, unreachable: null }
    try {
      await fetch(signal)
      seen.fetchedAt = clock.now()
      const head = await mirror.commit(`refs/heads/${branch}`, signal)
      if (head === null) throw await branchMissing(mirror, branch, signal)
      if (head !== seen.head || isWorthAnotherTry(seen)) {
        Object.assign(seen, await judge(head, signal))
        judgedAt = clock.monotonic()
      }
    } catch (thrown) {
      if (signal.aborted) return
      seen.unreachable = troubleOf(toProblem(thrown))
      const { code, message, hint } = seen.unreachable
      if (fact.value.unreachable?.message !== message) log.warn({ url, code, hint }, message)
    }
    report(seen)
  }

  /** Only a machine that was too busy may find the same head valid later. */
  function isWorthAnotherTry({ invalid }: SourceFact): boolean {
    const isSlow = invalid.some(({ code }) => code === 'desired-state-too-slow')
    return isSlow && clock.monotonic() - judgedAt > slowAgainMilliseconds
  }

  /** Whoever waits for a server that hangs can see what for, once. */
  async function fetch(signal: AbortSignal): Promise<void> {
    const answered = new AbortController()
    const tellOnce = (): void => {
      if (fact.value.unreachable === null)
        log.warn({ url }, `the repository has not answered for ${slowMilliseconds / 1000} s`)
    }
    clock
      .sleep(slowMilliseconds, answered.signal)
      .then(tellOnce)
      .catch(() => {}) // it has answered
    try {
      await mirror.fetch(signal)
    } finally {
      answered.abort()
    }
  }

  /** Reads a head that is new to us. */
  async function judge(head: string, signal: AbortSignal): Promise<Partial<SourceFact>> {
    const [loaded, rewritten] = await Promise.all([
      judged?.ok === true && judged.revision === head ? judged : readAt(mirror, head, path, { clock, signal }),
      rewritingUpTo(head, signal),
    ])
    judged = { ...loaded, revision: head }
    for (const warning of loaded.warnings) log.warn({ revision: head }, faultOf(warning).message)
    if (!loaded.ok) {
      const invalid = loaded.errors.map(faultOf)
      const faults = invalid.map(({ message }) => message)
      const instead = good ? 'the last good one stays in force' : 'no earlier one is in force'
      log.error({ revision: head, faults }, `the newest revision is invalid; ${instead}`)
      return { head, invalid, rewritten }
    }
    const isInForce = head === good?.revision
    const [authors] = await Promise.all([isInForce ? {} : authorsOf(loaded.desired, signal), mirror.keep(head, signal)])
    if (rewritten?.to !== rewriting?.to) await mirror.remember(rewritten, signal)
    rewriting = rewritten
    good = loaded.desired
    return { head, lastGood: head, ...authors, invalid: [], rewritten }
  }

  /** Who made the revision, and who declared what is to be restored. */
  async function authorsOf(
    { revision, recoveries, userRecoveries }: Desired,
    signal: AbortSignal,
  ): Promise<Required<Pick<SourceFact, 'commit' | 'declared'>>> {
    const declared: Record<string, Commit> = {}
    const open = [...recoveries.filter(({ finished }) => finished === null), ...userRecoveries]
    for (const { name, file } of open) {
      const change = await mirror.lastChange(revision, file, signal)
      if (change) declared[name] = change
    }
    return { commit: await mirror.about(revision, signal), declared }
  }

  /** The rewriting that a head is the outcome of: by itself, or by a head before it that nobody has acknowledged. */
  async function rewritingUpTo(head: string, signal: AbortSignal): Promise<Rewriting | null> {
    if (good === null) return null
    const isOrdinary = await mirror.descends(head, good.revision, signal)
    const found = isOrdinary ? rewriting : { from: rewriting?.from ?? good.revision, to: head }
    return unlessRestored(found, head, signal)
  }

  /** Who pushes the old history again has undone it. */
  async function unlessRestored(found: Rewriting | null, head: string, signal: AbortSignal): Promise<Rewriting | null> {
    return found && (await mirror.descends(head, found.from, signal)) ? null : found
  }

  /** One at a time: two fetches into one mirror would fight for its locks. */
  function refresh(signal?: AbortSignal): Promise<void> {
    const either = signal ? AbortSignal.any([signal, closed.signal]) : closed.signal
    return turn.add(() => look(either))
  }

  async function at(revision: string): Promise<Loaded & { revision: string }> {
    const { signal } = closed
    const found = (await mirror.commit(revision, signal)) ?? (await fetchFor(revision))
    if (found === null)
      throw new Problem('revision-unknown', {
        subject: revision,
        message: 'The repository has no commit of that name.',
        hint: 'Use a full or short hash, a branch, a tag, or a form such as HEAD~1. Was it pushed?',
      })
    return judged?.revision === found
      ? judged
      : { ...(await readAt(mirror, found, path, { clock, signal })), revision: found }
  }

  async function fetchFor(revision: string): Promise<string | null> {
    await refresh()
    return mirror.commit(revision, closed.signal)
  }

  let watching: AsyncDisposable | null = null
  return {
    lastGood: () => good,
    fact: () => fact,
    refresh,
    at,
    acknowledgeRewriting() {
      const forget = async (): Promise<void> => {
        // Also when the source is closed right after: once said, it is said.
        await mirror.remember(null, new AbortController().signal)
        rewriting = null
        report({ ...fact.value, rewritten: null })
      }
      turn.add(forget).catch((thrown: unknown) => log.warn(logFields(toProblem(thrown)), 'a rewriting stays told'))
    },
    watch(wake) {
      const look = async (): Promise<void> => {
        const { value } = fact
        await refresh()
        if (!same(value, fact.value)) wake()
      }
      const repository = localRepository(url)
      watching ??= watchSource({ repository, intervalSeconds: config.git.intervalSeconds, look, clock, random, log })
    },
    async [Symbol.asyncDispose]() {
      closed.abort(new Problem('interrupted', { message: 'The source was closed.' }))
      await watching?.[Symbol.asyncDispose]()
      await turn.onIdle()
    },
  }
}

async function branchMissing(mirror: Mirror, branch: string, signal: AbortSignal): Promise<Problem> {
  const others = await mirror.branches(signal)
  if (others.length === 0)
    return new Problem('source-empty', {
      message: 'The repository is empty: it has no branch.',
      hint: `Push the first commit:  git push origin HEAD:${branch}`,
    })
  return new Problem('source-branch-missing', {
    message: `The repository has no branch ${branch}; it has ${others.slice(0, 10).join(', ')}.`,
    hint: 'Check git.branch in holdfast.yaml, or push that branch.',
  })
}

function troubleOf({ code, message, hint }: Problem): SourceTrouble {
  return { code, message, hint }
}

function faultOf({ code, file, line, column, message }: Fault): RevisionFault {
  return { code, message: `${file}:${line}:${column}: ${message}` }
}

/** Equal but for the time of the last answer, which changes with every fetch. */
function same(a: SourceFact, b: SourceFact): boolean {
  return JSON.stringify({ ...a, fetchedAt: null }) === JSON.stringify({ ...b, fetchedAt: null })
}
