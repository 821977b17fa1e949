import type { Clock } from '../base/clock.ts'
import { scrub, type Log } from '../base/log.ts'
import { Problem, toProblem } from '../base/problem.ts'
import { systemRandom, type Random } from '../base/random.ts'
import type { Config } from '../config/config.ts'
import { localRepository } from '../config/git-url.ts'
import type { Facts } from '../domain/facts.ts'
import type { Desired } from '../domain/model.ts'
import type { Observation } from '../domain/observation.ts'
import { load, type Fault, type Loaded } from './load.ts'
import { openMirror, withoutCredentials, type Mirror } from './mirror.ts'
import { watchSource } from './watch.ts'

/** The Git repository as a source of desired state. Reports itself as an observation, like any probe. */
export interface Source extends AsyncDisposable {
  /** Desired state of the newest valid revision; null when none was ever read. Survives an unreachable Git. */
  lastGood(): Desired | null
  fact(): Observation<Facts['source']>
  /** Fetches and reads the head now. Never rejects: what went wrong stands in `fact()`. */
  refresh(signal?: AbortSignal): Promise<void>
  /** Any commit or name of one (`main`, `HEAD~1`, a short hash), as desired state. Throws Problem `revision-unknown`. */
  at(revision: string): Promise<Loaded & { revision: string }>
  /** Starts to watch a local repository, or to fetch a remote one by interval with jitter, and calls `wake` after each change of `fact()`. */
  watch(wake: () => void): void
}

type SourceFact = Facts['source']

/**
 * Opens the mirror (a bare repository in `<state>.mirror`), making it when missing; fetches nothing yet. `lastGood`: the
 * revision last applied, so that a restart under an invalid head or without Git goes on where it was.
 */
export async function openSource(
  config: Config,
  lastGood: string | null,
  clock: Clock,
  log: Log,
  random: Random = systemRandom,
): Promise<Source> {
  const { url, branch, path } = config.git
  const mirror = await openMirror({ folder: `${config.state}.mirror`, url, branch }, clock)
  const closed = new AbortController()
  const applied = lastGood === null ? null : await mirror.commit(lastGood, closed.signal)
  const before = applied === null ? null : await readAt(mirror, applied, path, closed.signal)
  let good: Desired | null = before?.ok === true ? before.desired : null
  const first: SourceFact = {
    head: null,
    lastGood: good?.revision ?? null,
    ...(good && { commit: await mirror.about(good.revision, closed.signal) }),
    fetchedAt: null,
    unreachable: null,
    invalid: [],
  }
  let fact = observation(first, clock.now())
  let turn: Promise<void> = Promise.resolve()

  function observation(value: SourceFact, at: string): Observation<SourceFact> & { known: true } {
    const subject = good?.deployment.name ?? 'git'
    return { subject, at, since: at, source: `git ${withoutCredentials(scrub(url))}`, known: true, value }
  }

  function report(value: SourceFact): void {
    const next = observation(value, clock.now())
    fact = { ...next, since: same(fact.value, value) ? fact.since : next.at }
  }

  async function look(signal: AbortSignal): Promise<void> {
    const seen: SourceFact = { ...fact.value, unreachable: null }
    try {
      await mirror.fetch(signal)
      seen.fetchedAt = clock.now()
      const head = await mirror.commit(`refs/heads/${branch}`, signal)
      if (head === null) throw await branchMissing(mirror, branch, signal)
      if (head !== seen.head) Object.assign(seen, await judge(head, signal))
    } catch (thrown) {
      if (signal.aborted) return
      seen.unreachable = toProblem(thrown).message
      if (fact.value.unreachable !== seen.unreachable) log.warn({ url: withoutCredentials(url) }, seen.unreachable)
    }
    report(seen)
  }

  /** Reads a head that is new to us. */
  async function judge(head: string, signal: AbortSignal): Promise<Partial<SourceFact>> {
    const loaded = await readAt(mirror, head, path, signal)
    for (const warning of loaded.warnings) log.warn({ revision: head }, lineOf(warning))
    const rewritten = good !== null && good.revision !== head && !(await mirror.descends(head, good.revision, signal))
    if (!loaded.ok) {
      const invalid = loaded.errors.map(lineOf)
      log.error({ revision: head, faults: invalid }, 'the newest revision is invalid; the last good one stays in force')
      return { head, invalid, rewritten }
    }
    await mirror.keep(head, signal)
    good = loaded.desired
    return { head, lastGood: head, commit: await mirror.about(head, signal), invalid: [], rewritten }
  }

  /** One at a time: two fetches into one mirror would fight for its locks. */
  function refresh(signal?: AbortSignal): Promise<void> {
    const either = signal ? AbortSignal.any([signal, closed.signal]) : closed.signal
    turn = turn.then(() => look(either))
    return turn
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
    return { ...(await readAt(mirror, found, path, signal)), revision: found }
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
      await turn
    },
  }
}

/** Desired state of one commit that the mirror has. */
async function readAt(mirror: Mirror, commit: string, path: string, signal: AbortSignal): Promise<Loaded> {
  const files = await mirror.files(commit, path, signal)
  return files.length > 0 ? load(commit, files) : nothingThere(path)
}

function nothingThere(path: string): Loaded {
  const fault: Fault = {
    code: 'desired-state-empty',
    file: path,
    line: 1,
    column: 1,
    message: 'There is no folder of that name in this revision, or no .yaml file below it.',
    hint: 'Check git.path in holdfast.yaml. An empty desired state is refused.',
  }
  return { ok: false, errors: [fault], warnings: [] }
}

async function branchMissing(mirror: Mirror, branch: string, signal: AbortSignal): Promise<Problem> {
  const others = await mirror.branches(signal)
  return new Problem('source-unreachable', {
    message:
      others.length === 0
        ? 'The repository is empty: it has no branch.'
        : `The repository has no branch ${branch}; it has ${others.slice(0, 10).join(', ')}.`,
  })
}

function lineOf({ file, line, column, message }: Fault): string {
  return `${file}:${line}:${column}: ${message}`
}

/** Equal but for the time of the last answer, which changes with every fetch. */
function same(a: SourceFact, b: SourceFact): boolean {
  return JSON.stringify({ ...a, fetchedAt: null }) === JSON.stringify({ ...b, fetchedAt: null })
}
